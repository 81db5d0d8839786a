"""`gft_export`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gft.commands.shell import print_text, run

if TYPE_CHECKING:
    from gft.language.program import Program


def main() -> None:
    """Run the command."""
    sys.exit(run("export", export_command))


def export_command(program: Program, words: tuple[str, ...]) -> int:
    """Write the graph, and print the result of its comparison with the model."""
    from gft.functions.export import export

    return print_text(export(program).text())
