"""Whether a model's probabilities can be believed: a table with counts, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gft.report.tables import percent

BINS = 10
"""In so many equal parts of 0 to 1 answers are counted."""
EVEN = 0.005
"""By less than that, confidence and share of right answers are alike."""


def calibration_rows(found: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return a row for each part of 0 to 1: its ends, how many answers, how sure, how often right.

    `found` is the calibration of a split as JSON. Parts without answers are left out.
    """
    rows = []
    for one in found["bins"]:
        index = min(BINS - 1, int(one["confidence"] * BINS + 1e-9))
        ends = f"{index / BINS:.1f} to {(index + 1) / BINS:.1f}"
        rows.append((ends, f"{one['rows']:,}", percent(one["confidence"]), percent(one["right"])))
    return rows


def if_calibrated(found: Mapping[str, Any]) -> str:
    """Return what the error would be at that size if all probabilities could be believed.

    Nothing for what was written before that was measured.
    """
    believed = found.get("if_calibrated")
    if believed is None:
        return ""
    return (
        f" (perfect calibration would give about {believed['mean']:.4f}, at most "
        f"{believed['percentile_95']:.4f} in 95 % of such splits)"
    )


def about_calibration(found: Mapping[str, Any], role: str) -> str:
    """Return in a sentence whether the model is too sure of its answers, or not sure enough."""
    count = sum(one["rows"] for one in found["bins"])
    sure, right = (
        sum(one["rows"] * one[part] for one in found["bins"]) / count
        for part in ("confidence", "right")
    )
    sentence = (
        f"The model's mean confidence in its {count:,} answers on {role} is {percent(sure)}, and "
        f"{percent(right)} of them are right: it is "
    )
    if abs(sure - right) < EVEN:
        return f"{sentence}well calibrated on average."
    how = "overconfident" if sure > right else "underconfident"
    believed = found.get("if_calibrated")
    if believed is not None and found["expected_calibration_error"] <= believed["percentile_95"]:
        return (
            f"{sentence}{how} on these rows, but not significantly: a perfectly calibrated model "
            "may look the same on so few."
        )
    return f"{sentence}{how}."
