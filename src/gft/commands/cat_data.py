"""`gft_cat_data`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gft.commands.shell import run, write_lines

if TYPE_CHECKING:
    from gft.language.program import Program


def main() -> None:
    """Run the command."""
    sys.exit(run("cat_data", cat_data_command))


def cat_data_command(program: Program, words: tuple[str, ...]) -> int:
    """Write the rows."""
    from gft.functions.cat_data import cat_data

    return write_lines(cat_data(program))
