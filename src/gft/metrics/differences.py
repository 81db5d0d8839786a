"""Differences between metrics of several predictions for the same rows, with paired intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gft.metrics.intervals import Result, known
from gft.metrics.protocol import Array, Metric, Scored
from gft.metrics.samples import SAMPLES, Sampled, draw


def differences_with_intervals(
    metrics: Sequence[Metric],
    ours: Scored,
    others: Sequence[Scored],
    *,
    groups: Array | None = None,
    seed: int = 0,
    samples: int = SAMPLES,
) -> list[list[Result]]:
    """Return our metrics less those of each of `others`, a list for each, with intervals.

    Both see the same samples of rows, or of `groups`, so that what is hard for both does not count
    (Koehn 2004). Their own intervals are joined as those of independent values are, by the squares
    of their reaches (MOVER: Zou & Donner 2008), and drawn in by as much as samples say that the
    difference spreads less than that. Undefined where either is.
    """
    every = [ours, *others]
    statistics = [[metric.rows(scored) for scored in every] for metric in metrics]
    return paired_differences(metrics, statistics, ours.names, groups, seed, samples)


def paired_differences(
    metrics: Sequence[Metric],
    statistics: Sequence[Sequence[Array]],
    names: tuple[str, ...],
    groups: Array | None = None,
    seed: int = 0,
    samples: int = SAMPLES,
) -> list[list[Result]]:
    """Return what `differences_with_intervals` does.

    `statistics` has for each metric those of ours and of each of the others, shape (n, k) each;
    `names` are our classes or outputs.
    """
    rows = len(statistics[0][0])
    every = [
        [Sampled(metric, one, names, groups) for one in of_all]
        for metric, of_all in zip(metrics, statistics, strict=True)
    ]
    draw([one for of_all in every for one in of_all], rows, groups, seed, samples)
    return [
        [
            _difference(ours, others[n], index, rows)
            for ours, *others in every
            for index in range(len(ours.measures))
        ]
        for n in range(len(statistics[0]) - 1)
    ]


def _difference(ours: Sampled, theirs: Sampled, index: int, rows: int) -> Result:
    measure, both = ours.measures[index], (ours, theirs)
    first, second = (one.values[index] for one in both)
    (mine, why), (other, why_other) = (one.limits(index) for one in both)
    low = high = first - second
    if not np.array_equal(ours.drawn[index], theirs.drawn[index]):
        apart = _apart(ours.drawn[index], theirs.drawn[index])
        low -= _joined(first - mine[0], other[1] - second, apart)
        high += _joined(mine[1] - first, second - other[0], apart)
    limits = known(first - second), known(low), known(high)
    better = measure.greater_is_better
    return Result(measure.name, *limits, better, rows, measure.about, why or why_other)


def _apart(ours: Array, theirs: Array) -> float:
    """Return the spread of the difference of two values, over that of two that are independent.

    They are metrics of samples of the same rows; 1 where these have no spread.
    """
    both = np.stack([ours, theirs])
    both = both[:, np.isfinite(both).all(0)]
    if both.shape[1] < 2:
        return 1.0
    independent = math.hypot(*both.std(axis=1))
    return float((both[0] - both[1]).std()) / independent if independent else 1.0


def _joined(first: float, second: float, apart: float) -> float:
    """Return how far the difference of two values reaches that reach so far by themselves."""
    return math.hypot(first, second) * apart
