"""Samples of the rows, and what a metric's measures are in them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from gft.metrics.grounds import supports
from gft.metrics.limits import (
    NO_LIMITS,
    Limits,
    OfSums,
    Smooth,
    Studentized,
    caveat,
    limits,
    wilson,
)
from gft.metrics.protocol import Array, Metric

SAMPLES = 1000
# 4 MB of weights: a block and what is computed from it stay near the processor.
_WEIGHTS_AT_ONCE = 500_000


class Sampled:
    """A metric's measures of some rows: their values, and what they are in samples of these.

    `statistics` are those of the rows. With `groups`, one a row, samples are of whole groups.
    """

    def __init__(
        self, metric: Metric, statistics: Array, names: tuple[str, ...], groups: Array | None
    ) -> None:
        self.metric, self.statistics, self.groups = metric, statistics, groups
        self.measures = metric.measures(names)
        self.values = points(metric, statistics, names)
        self._supports = supports(metric, statistics, names, groups)
        self._studentized = [
            None if one is None else Studentized(one, groups)
            for one in _smooth(metric, statistics, self.values)
        ]
        self._drawn: list[Array] = []

    @property
    def needs_samples(self) -> bool:
        """Whether the limits need samples: those of shares of independent rows do not."""
        return self.groups is not None or not all(one.proportion for one in self.measures)

    def add(self, weights: Array) -> None:
        """Add samples, as weights of the rows, shape (samples, n)."""
        found = [one.add(weights) for one in self._studentized if one is not None]
        if len(found) < len(self.measures):
            self._drawn.append(self.metric.reduce(self.statistics, weights))
        else:
            self._drawn.append(np.stack(found))

    @cached_property
    def drawn(self) -> Array:
        """Each measure in each sample, shape (measures, samples); none is added after."""
        if not self._drawn:
            return np.zeros((len(self.measures), 0))
        return np.concatenate(self._drawn, axis=1)

    def limits(self, index: int) -> tuple[Limits, str | None]:
        """Return the limits of a metric, and why they are unreliable, if they are not."""
        measure, value, support = self.measures[index], self.values[index], self._supports[index]
        if math.isnan(value):
            return NO_LIMITS, None
        if measure.proportion and self.groups is None:
            return wilson(value, counted_rows(self.statistics)), None
        drawn = self.drawn[index]
        if not len(drawn):
            return NO_LIMITS, None
        smooth = self._studentized[index]
        found = limits(measure, value, drawn, support, smooth)
        return found, caveat(drawn, support, smooth)


def _smooth(metric: Metric, statistics: Array, values: Sequence[float]) -> list[Smooth | None]:
    """Return the function of sums that each metric is; None where it is none."""
    if not isinstance(metric, OfSums) or not len(statistics):
        return [None] * len(values)
    found = metric.smooth(statistics)
    return [one if math.isfinite(value) else None for one, value in zip(found, values, strict=True)]


def draw(
    every: Sequence[Sampled], rows: int, groups: Array | None, seed: int, samples: int
) -> None:
    """Add the same samples of rows to each of `every`, none if there is but one row or group."""
    units = rows if groups is None else len(np.unique(groups))
    if units > 1 and every:
        for weights in bootstrap_weights(rows, samples, seed, groups):
            for one in every:
                one.add(weights)


def bootstrap_weights(
    rows: int, samples: int, seed: int, groups: Array | None = None
) -> Iterator[Array]:
    """Yield blocks of weights, shape (block, rows): how often each row is drawn in a sample.

    With `groups`, shape (rows,), whole groups are drawn, as many as there are: all rows of one
    value stand or fall together. The weights do not depend on the size of the blocks.
    """
    if not rows:
        return
    group = None if groups is None else np.unique(groups, return_inverse=True)[1].ravel()
    units = rows if group is None else int(group.max()) + 1
    generator = np.random.default_rng(seed)
    block = max(1, min(samples, _WEIGHTS_AT_ONCE // rows))
    for start in range(0, samples, block):
        count = min(block, samples - start)
        drawn = generator.integers(0, units, size=(count, units))
        drawn += np.arange(count)[:, None] * units
        often = np.bincount(drawn.ravel(), minlength=count * units)
        del drawn  # Of a million rows, each of these takes 8 MB.
        weights = often.reshape(count, units).astype(np.float64)
        del often
        yield weights if group is None else weights[:, group]


def points(metric: Metric, statistics: Array, names: tuple[str, ...]) -> list[float]:
    """Return each measure of the rows as they are; NaN where undefined."""
    if not len(statistics):
        return [math.nan for _ in metric.measures(names)]
    values = metric.reduce(statistics, np.ones((1, len(statistics))))[:, 0]
    return [float(value) for value in values]


def counted_rows(statistics: Array) -> int:
    """Return how many rows a share is of: those that have numbers, not NaN."""
    return int((~np.isnan(statistics).any(1)).sum())
