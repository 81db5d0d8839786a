"""`gft_init`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gft.commands.shell import print_text, run

if TYPE_CHECKING:
    from gft.language.program import Program


def main() -> None:
    """Run the command."""
    sys.exit(run("init", init_command))


def init_command(program: Program, words: tuple[str, ...]) -> int:
    """Write the suggested program."""
    from gft.functions.suggest import suggest

    return print_text(suggest(program, words).text())
