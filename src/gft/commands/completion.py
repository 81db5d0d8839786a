"""Completion scripts for bash, zsh and fish, made from the table of arguments."""

from __future__ import annotations

from importlib.resources import files

from gft.errors import UserError, no_such
from gft.language.argument import FUNCTIONS, Argument, Table
from gft.language.help import SUMMARY

SHELLS = ("bash", "zsh", "fish")


def completion(shell: str, table: Table) -> str:
    """Return a shell's completion script. Raises `UserError` for an unknown shell.

    Evaluate it with `eval "$(gft completion bash)"` in `~/.bashrc`, the same with zsh in
    `~/.zshrc`, or `gft completion fish | source` in fish's configuration.
    """
    if shell not in SHELLS:
        usage = f"name the shell: gft completion {' | '.join(SHELLS)}"
        raise UserError(f"{no_such('shell', shell, SHELLS)}; {usage}" if shell else usage)
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](table)


def _options(function: str, table: Table) -> list[Argument]:
    return [one for one in table.values() if function in one.functions and not one.no_effect]


def _commands() -> list[str]:
    return [f"gft_{function}" for function in FUNCTIONS]


def _bash(table: Table) -> str:
    """Return completion.bash with its placeholders between two @ filled in."""
    words, values = [], {}
    for function in FUNCTIONS:
        options = _options(function, table)
        names = " ".join(f"--{one.name}" for one in options)
        words.append(f'    {function}) words="{names} --help --help_all --version" ;;')
        for one in options:
            if one.choices:
                values[one.name] = f'    --{one.name}) words="{" ".join(one.choices)}" ;;'
    script = files("gft.commands").joinpath("completion.bash").read_text(encoding="utf-8")
    for mark, text in (
        ("@FUNCTIONS@", " ".join(FUNCTIONS)),
        ("@CASES@", "\n".join(words)),
        ("@VALUES@", "\n".join(values.values())),
        ("@COMMANDS@", " ".join(_commands())),
    ):
        script = script.replace(mark, text)
    return script


def _zsh(table: Table) -> str:
    loaded = (f"autoload -U +X {one} && {one}\n" for one in ("compinit", "bashcompinit"))
    return "".join(loaded) + _bash(table)


def _fish(table: Table) -> str:
    lines = [
        "complete -c gft -n __fish_use_subcommand -f",
        "complete -c gft -n __fish_use_subcommand -f -a completion -d 'Print a completion script.'",
        "complete -c gft -n '__fish_seen_subcommand_from completion' "
        f"-f -a {_quoted(' '.join(SHELLS))}",
    ]
    for function in FUNCTIONS:
        summary = _quoted(SUMMARY[function])
        lines.append(f"complete -c gft -n __fish_use_subcommand -f -a {function} -d {summary}")
        starts = (
            f"complete -c gft_{function}",
            f"complete -c gft -n '__fish_seen_subcommand_from {function}'",
        )
        for one in _options(function, table):
            short = f" -s {one.short}" if one.short else ""
            value = "" if one.kind == "flag" else " -r"
            if one.choices:
                value = f" -x -a {_quoted(' '.join(one.choices))}"
            option = f"-l {one.name}{short}{value} -d {_quoted(one.help)}"
            lines += [f"{start} {option}" for start in starts]
    pages = (("help", "the common arguments"), ("help_all", "every argument"), ("version", ""))
    for page, summary in pages:
        of_all = " ".join(f"-c {command}" for command in ("gft", *_commands()))
        lines.append(f"complete {of_all} -l {page} -d {_quoted(summary)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
