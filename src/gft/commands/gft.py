"""`gft`: every command as a sub-command, and the shells' completion."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from gft import __version__
from gft.commands.completion import SHELLS, completion
from gft.commands.shell import print_text, refused
from gft.commands.standard import check_output, fill_closed_streams, use_utf_8
from gft.errors import UserError, no_such
from gft.language.argument import FUNCTIONS
from gft.language.help import SUMMARY
from gft.registry import arguments

COMPLETION = "completion"


def main() -> None:
    """Run the command."""
    sys.exit(gft_command(sys.argv[1:]))


def gft_command(words: Sequence[str]) -> int:
    """Run a sub-command with the words after its name; return the exit status."""
    name = words[0] if words else "--help"
    fill_closed_streams()
    use_utf_8()
    try:
        check_output()
    except UserError as problem:
        return refused(problem)
    if name in ("-h", "--help", "--help_all", "--help-all", "help"):
        return print_text(overview())
    if name == "--version":
        return print_text(f"gft {__version__}\n")
    try:
        if name == COMPLETION:
            return print_text(completion(words[1] if len(words) > 1 else "", arguments()))
        folded = name.removeprefix("gft_").replace("-", "_")
        if folded not in FUNCTIONS:
            raise UserError(no_such("sub-command", name, (*FUNCTIONS, COMPLETION)))
    except UserError as problem:
        return refused(problem)
    sys.argv[1:] = words[1:]
    import_module(f"gft.commands.{folded}").main()
    return 0


def overview() -> str:
    """Return the help page: the sub-commands, one line each."""
    width = max(map(len, (*FUNCTIONS, COMPLETION))) + 2
    lines = ["gft: fit a deep net with one equation, as easily as a regression in R", ""]
    lines += [f"  gft {name:<{width}}{SUMMARY[name]}" for name in FUNCTIONS]
    lines += [
        f"  gft {COMPLETION:<{width}}Print a completion script: {', '.join(SHELLS)}.",
        "",
        "gft_fit is short for gft fit, and so on. Each has --help, with an example.",
    ]
    return "\n".join(lines) + "\n"
