"""Curves on a terminal, drawn in dots of Braille: two across and four down in every character."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from itertools import pairwise

from gft.report.drawing import Scale, around, logged
from gft.results.fitted import FitFacts

WIDTH, HEIGHT = 60, 10
"""Characters of the field that a curve is drawn in."""
MARGIN = 9
_BLANK = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_PLAIN = "."

Points = Sequence[tuple[float, float]]


def curves_of_fit(fit: FitFacts) -> str:
    """Return the curves of a fitted folder: the losses, and the selection metric on val."""
    history, merit = fit.history, fit.record["figure_of_merit"]
    loss, val = logged(history, "loss"), logged(history, "val_loss")
    drawn = [curve("loss on train", loss), curve("loss on val", val)]
    if merit != "loss":
        drawn.append(curve(f"{merit} on val", logged(history, f"val_{merit}")))
    return "\n".join(one for one in drawn if one)


def curve(title: str, points: Points) -> str:
    """Return a line through points over epochs, with its axes; nothing for no points."""
    if not points:
        return ""
    x = Scale(0.0, max(points[-1][0], 1e-9), 0, 2 * WIDTH - 1)
    y = Scale(*around([value for _, value in points]), 4 * HEIGHT - 1, 0)
    cells = [[0] * WIDTH for _ in range(HEIGHT)]
    for column, row in _path([(x(epoch), y(value)) for epoch, value in points]):
        cells[row // 4][column // 2] |= _DOTS[row % 4][column % 2]
    labels = {round(y(value)) // 4: tick for value, tick in y.ticks(4).items()}
    lines = [
        f"{labels.get(n, ''):>{MARGIN}} │{''.join(_written(cell) for cell in row)}".rstrip()
        for n, row in enumerate(cells)
    ]
    axis = [" "] * (WIDTH + MARGIN)
    for epoch, tick in x.ticks().items():
        column = round(x(epoch)) // 2
        axis[column : column + len(tick)] = tick
    first, last = points[0][1], points[-1][1]
    return "\n".join(
        [
            f"{title}: {first:.4g} to {last:.4g}",
            *lines,
            f"{'':>{MARGIN}} └{'─' * WIDTH}",
            f"{'epoch':>{MARGIN}}  {''.join(axis)}".rstrip(),
            "",
        ]
    )


def _path(points: Sequence[tuple[float, float]]) -> list[tuple[int, int]]:
    """Return the dots of the line through points, without gaps."""
    dots = [(round(points[0][0]), round(points[0][1]))]
    for (x0, y0), (x1, y1) in pairwise(points):
        steps = max(1, math.ceil(max(abs(x1 - x0), abs(y1 - y0))))
        dots += [
            (round(x0 + (x1 - x0) * n / steps), round(y0 + (y1 - y0) * n / steps))
            for n in range(1, steps + 1)
        ]
    return dots


def _written(cell: int) -> str:
    if not cell:
        return " "
    return chr(_BLANK + cell) if _has_braille() else _PLAIN


def _has_braille() -> bool:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return os.environ.get("TERM") != "linux" and encoding.lower().startswith("utf")
