"""`gft_fit`."""

from __future__ import annotations

import sys

from gft import notes
from gft.commands.shell import run
from gft.language.program import Program


def main() -> None:
    """Run the command."""
    sys.exit(run("fit", fit_command))


def fit_command(program: Program, words: tuple[str, ...]) -> int:  # noqa: ARG001
    """Fit, and print the figures."""
    from gft.functions.fit import fit
    from gft.functions.summarize import figures_table, print_table

    fitted = fit(program)
    print_table(figures_table(fitted.metrics))
    notes.say(f"the fitted model is in {fitted.folder}")
    return 0
