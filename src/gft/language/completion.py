"""What completes commands in bash, zsh and fish, made from the table of arguments."""

from __future__ import annotations

from gft.errors import UserError, no_such
from gft.language.argument import FUNCTIONS, Argument, Table
from gft.language.help import SUMMARY

SHELLS = ("bash", "zsh", "fish")


def completion(shell: str, table: Table) -> str:
    """Return the script of a shell, for the arguments of `table`. Raises `UserError` for others.

    It is to be evaluated: `eval "$(gft completion bash)"` in `~/.bashrc`, the same with zsh in
    `~/.zshrc`, `gft completion fish | source` in fish's configuration.
    """
    if shell not in SHELLS:
        usage = f"say which: gft completion {' | '.join(SHELLS)}"
        raise UserError(f"{no_such('shell', shell, SHELLS)}; {usage}" if shell else usage)
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](table)


def _options(function: str, table: Table) -> list[Argument]:
    return [
        argument
        for argument in table.values()
        if function in argument.functions and not argument.no_effect
    ]


def _commands() -> list[str]:
    return [f"gft_{function}" for function in FUNCTIONS]


def _choices(function: str, table: Table) -> dict[str, tuple[str, ...]]:
    return {one.name: one.choices for one in _options(function, table) if one.choices}


def _bash(table: Table) -> str:
    cases = []
    for function in FUNCTIONS:
        names = " ".join(f"--{one.name}" for one in _options(function, table))
        cases.append(f'    {function}) words="{names} --help --help_all --version" ;;')
    values = {
        name: choices
        for function in FUNCTIONS
        for name, choices in _choices(function, table).items()
    }
    of_option = [
        f'    --{name}) words="{" ".join(choices)}" ;;' for name, choices in values.items()
    ]
    return _BASH.format(
        functions=" ".join(FUNCTIONS),
        cases="\n".join(cases),
        values="\n".join(of_option),
        commands=" ".join(_commands()),
    )


_BASH = """_gft() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}"
  local command="${{COMP_WORDS[0]##*/}}" words="" start=""
  COMPREPLY=()
  # --precision=bf: bash takes the equals sign for a word of its own, zsh for a part of this one.
  if [ "$before" = "=" ]; then
    before="${{COMP_WORDS[COMP_CWORD-2]}}"
  elif [ "$word" = "=" ]; then
    word=""
  elif [[ "$word" == --*=* ]]; then
    before="${{word%%=*}}"
    start="$before="
    word="${{word#*=}}"
  fi
  if [ "$command" = gft ]; then
    if [ "$COMP_CWORD" -eq 1 ]; then
      COMPREPLY=( $(compgen -W "{functions} completion --help --version" -- "$word") )
      return
    fi
    command="${{COMP_WORDS[1]}}"
  fi
  case "$before" in
{values}
  esac
  if [ -n "$words" ]; then
    COMPREPLY=( $(compgen -P "$start" -W "$words" -- "$word") )
    return
  fi
  if [ -n "$start" ]; then
    COMPREPLY=( $(compgen -P "$start" -f -- "$word") )
    return
  fi
  case "${{command#gft_}}" in
{cases}
    completion) words="bash zsh fish" ;;
  esac
  case "$word" in
    -*) COMPREPLY=( $(compgen -W "$words" -- "$word") ) ;;
    *) if [ "$command" = completion ]; then
         COMPREPLY=( $(compgen -W "$words" -- "$word") )
       fi ;;
  esac
}}
complete -o default -o bashdefault -F _gft gft {commands}
"""


def _zsh(table: Table) -> str:
    return "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n" + (
        _bash(table)
    )


def _fish(table: Table) -> str:
    lines = [
        "complete -c gft -n __fish_use_subcommand -f",
        "complete -c gft -n __fish_use_subcommand -f -a completion -d 'What completes commands.'",
        "complete -c gft -n '__fish_seen_subcommand_from completion' "
        f"-f -a {_quoted(' '.join(SHELLS))}",
    ]
    for function in FUNCTIONS:
        told = _quoted(SUMMARY[function])
        lines.append(f"complete -c gft -n __fish_use_subcommand -f -a {function} -d {told}")
        for argument in _options(function, table):
            for start in (
                f"complete -c gft_{function}",
                f"complete -c gft -n '__fish_seen_subcommand_from {function}'",
            ):
                choices = (
                    f" -x -a {_quoted(' '.join(argument.choices))}" if argument.choices else ""
                )
                value = "" if argument.kind == "flag" or choices else " -r"
                short = f" -s {argument.short}" if argument.short else ""
                help_text = _quoted(argument.help)
                lines.append(f"{start} -l {argument.name}{short}{value}{choices} -d {help_text}")
    pages = (("help", "the common arguments"), ("help_all", "every argument"), ("version", ""))
    for page, told in pages:
        of_all = " ".join(f"-c {command}" for command in ("gft", *_commands()))
        lines.append(f"complete {of_all} -l {page} -d {_quoted(told)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
