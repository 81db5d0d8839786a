"""Differences between figures of several predictions for the same rows, with paired intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gft.metrics.intervals import SAMPLES, Result, bootstrap_weights, known, percentiles, points
from gft.metrics.protocol import Array, Metric, Scored


def differences_with_intervals(
    metrics: Sequence[Metric],
    ours: Scored,
    others: Sequence[Scored],
    *,
    groups: Array | None = None,
    seed: int = 0,
    samples: int = SAMPLES,
) -> list[list[Result]]:
    """Return our figures less those of each of `others`, a list for each, with intervals.

    Paired percentile bootstrap: both see the same draw of rows, or of `groups`, so that what is
    hard for both does not count (Koehn 2004). Undefined where
    either figure is.
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
    drawn: dict[tuple[int, int], list[Array]] = {}
    rows, count = len(statistics[0][0]), len(statistics[0])
    units = rows if groups is None else len(np.unique(groups))
    if units > 1:
        for weights in bootstrap_weights(rows, samples, seed, groups):
            for m, metric in enumerate(metrics):
                first = metric.reduce(statistics[m][0], weights)
                for n in range(1, count):
                    found = first - metric.reduce(statistics[m][n], weights)
                    drawn.setdefault((m, n), []).append(found)
    results: list[list[Result]] = []
    for n in range(1, count):
        mine: list[Result] = []
        for m, metric in enumerate(metrics):
            ours_, theirs = (points(metric, statistics[m][i], names) for i in (0, n))
            many = np.concatenate(drawn[m, n], axis=1) if (m, n) in drawn else None
            for place, figure in enumerate(metric.figures(names)):
                value = ours_[place] - theirs[place]
                low = high = math.nan
                if many is not None and math.isfinite(value):
                    low, high = percentiles(many[place], units)
                better = figure.greater_is_better
                limits = known(value), known(low), known(high)
                mine.append(Result(figure.name, *limits, better, rows, figure.about))
        results.append(mine)
    return results
