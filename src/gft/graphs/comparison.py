"""A graph beside the model it was made of, on the same rows: answers, metrics, speed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gft.graphs.outputs import SPANS, TAGS
from gft.inputs.features import Feature
from gft.metrics.differences import differences_with_intervals
from gft.metrics.protocol import Array, Metric, Scored
from gft.tasks.outputs import as_array
from gft.tasks.protocol import Task, Values

ENOUGH = 200
"""Rows below which a comparison certifies nothing: one answer in 200 is half a percent."""
ALIKE = 0.995
"""The share of a model's labels that a graph in 8 bits has to keep."""
AS_THE_MODEL = 0.998
"""The share that a graph in half precision keeps, to be used by default."""
SAME = 1e-4
"""How far the outputs of a graph in fp32 may be from the model's, relatively: rounding."""
ERRING = 0.99
"""The share of rows whose margin errs by less than the one below which rows are computed again.
Where margins are that small rows are few, and one in a hundred of these may err by more."""
AGAIN = 0.015
"""The largest share of rows that are computed again: in fp32 each takes as long as two or three."""
LENGTHS = (3, 4, 9, 17, 33, 64)


@dataclass(frozen=True)
class Answered:
    """What one way of computing answered, and how fast: in rows a second.

    It could answer after `start` seconds, None where that was not timed. Rows with a margin of less
    than `margin` were computed again in fp32: a share of `recomputed`.
    """

    runtime: str
    precision: str
    values: Values
    scores: Values | None
    rows_per_second: float
    margin: float | None = None
    recomputed: float = 0.0
    start: float | None = None


@dataclass(frozen=True)
class Agreement:
    """How alike two sets of answers to the same rows are.

    `share` is that of equal labels, of numbers their correlation; `measure` says which.
    """

    measure: str
    share: float

    def saved(self) -> dict[str, Any]:
        """Return it as JSON, under the name of its kind."""
        return {self.measure: self.share}


def agreement(ours: Values, theirs: Values) -> Agreement:
    """Return how alike answers are: labels of rows, or of words; sets of labels; numbers.

    Of several numbers a row it is the least of their correlations.
    """
    first = ours[0] if len(ours) else 0
    if isinstance(ours, np.ndarray) and ours.dtype.kind == "f":
        columns = (np.reshape(one, (len(one), -1)).T for one in (ours, theirs))
        return Agreement("correlation", min(map(_correlation, *columns)))
    if isinstance(first, np.ndarray) and not isinstance(ours, np.ndarray):
        equal = np.concatenate([a == b for a, b in zip(ours, theirs, strict=True)])
        return Agreement("equal_labels", float(equal.mean()) if len(equal) else 1.0)
    rows = [np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True)]
    return Agreement("equal_labels", sum(rows) / len(rows) if rows else 1.0)


def close_margin(task: Task, ours: Answered, exact: Answered) -> tuple[float, float] | None:
    """Return the margin below which rows are close to a tie, and the share of rows that are.

    `ours` are answers in lower precision, `exact` those in fp32 to the same rows: the margin is
    the error that few rows exceed, or a smaller one where too many rows would be close. None for a
    task whose predictions have no margin.
    """
    margins, others = (task.margins(ours.values, one.scores) for one in (ours, exact))
    if margins is None or others is None or not len(margins):
        return None
    error = np.quantile(np.abs(margins - others), ERRING)
    close = float(min(error, np.quantile(margins, AGAIN)))
    return close, float((margins < close).mean())


def _correlation(ours: Array, theirs: Array) -> float:
    if np.allclose(ours, theirs, atol=1e-6) or len(ours) < 2:
        return 1.0
    if not ours.std() or not theirs.std():
        return 0.0
    return float(np.corrcoef(ours, theirs)[0, 1])


def differences(
    task: Task, metrics: Sequence[Metric], golds: Sequence[Any], ours: Answered, theirs: Answered
) -> list[dict[str, Any]]:
    """Return each metric of a graph less the model's, with a paired interval, as JSON."""
    graph, model = (task.scored(golds, one.values, one.scores) for one in (ours, theirs))
    [found] = differences_with_intervals(metrics, graph, [_same_names(model, graph)])
    return [one.saved() | {"name": one.name} for one in found]


def _same_names(scored: Scored, other: Scored) -> Scored:
    return replace(scored, names=other.names)


def is_worse(difference: dict[str, Any], greater_is_better: bool) -> bool:
    """Say whether a metric is worse beyond the interval of its difference, and beyond rounding.

    Rounding errs on the same rows in the same way: however small, it may be significant.
    """
    low, high = difference["low"], difference["high"]
    if low is None or high is None or abs(difference["value"]) < SAME:
        return False
    return bool(high < 0 if greater_is_better else low > 0)


def made_features(
    parts: Sequence[str], tokens: int, longest: int, end: int | None = None
) -> list[Feature]:
    """Return features of random tokens, of several lengths, which every model must take.

    The token `end` is the last one of each, and only there.
    """
    draw = np.random.default_rng(0)
    found: list[Feature] = []
    for length in sorted({min(length, longest) for length in LENGTHS}):
        feature: Feature = {name: [0] * length for name in parts}
        ids = draw.integers(0, tokens, length)
        if end is not None:
            ids[ids == end] = (end + 1) % tokens
            ids[-1] = end
        feature["input_ids"] = ids.tolist()
        feature["attention_mask"] = [1] * length
        found.append(feature)
    return found


def apart(ours: Any, theirs: Any, head: str, lengths: Sequence[int]) -> float:
    """Return how far outputs are from a model's, relative to the largest of these where over 1.

    Both are outputs by name for features of some lengths, padded on the right.
    """
    largest = 0.0
    for name in ours:
        mine, other = as_array(ours[name]), as_array(theirs[name])
        for row, length in enumerate(lengths):
            some = slice(length) if head in (TAGS, SPANS) else slice(None)
            gap = np.abs(mine[row][some] - other[row][some]).max(initial=0.0)
            largest = max(largest, float(gap / max(1.0, np.abs(other[row][some]).max(initial=0.0))))
    return largest
