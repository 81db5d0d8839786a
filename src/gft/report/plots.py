"""The plots of a fit: its curves, its errors, whether its probabilities can be believed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gft.metrics.per_class import Confusion
from gft.report.drawing import BOTTOM, RIGHT, TOP, Drawing, around, logged, written
from gft.report.of_calibration import if_calibrated
from gft.results.errors import ByLength, Residuals
from gft.results.scored import called

MOST_CLASSES = 20
"""More classes than that are no readable matrix."""
_CELL_LABEL = 9
MOST_OF = 0.6
"""From this share of a class on a cell is dark, with light words on it."""


def curves(
    history: Sequence[Mapping[str, float]], merit: str, shown: str | None = None
) -> list[Drawing]:
    """Return loss, selection metric and learning rate over epochs, each where it was logged.

    `shown` is what the metric is called there, if not `merit`.
    """
    found = []
    loss = {"train": logged(history, "loss"), "val": logged(history, "val_loss")}
    if loss["train"] or loss["val"]:
        found.append(_curve("loss", "Loss over epochs", loss, "loss"))
    reached = logged(history, f"val_{merit}")
    what = shown or merit
    if reached and merit != "loss":
        found.append(_curve("merit", f"{what} on val over epochs", {"val": reached}, what))
    rates = logged(history, "learning_rate")
    if rates:
        drawn = _curve("rate", "Learning rate over epochs", {"train": rates}, "learning rate")
        found.append(drawn)
    return found


def _curve(
    name: str, title: str, lines: Mapping[str, list[tuple[float, float]]], what: str
) -> Drawing:
    there = {label: points for label, points in lines.items() if points}
    last = "; ".join(
        f"{label} from {written(points[0][1])} to {written(points[-1][1])}"
        if len(points) > 1
        else f"{label} {written(points[0][1])}"
        for label, points in there.items()
    )
    drawing = Drawing(name, title, f"{last.capitalize()}.")
    every = [point for points in there.values() for point in points]
    x = drawing.across(0, max(1e-9, *(epoch for epoch, _ in every)))
    y = drawing.up(*around([value for _, value in every]))
    drawing.axes(x, y, "epoch", what)
    for n, (label, points) in enumerate(there.items()):
        kind = "two" if label == "val" else "one"
        positions = [(x(epoch), y(value)) for epoch, value in points]
        drawing.line(positions, kind)
        if label == "val" or len(positions) == 1:
            for position, (epoch, value) in zip(positions, points, strict=True):
                tooltip = f"epoch {epoch:g}: {value:.4f}"
                drawing.dot(*position, kind=f"{kind}-dot", radius=4, tooltip=tooltip)
        if len(there) > 1:
            right = drawing.width - RIGHT
            drawing.dot(right - 48, TOP + 10 + 18 * n, f"{kind}-dot", 5)
            drawing.text(right - 38, TOP + 14 + 18 * n, label, "start")
    return drawing


def learning(found: Mapping[str, Any]) -> Drawing:
    """Return a metric by how many rows were trained on, and what it would be with up to twice.

    `found` is the `learning_curve` of a fit; rows are drawn in their logarithm.
    """
    role, merit = found["split"], found["metric"]
    points = [(one["rows"], one["splits"][role]["metrics"][merit]) for one in found["points"]]
    points = [(rows, of) for rows, of in points if of["value"] is not None]
    what = called(merit, found["points"][-1]["splits"][role]["metrics"][merit])
    last = found["points"][-1]["rows"]
    beyond = [one for one in found["drawn"] if one["rows"] >= last]
    first = found["points"][0]["rows"]
    described = "; ".join(f"{of['value']:.3g} with {rows:,} rows" for rows, of in points)
    if beyond:
        end = beyond[-1]
        described += f"; {end['low']:.3g} to {end['high']:.3g} are expected with {end['rows']:,}"
    drawing = Drawing(
        "learning", f"{what} on {role} by rows of train", f"{described.capitalize()}."
    )
    reached = [of["value"] for _, of in points]
    reached += [one[part] for one in beyond for part in ("low", "high")]
    reached += [one["value"] for one in found["drawn"]]
    x = drawing.across(math.log2(first) - 0.2, math.log2(2 * last if beyond else last) + 0.3)
    y = drawing.up(*around(reached or [0.0]))
    drawing.axes(x, y, "rows of train", what, numbers=False)
    if beyond:
        upper = [(x(math.log2(one["rows"])), y(one["high"])) for one in beyond]
        lower = [(x(math.log2(one["rows"])), y(one["low"])) for one in beyond]
        drawing.area([*upper, *reversed(lower)], "band")
    curve = [(x(math.log2(one["rows"])), y(one["value"])) for one in found["drawn"]]
    known = [one for one, of in zip(curve, found["drawn"], strict=True) if of["rows"] <= last]
    if curve:
        drawing.line(known, "one")
        drawing.line(curve[len(known) - 1 :], "faint")
    for rows, of in points:
        drawing.dot(
            x(math.log2(rows)), y(of["value"]), "one-dot", 4, f"{rows:,} rows: {of['value']:.4f}"
        )
    for rows in [*(rows for rows, _ in points), *([2 * last] if beyond else [])]:
        drawing.line([(x(math.log2(rows)), y.start), (x(math.log2(rows)), y.start + 4)], "axis")
        drawing.text(x(math.log2(rows)), y.start + 18, f"{rows:,}", kind="small")
    return drawing


def confusion_matrix(confused: Confusion, role: str) -> Drawing | None:
    """Return a matrix of gold classes (rows) by predicted ones; None for too many classes."""
    names, count = confused.names, len(confused.names)
    if not 2 <= count <= MOST_CLASSES:
        return None
    counts = confused.table()
    size = 380
    left, top = 104, 30
    side = (size - left - 10) / count
    share = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    right = int(np.diag(counts).sum())
    drawing = Drawing(
        "confusion",
        f"Confusion matrix on {role}",
        f"Rows are gold classes, columns predictions; {right:,} of {int(counts.sum()):,} rows "
        "lie on the diagonal.",
        size,
        int(top + side * count + 76),
    )
    drawing.text(left + side * count / 2, 16, "predicted")
    drawing.text(12, top + side * count / 2, "gold", turned=True)
    for gold in range(count):
        y = top + side * gold
        drawing.text(left - 6, y + side / 2 + 4, _short(names[gold], 11), "end")
        for found in range(count):
            x, part = left + side * found, float(share[gold, found])
            drawing.box(x, y, side - 1, side - 1, "cell", _shade(part))
            if count <= _CELL_LABEL:
                kind = "on-cell" if part >= MOST_OF else ""
                number = f"{int(counts[gold, found]):,}"
                drawing.text(x + side / 2, y + side / 2 + 4, number, kind=kind)
    below = top + side * count + 8
    for found in range(count):
        x = left + side * (found + 0.5) + 4
        drawing.text(x, below, _short(names[found], 9), "end", turned=True)
    return drawing


def _shade(share: float) -> float:
    """Return how dark a cell is; the step in the middle keeps numbers legible on every shade."""
    if share < MOST_OF:
        return 0.06 + 0.46 * share / MOST_OF
    return 0.85 + 0.15 * (share - MOST_OF) / (1 - MOST_OF)


def _short(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def residuals(found: Sequence[Residuals], role: str) -> list[Drawing]:
    """Return a plot of each output: gold less predicted, by predicted."""
    return [_residuals(n, one, role) for n, one in enumerate(found)]


def _residuals(n: int, one: Residuals, role: str) -> Drawing:
    drawing = Drawing(
        f"residuals{n}",
        f"Residuals of {one.name} on {role}",
        f"Gold less predicted, by predicted, of {len(one.left):,} rows; mean "
        f"{one.left.mean():.3g}, standard deviation {one.left.std():.3g}.",
    )
    x = drawing.across(*around(one.predicted.tolist()))
    y = drawing.up(*around([*one.left.tolist(), 0.0]))
    drawing.axes(x, y, "predicted", "gold - predicted")
    drawing.line([(x.start, y(0)), (x.stop, y(0))], "faint")
    for predicted, left in zip(one.predicted.tolist(), one.left.tolist(), strict=True):
        drawing.dot(x(predicted), y(left), "one-dot point", 2)
    return drawing


def reliability(found: Mapping[str, Any], role: str) -> Drawing:
    """Return the share that is right by confidence, with the diagonal where they agree."""
    error = found["expected_calibration_error"]
    drawing = Drawing(
        "reliability",
        f"Reliability on {role}",
        "Share of right predictions by their confidence; larger dots stand for more rows. Expected "
        f"calibration error {error:.4f}{if_calibrated(found)}.",
    )
    x, y = drawing.across(0, 1), drawing.up(0, 1)
    drawing.axes(x, y, "confidence", "share right")
    drawing.line([(x(0), y(0)), (x(1), y(1))], "faint")
    bins = found["bins"]
    most = max(one["rows"] for one in bins)
    drawing.line([(x(one["confidence"]), y(one["right"])) for one in bins], "one")
    for one in bins:
        tooltip = (
            f"{one['rows']:,} rows, confidence {one['confidence']:.3f}, right {one['right']:.3f}"
        )
        radius = 2.5 + 6 * math.sqrt(one["rows"] / most)
        drawing.dot(x(one["confidence"]), y(one["right"]), "one-dot", radius, tooltip)
    return drawing


def by_length(found: ByLength, role: str) -> Drawing:
    """Return a metric with its interval for rows of about one length each."""
    bins, metric, unit = found.bins, found.metric, found.unit
    drawing = Drawing(
        "lengths",
        f"{metric} by length of the input on {role}",
        "; ".join(
            f"{one['value']:.3g} for {_ends(one, ' to ')} {unit}" for one in (bins[0], bins[-1])
        )
        + ". The bars are 95 % intervals.",
    )
    limits = [one[part] for one in bins for part in ("low", "high", "value")]
    y = drawing.up(*around([float(value) for value in limits if value is not None]))
    x = drawing.across(-0.5, len(bins) - 0.5)
    drawing.axes(x, y, f"length in {unit}", metric, numbers=False)
    drawing.line([(x(n), y(one["value"])) for n, one in enumerate(bins)], "one")
    for n, one in enumerate(bins):
        if one["low"] is not None:
            drawing.line([(x(n), y(one["low"])), (x(n), y(one["high"]))], "one")
        tooltip = f"{one['rows']:,} rows: {one['value']:.4f}"
        drawing.dot(x(n), y(one["value"]), "one-dot", 4, tooltip)
        drawing.text(x(n), drawing.height - BOTTOM + 18, _ends(one, "-"), kind="small")
    return drawing


def _ends(one: Mapping[str, Any], between: str) -> str:
    first, last = one["from"], one["to"]
    return f"{first}{between}{last}" if first != last else f"{first}"
