"""`gft_fit`."""

from __future__ import annotations

import sys

from gft import notes
from gft.commands.shell import run
from gft.language.program import Program


def main() -> None:
    """Run the command."""
    sys.exit(run("fit", fit_command))


def fit_command(program: Program, words: tuple[str, ...]) -> int:
    """Fit, and print the figures."""
    from gft.functions.fit import fit
    from gft.report.tables import figures_of_fit

    fitted = fit(program)
    print(figures_of_fit(fitted.metrics), end="", flush=True)
    notes.say(f"the fitted model is in {fitted.folder}")
    return 0
