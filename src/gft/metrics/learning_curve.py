"""What a metric would be with more rows to train on, from fits on parts of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gft.metrics.limits import LEVEL
from gft.metrics.protocol import Array, Measure, Metric
from gft.metrics.samples import SAMPLES, bootstrap_weights

FEWEST_SIZES = 3
"""Two points have no curve."""
_BENDS = np.linspace(-1.0, 2.0, 13)
_USUAL_BEND, _BEND_SPREAD = 0.15, 0.4
"""Linear models on six public sets were forecast best so; below 0 a curve is still speeding up."""
_SHARES = np.array([0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.5, 7.0, 10.0])
_FREEDOM = 3
"""Of the t distribution that shares of further noise are thought to have, half of it."""
_STEADIER = 0.5
"""The exponent by which fits on more rows have less of that noise."""


@dataclass(frozen=True)
class Forecast:
    """A metric with so many rows: what another fit would be expected to have, and its interval."""

    rows: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """A metric of fits on `rows` of train, ascending, all scored on the same rows.

    `noise` is the variance of what the choice of those rows, and of the seed, adds to one fit's
    metric beside another's; `best` what the metric can be at most, or at least.

    What is lacking to the best falls as a power of n (Cortes et al. 1993): its logarithm is a
    straight line in that of n, or a curve, a + b * (1 - n ** -c) / c, that levels off with c above
    0 and speeds up below. A metric without a best is itself such a curve. Few points cannot say
    which: c is averaged over, about `_USUAL_BEND`, as is how much further noise a training has, in
    shares of `noise`; a and b are least squares' for each. This is Bayes' rule on a grid, with flat
    priors of a and b.
    """

    rows: tuple[int, ...]
    values: tuple[float, ...]
    noise: float
    best: float | None = None

    def at(self, rows: int) -> Forecast:
        """Return what another fit, on so many rows, would have on the rows that these have.

        The interval covers the choice of rows on either side, another seed, and the curve.
        """
        middle, probabilities, spread, own = self._grid(rows)
        outer = (1 - LEVEL) / 2
        [value] = _quantiles(probabilities, middle, spread, [0.5])
        limits = _quantiles(probabilities, middle, np.hypot(spread, own), [outer, 1 - outer])
        found = [value, *limits]
        if self.best is not None:
            sign = 1 if self.best >= max(self.values) else -1
            found = [self.best - sign * math.exp(-one) for one in found]
        return Forecast(rows, found[0], min(found[1:]), max(found[1:]))

    def _drawn_on(self) -> tuple[Array, Array]:
        """Return what the curve is of, and its variance, at each size."""
        values, noise = np.array(self.values), max(self.noise, 1e-12)
        if self.best is None:
            return values, np.full(len(values), noise)
        lacking = np.maximum(np.abs(self.best - values), math.sqrt(noise))
        return -np.log(lacking), noise / lacking**2

    def _grid(self, rows: int) -> tuple[Array, Array, Array, Array]:
        """Return the curve at `rows` for each bend and share of further noise.

        Its middle, how likely these are, its standard deviation, and that of one fit about it.
        """
        from scipy.stats import t

        values, noise = self._drawn_on()
        part = np.array(self.rows) / self.rows[-1]
        bend, share = (one.ravel()[:, None] for one in np.meshgrid(_BENDS, _SHARES))
        x, there = _bent(part, bend), _bent(rows / self.rows[-1], bend)[:, 0]
        variance = noise * (1 + share**2 * part**-_STEADIER)
        weight = 1 / variance
        whole = weight.sum(1)
        x_mean, y_mean = (weight * x).sum(1) / whole, (weight * values).sum(1) / whole
        off, above = x - x_mean[:, None], values - y_mean[:, None]
        squares, products = (weight * off**2).sum(1), (weight * off * above).sum(1)
        left = (weight * above**2).sum(1) - products**2 / squares
        likely = -(np.log(variance).sum(1) + np.log(whole) + np.log(squares) + left) / 2
        likely -= ((bend[:, 0] - _USUAL_BEND) / _BEND_SPREAD) ** 2 / 2
        likely += t.logpdf(share[:, 0], _FREEDOM)
        likely += np.log(np.repeat(np.gradient(_SHARES), len(_BENDS)))
        probabilities = np.exp(likely - likely.max())
        middle = y_mean + products / squares * (there - x_mean)
        spread = np.sqrt(1 / whole + (there - x_mean) ** 2 / squares)
        own = noise[-1] * (1 + share[:, 0] ** 2 * (rows / self.rows[-1]) ** -_STEADIER)
        return middle, probabilities / probabilities.sum(), spread, np.sqrt(own)


def _bent(part: Array | float, bend: Array) -> Array:
    """Return (1 - part ** -bend) / bend, which is the logarithm of `part` at 0."""
    safe = np.where(np.abs(bend) < 1e-9, 1e-9, bend)
    return np.asarray((1 - part**-safe) / safe)


def _quantiles(
    probabilities: Array, middle: Array, spread: Array, shares: Sequence[float]
) -> list[float]:
    """Return the values below which these shares of a mixture of normal distributions lie."""
    from scipy.stats import norm

    found = []
    for share in shares:
        low, high = float((middle - 9 * spread).min()), float((middle + 9 * spread).max())
        for _ in range(50):
            half = (low + high) / 2
            below = (probabilities * norm.cdf((half - middle) / spread)).sum() < share
            low, high = (half, high) if below else (low, half)
        found.append((low + high) / 2)
    return found


def learning_curve(
    metric: Metric,
    part: int,
    rows: Sequence[int],
    statistics: Sequence[Array],
    names: tuple[str, ...],
    *,
    groups: Array | None = None,
    seed: int = 0,
    samples: int = SAMPLES,
) -> LearningCurve | None:
    """Return the curve of one of a metric's measures over fits on `rows` of train, ascending.

    `statistics` are those of the same scored rows for each fit, shape (n, k) each. The noise comes
    of a paired bootstrap: all fits see the same draw of rows, or of `groups`. None where there are
    fewer sizes than `FEWEST_SIZES`, or a metric is undefined.
    """
    count = len(statistics[0])
    units = count if groups is None else len(np.unique(groups))
    if len(rows) < FEWEST_SIZES or units < 2:
        return None
    one = np.ones((1, count))
    values = [float(metric.reduce(each, one)[part, 0]) for each in statistics]
    drawn = np.concatenate(
        [
            np.stack([metric.reduce(each, weights)[part] for each in statistics])
            for weights in bootstrap_weights(count, samples, seed, groups)
        ],
        axis=1,
    )
    drawn = drawn[:, np.isfinite(drawn).all(0)]
    if not np.isfinite(values).all() or drawn.shape[1] < samples / 2:
        return None
    noise = float(np.diff(drawn, axis=0).var(1).mean()) / 2 * units / (units - 1)
    best = _best(metric.measures(names)[part], values)
    return LearningCurve(tuple(rows), tuple(values), noise, best)


def _best(measure: Measure, values: Sequence[float]) -> float | None:
    """Return the best that a metric can be, None where there is no end to it."""
    if measure.span is not None:
        return measure.span[1] if measure.greater_is_better else measure.span[0]
    return None if measure.greater_is_better or min(values) < 0 else 0.0


def round_rows(rows: float) -> int:
    """Return about so many rows, as a round number: 1, 1.5, 2, 2.5, 3, 4, 5, ..."""
    unit = 10.0 ** math.floor(math.log10(rows))
    steps = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9, 10)
    return max(1, round(unit * min(steps, key=lambda one: abs(one - rows / unit))))
