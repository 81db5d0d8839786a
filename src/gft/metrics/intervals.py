"""Figures with intervals: how far they would move on another sample of rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gft.data.scratch import GrowingArray
from gft.metrics.protocol import Array, Metric, Scored

SAMPLES = 1000
LEVEL = 0.95
# 4 MB of weights: a block and what is computed from it stay near the processor.
_WEIGHTS_AT_ONCE = 500_000


@dataclass(frozen=True)
class Result:
    """One figure of `n` rows, and its interval; None where it is undefined.

    `about` is the class that it is a figure of, where it is one of two. `caveat` is a sentence on
    why the interval is not to be relied on, None where it is.
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
        """Return the figure as JSON."""
        found = {"value": self.value, "low": self.low, "high": self.high}
        return found | told(self.about, self.caveat)


def told(about: str | None, caveat: str | None) -> dict[str, str]:
    """Return what JSON says of a figure beside its numbers: only what there is to say."""
    both = {"positive_label": about, "caveat": caveat}
    return {name: text for name, text in both.items() if text is not None}


def point_figures(metrics: Sequence[Metric], scored: Scored) -> dict[str, float]:
    """Return every figure of the rows as they are, without intervals; NaN where undefined.

    Of two figures of one name it is the first.
    """
    found: dict[str, float] = {}
    for metric in metrics:
        values = points(metric, metric.rows(scored), scored.names)
        for figure, value in zip(metric.figures(scored.names), values, strict=True):
            found.setdefault(figure.name, value)
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

    def figures_with_intervals(
        self, *, groups: Array | None = None, chosen: Array | None = None
    ) -> list[Result]:
        """Return what `figures_with_intervals` does of all rows, or of those `chosen`."""
        if chosen is None:
            return _with_intervals(self.metrics, self.statistics, self.names, groups)
        some = [statistics[chosen] for statistics in self.statistics]
        of_some = None if groups is None else groups[chosen]
        return _with_intervals(self.metrics, some, self.names, of_some)


def figures_with_intervals(
    metrics: Sequence[Metric],
    scored: Scored,
    *,
    groups: Array | None = None,
    seed: int = 0,
    samples: int = SAMPLES,
) -> list[Result]:
    """Return every figure with its interval, in the order of the metrics and their figures.

    Percentile bootstrap over rows (Efron & Tibshirani 1993, ch. 13), `samples` of them, the same
    for every metric, its levels widened for few rows (Hesterberg 2015); for shares of rows,
    Wilson's interval (Wilson 1927). With `groups`, one a row, it is a bootstrap over whole groups
    for every figure: rows of one document or author are not independent (Davison & Hinkley 1997,
    sect. 3.8). The limits are None where the figure is undefined in half of the samples, or there
    are fewer than two rows, or groups, to draw from.
    The interval does not cover what another seed of the training would change.
    """
    statistics = [metric.rows(scored) for metric in metrics]
    return _with_intervals(metrics, statistics, scored.names, groups, seed, samples)


def _with_intervals(
    metrics: Sequence[Metric],
    statistics: Sequence[Array],
    names: tuple[str, ...],
    groups: Array | None,
    seed: int = 0,
    samples: int = SAMPLES,
) -> list[Result]:
    rows = len(statistics[0]) if statistics else 0
    figures = [metric.figures(names) for metric in metrics]
    # Wilson's interval needs no samples.
    by_wilson = groups is None
    needy = [
        n for n, of in enumerate(figures) if not (by_wilson and all(one.proportion for one in of))
    ]
    drawn: dict[int, list[Array]] = {n: [] for n in needy}
    units = rows if groups is None else len(np.unique(groups))
    if units > 1 and needy:
        for weights in bootstrap_weights(rows, samples, seed, groups):
            for n in needy:
                drawn[n].append(metrics[n].reduce(statistics[n], weights))
    results = []
    for n, metric in enumerate(metrics):
        values = points(metric, statistics[n], names)
        parts = drawn.get(n)
        many = np.concatenate(parts, axis=1) if parts else None
        for place, (figure, value) in enumerate(zip(figures[n], values, strict=True)):
            if figure.proportion and by_wilson:
                low, high = wilson(value, counted_rows(statistics[n]))
            elif many is None or math.isnan(value):
                low, high = math.nan, math.nan
            else:
                low, high = percentiles(many[place], units)
            limits = known(value), known(low), known(high)
            results.append(
                Result(figure.name, *limits, figure.greater_is_better, rows, figure.about)
            )
    return results


def counted_rows(statistics: Array) -> int:
    """Return how many rows a share is of: those that have numbers, not NaN."""
    return int((~np.isnan(statistics).any(1)).sum())


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


def wilson(share: float, rows: int) -> tuple[float, float]:
    """Return the interval of a share of `rows` independent rows (Wilson 1927, eq. 3)."""
    from statistics import NormalDist

    if not rows:
        return math.nan, math.nan
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    middle = share + z * z / (2 * rows)
    reach = z * math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    below = 1 + z * z / rows
    return max(0.0, (middle - reach) / below), min(1.0, (middle + reach) / below)


def points(metric: Metric, statistics: Array, names: tuple[str, ...]) -> list[float]:
    """Return each figure of the rows as they are; NaN where undefined."""
    if not len(statistics):
        return [math.nan for _ in metric.figures(names)]
    values = metric.reduce(statistics, np.ones((1, len(statistics))))[:, 0]
    return [float(value) for value in values]


def percentiles(values: Array, units: int) -> tuple[float, float]:
    """Return the limits that hold the middle of values; NaN if half of them are undefined.

    They were drawn from `units` rows or groups. A sample of few has less spread than what it is
    from, so percentiles are too narrow by about sqrt((units - 1) / units) and by what t is wider
    than z: they are taken further out, so that they hold `LEVEL` for a mean of normal values
    (the expanded percentile interval: Hesterberg 2015, What Teachers Should Know about the
    Bootstrap).
    """
    from statistics import NormalDist

    kept = values[np.isfinite(values)]
    if len(kept) < len(values) / 2:
        return math.nan, math.nan
    normal = NormalDist()
    z = normal.inv_cdf((1 + LEVEL) / 2)
    freedom = max(1, units - 1)
    t = z + (z**3 + z) / (4 * freedom)  # The first term of its expansion (Fisher 1925).
    below = normal.cdf(-t * math.sqrt(units / freedom))
    low, high = np.quantile(kept, [below, 1 - below])
    return float(low), float(high)


def known(value: float) -> float | None:
    """Return a number as JSON can write it: None for what is not finite."""
    return value if math.isfinite(value) else None
