"""`gft_fit`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gft import notes
from gft.commands.shell import run
from gft.functions.options import Fitting, Writing

if TYPE_CHECKING:
    from gft.language.program import Program


def main() -> None:
    """Run the command."""
    sys.exit(run("fit", fit_command))


def fit_command(program: Program, words: tuple[str, ...]) -> int:
    """Fit, and print the metrics; or print the plan only."""
    if program.options.of(Fitting).dry_run or program.options.of(Fitting).preprocessing_only:
        from gft.functions.fit import plan

        print(plan(program), end="", flush=True)
        return 0
    from gft.folder import REPORT
    from gft.functions.fit import fit
    from gft.report.of_curve import curve_text
    from gft.report.of_seeds import seeds_table
    from gft.report.of_subgroups import subgroups_of_fit
    from gft.report.tables import against_linear, metrics_of_fit, verdict_of_fit
    from gft.report.terminal import curves_of_fit
    from gft.results.fitted import read_fit

    fitted = fit(program)
    metrics = fitted.metrics
    found = seeds_table(metrics) or metrics_of_fit(metrics) + against_linear(metrics)
    record, folder = fitted.opened.record, fitted.folder
    assert record is not None and folder is not None  # it was just written
    found = verdict_of_fit(metrics, record["greater_is_better"], folder) + found
    found += curve_text(metrics)
    if parts := subgroups_of_fit(metrics):
        found += f"\n{parts}"
    if program.options.of(Writing).plot:
        found += "\n" + curves_of_fit(read_fit(folder, record))
    print(found, end="", flush=True)
    notes.say(f"the fitted model is in {fitted.folder}; its {REPORT} shows how it went")
    return 0
