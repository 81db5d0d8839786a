"""Metrics with intervals: how far they would move on another sample of rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gft.data.scratch import GrowingArray
from gft.metrics.protocol import Array, Metric, Scored
from gft.metrics.samples import SAMPLES, Sampled, draw, points


@dataclass(frozen=True)
class Result:
    """The value of a metric on `n` rows, and its interval; None where it is undefined.

    `about` is the class that it is a metric of, where it is one of two. `caveat` is a sentence on
    why the interval is unreliable, None where it is.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    greater_is_better: bool = True
    n: int = 0
    about: str | None = None
    caveat: str | None = None

    def saved(self) -> dict[str, Any]:
        """Return the metric as JSON."""
        found = {"value": self.value, "low": self.low, "high": self.high}
        return found | remarks_saved(self.about, self.caveat)


def remarks_saved(about: str | None, caveat: str | None) -> dict[str, str]:
    """Return what JSON says of a metric beside its numbers: only what there is to say."""
    both = {"positive_label": about, "caveat": caveat}
    return {name: text for name, text in both.items() if text is not None}


def point_values(metrics: Sequence[Metric], scored: Scored) -> dict[str, float]:
    """Return every measure of the rows as they are, without intervals; NaN where undefined.

    Of two values of one name it is the first.
    """
    found: dict[str, float] = {}
    for metric in metrics:
        values = points(metric, metric.rows(scored), scored.names)
        for measure, value in zip(metric.measures(scored.names), values, strict=True):
            found.setdefault(measure.name, value)
    return found


class Tally:
    """What metrics need of rows that come part by part: the statistics of each, nothing else."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self.metrics = metrics
        self.names: tuple[str, ...] = ()
        self._growing = [GrowingArray() for _ in metrics]

    def add(self, scored: Scored) -> None:
        """Add rows."""
        self.names = scored.names
        for metric, statistics in zip(self.metrics, self._growing, strict=True):
            statistics.extend(metric.rows(scored))

    @cached_property
    def statistics(self) -> list[Array]:
        """The statistics of all rows for each metric, shape (n, k) each; none is added after."""
        return [growing.closed() for growing in self._growing]

    def values_with_intervals(
        self, *, groups: Array | None = None, chosen: Array | None = None
    ) -> list[Result]:
        """Return what `values_with_intervals` does of all rows, or of those `chosen`."""
        if chosen is None:
            return intervals_of(self.metrics, self.statistics, self.names, groups)
        some = [statistics[chosen] for statistics in self.statistics]
        of_some = None if groups is None else groups[chosen]
        return intervals_of(self.metrics, some, self.names, of_some)


def values_with_intervals(
    metrics: Sequence[Metric],
    scored: Scored,
    *,
    groups: Array | None = None,
    seed: int = 0,
    samples: int = SAMPLES,
) -> list[Result]:
    """Return every measure with its interval, in the order of the metrics and their measures.

    All are made of `samples` samples of the rows, the same for every metric (the bootstrap: Efron
    & Tibshirani 1993), in the way that suits a metric (`metrics/limits.py`): for shares of rows
    Wilson's interval, for what lies between two ends Wilson's of as many rows as the samples'
    spread is worth, for means of numbers the bootstrap-t of their logarithm, else percentiles.
    With `groups`, one a row, samples are of whole groups: rows of one document or author are not
    independent (Davison & Hinkley 1997, sect. 3.8). The limits are None where the metric is
    undefined in half of the samples, or there are fewer than two rows, or groups, to draw from;
    where they rest on too little, a `caveat` says so.
    The interval does not cover what another seed of the training would change.
    """
    statistics = [metric.rows(scored) for metric in metrics]
    return intervals_of(metrics, statistics, scored.names, groups, seed, samples)


def intervals_of(
    metrics: Sequence[Metric],
    statistics: Sequence[Array],
    names: tuple[str, ...],
    groups: Array | None,
    seed: int = 0,
    samples: int = SAMPLES,
) -> list[Result]:
    """Return what `values_with_intervals` does, of the statistics of each metric."""
    rows = len(statistics[0]) if statistics else 0
    every = [
        Sampled(metric, one, names, groups) for metric, one in zip(metrics, statistics, strict=True)
    ]
    draw([one for one in every if one.needs_samples], rows, groups, seed, samples)
    results = []
    for one in every:
        for index, measure in enumerate(one.measures):
            (low, high), why = one.limits(index)
            limits = known(one.values[index]), known(low), known(high)
            better, about = measure.greater_is_better, measure.about
            results.append(Result(measure.name, *limits, better, rows, about, why))
    return results


def known(value: float) -> float | None:
    """Return a number as JSON can write it: None for what is not finite."""
    return value if math.isfinite(value) else None
