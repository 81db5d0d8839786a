"""Drawings of partial dependence: what is predicted on average for the values of a covariate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gft.report.drawing import BOTTOM, LEFT, TOP, Drawing, Scale, around, written

BAR = 26
"""The height of a level, in pixels."""
SHOWN = 9
"""So many characters of a level are written beside the axis."""
APART = 11
"""Names of lines are so far apart, in pixels, as the smallest words are high."""


def partial_dependence(split: Mapping[str, Any]) -> list[Drawing]:
    """Return a drawing for each covariate that has `directions` in a split of `metrics.json`."""
    probable = bool(split.get("classes") or split.get("calibration"))
    return [
        _dependence(f"direction{n}", column, found, probable)
        for n, (column, found) in enumerate(split.get("directions", {}).items())
    ]


def _dependence(name: str, column: str, found: Mapping[str, Any], probable: bool) -> Drawing:
    averages = found["averages"]
    what = "probability" if probable else "prediction"
    if len(averages) == 1:
        [label] = averages
        what = f"probability of {label}" if probable else label
    ranges = "; ".join(
        f"{label} from {written(min(means))} to {written(max(means))}"
        for label, means in averages.items()
    )
    title = f"{what[:1].upper()}{what[1:]} by {column}"
    description = f"Averages if every row had the same {column}: {ranges}."
    if not found["numeric"]:
        return _levels(Drawing(name, title, description), found, what)
    return _lines(Drawing(name, title, description), found, column, what)


def _limits(averages: Mapping[str, Sequence[float]]) -> tuple[float, float]:
    return around([mean for means in averages.values() for mean in means])


def _kind(n: int) -> str:
    return "one" if n % 2 == 0 else "two"


def _lines(drawing: Drawing, found: Mapping[str, Any], column: str, what: str) -> Drawing:
    """Draw a line for each label over the numbers of a column."""
    values, averages = found["values"], found["averages"]
    x, y = drawing.across(*around(values)), drawing.up(*_limits(averages))
    drawing.axes(x, y, column, what)
    taken: list[float] = []
    for n, (label, means) in enumerate(averages.items()):
        points = [(x(value), y(mean)) for value, mean in zip(values, means, strict=True)]
        drawing.line(points, _kind(n))
        for point, value, mean in zip(points, values, means, strict=True):
            drawing.dot(*point, f"{_kind(n)}-dot", tooltip=f"{label} at {value:g}: {mean:.4g}")
        if len(averages) > 1:
            right, height = points[-1]
            while any(abs(height - other) < APART for other in taken):
                height -= APART
            taken.append(height)
            drawing.text(right, height - 5, label, "end", kind="small")
    return drawing


def _levels(drawing: Drawing, found: Mapping[str, Any], what: str) -> Drawing:
    """Draw a line for each level of a category, with a dot for each label."""
    values, averages = found["values"], found["averages"]
    drawing.height = TOP + BAR * len(values) + BOTTOM
    x = drawing.across(*_limits(averages))
    foot = drawing.height - BOTTOM
    for value, label in x.ticks(3).items():
        drawing.line([(x(value), TOP), (x(value), foot)], "grid")
        drawing.text(x(value), foot + 18, label)
    drawing.line([(x.start, foot), (x.stop, foot)], "axis")
    drawing.text((x.start + x.stop) / 2, drawing.height - 6, what)
    rows = Scale(0, len(values), TOP, foot)
    for row, level in enumerate(values):
        height = rows(row + 0.5)
        shown = level if len(level) <= SHOWN else f"{level[: SHOWN - 1]}…"
        drawing.text(LEFT - 6, height + 4, shown, "end", kind="small")
        for n, (label, means) in enumerate(averages.items()):
            tooltip = f"{level}, {label}: {means[row]:.4g}"
            drawing.dot(x(means[row]), height, f"{_kind(n)}-dot", 5, tooltip)
            if len(averages) > 1 and row == n % len(values):
                drawing.text(x(means[row]), height - 7, label, kind="small")
    return drawing
