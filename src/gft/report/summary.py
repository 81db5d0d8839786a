"""What is in a fitted folder, in words and tables, as R's `summary(glm)` tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gft.folder import REPORT
from gft.report.card import NEXT, command
from gft.report.of_curve import curve_text
from gft.report.of_importance import importance_text
from gft.report.of_seeds import seeds_table
from gft.report.of_subgroups import subgroups_of_fit
from gft.report.sections import (
    calibration_line,
    classes_section,
    data_section,
    label_errors_sentence,
    model_section,
)
from gft.report.tables import (
    baseline_notes,
    baselines_table,
    metrics_of_fit,
    verdict_of_fit,
)
from gft.report.terminal import curves_of_fit
from gft.results.fitted import FitFacts
from gft.results.scored import split_that_counts

if TYPE_CHECKING:
    from gft.results.linear_facts import LinearFacts


GLOSSARY = f"the glossary at the end of {REPORT} explains them.\n"
WIDTH = 80
"""Characters of a line, where it can be broken."""


def fit_text(fit: FitFacts, plot: bool = False) -> str:
    """Return what a fitted folder holds, in sections with headings; with `plot` its curves."""
    record, metrics = fit.record, fit.metrics
    beside_a_net = fit.linear is not None and "regression" not in metrics
    call = command(record["program"]) + (f"{NEXT}--keep_baseline" if beside_a_net else "")
    sections = {
        "Call": _call(call),
        f"Data {record['data']['name']}": data_section(record, metrics),
        **(
            _of_linear(fit.linear, record, metrics)
            if fit.linear
            else {"Model": model_section(record, metrics)}
        ),
        "Seeds": seeds_table(metrics),
        "Metrics": metrics_of_fit(metrics),
        "Baselines (the report has all metrics)": _baselines(metrics),
        "Column importance": importance_text(metrics),
        f"Subgroups of {split_that_counts(metrics)}": subgroups_of_fit(metrics),
        "Classes": classes_section(metrics),
        "Calibration": calibration_line(metrics),
        "Label errors": _label_errors(metrics),
        "Too small to tell": "".join(f"{one}.\n" for one in fit.doubts()),
        "Learning curve": curve_text(metrics),
        "Curves": curves_of_fit(fit) if plot else "",
        "Terms": GLOSSARY if (fit.folder / REPORT).is_file() else "",
    }
    parts = [_section(name, text) for name, text in sections.items() if text]
    first = verdict_of_fit(metrics, record["greater_is_better"], fit.folder)
    return "\n".join([one for one in (first, *parts) if one])


def _section(name: str, text: str) -> str:
    """Return a section under its heading, one of a sentence beside it."""
    if text.count("\n") == 1 and len(text) <= WIDTH:
        return f"{name}: {text}"
    return f"{name}:\n{text}"


def _call(words: str) -> str:
    """Return a command in lines that are as long as they may be."""
    first, *others = words.split(NEXT)
    lines = [f"  {first}"]
    for one in others:
        if len(lines[-1]) + len(one) + 3 <= WIDTH:
            lines[-1] += f" {one}"
        else:
            lines.append(f"      {one}")
    return " \\\n".join(lines) + "\n"


def _of_linear(
    linear: LinearFacts, record: Mapping[str, Any], metrics: Mapping[str, Any]
) -> dict[str, str]:
    from gft.report.of_linear import linear_section, terms_table
    from gft.report.of_regression import regression_text

    if "regression" in metrics:
        return {"Model": f"A {linear.what}; no net.\n", "Coefficients": regression_text(metrics)}
    return {
        "Model": linear_section(linear, record["data"]["rows"]["train"]),
        "Terms with the largest weights": terms_table(linear),
    }


def _label_errors(metrics: Mapping[str, Any]) -> str:
    text = label_errors_sentence(metrics.get("label_errors"))
    return text and f"{text}\n"


def _baselines(metrics: Mapping[str, Any]) -> str:
    text = baselines_table(metrics)
    return text and text + "".join(f"{note}\n" for note in baseline_notes(metrics))
