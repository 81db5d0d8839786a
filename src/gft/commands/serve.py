"""`gft_serve`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gft.commands.shell import run

if TYPE_CHECKING:
    from gft.language.program import Program


def main() -> None:
    """Run the command."""
    sys.exit(run("serve", serve_command))


def serve_command(program: Program, words: tuple[str, ...]) -> int:
    """Answer requests until a signal comes."""
    from gft.functions.inputs import with_model
    from gft.serving.serve import serve

    serve(program if words or not program.task else with_model(program), words)
    return 0
