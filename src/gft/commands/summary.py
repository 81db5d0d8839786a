"""`gft_summary`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gft.commands.shell import run

if TYPE_CHECKING:
    from gft.language.program import Program


def main() -> None:
    """Run the command."""
    sys.exit(run("summary", summary_command))


def summary_command(program: Program, words: tuple[str, ...]) -> int:
    """Print the summary."""
    from gft.functions.summarize import summarize

    print(summarize(program, words), end="")
    return 0
