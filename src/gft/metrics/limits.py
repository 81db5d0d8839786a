"""How the limits of a metric are made of its value and of what samples of the rows gave."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import Protocol, runtime_checkable

import numpy as np

from gft.metrics.grounds import UNRELIABLE, Support, worth
from gft.metrics.protocol import Array, Measure

LEVEL = 0.95
UNDEFINED = 0.01
"""A larger share of samples in which a metric is undefined makes an interval doubtful."""
Limits = tuple[float, float]
NO_LIMITS: Limits = (math.nan, math.nan)
TOO_FAR = 10
"""An interval of a mean that reaches so many times as far as its largest row says nothing."""
FEW = "too few rows for an interval"


class Smooth(Protocol):
    """A metric that is a smooth function of sums over the rows, transformed to a scale of its own.

    On that scale it should be about as uncertain to one side as to the other.
    """

    @property
    def rows(self) -> Array:
        """What each row adds to the sums, shape (n, k)."""

    def transformed(self, sums: Array) -> Array:
        """Return the metric on its scale, shape (samples,); `sums` is (samples, k)."""

    def slopes(self, sums: Array) -> Array:
        """Return by how much that moves with each of the sums, shape (samples, k)."""

    def back_transformed(self, transformed: Array) -> Array:
        """Return the metric from values on its scale."""

    def worth(self, units: Array) -> float:
        """Return how many units of one size are worth what these add, shape (units, k)."""

    def far(self, units: Array, ends: Array) -> bool:
        """Say whether limits on its scale reach so far that they say nothing."""


@dataclass(frozen=True)
class Ratio:
    """A metric that is a function of one sum over another, of numbers of each row that are >= 0.

    `above` and `below` have shape (n,), `value` makes of their ratio what is shown. The scale is
    the logarithm of the ratio.
    """

    above: Array
    below: Array
    value: Callable[[Array], Array]

    @cached_property
    def scale(self) -> float:
        """What `above` is divided by, so that squares neither overflow nor vanish."""
        return float(np.abs(self.above).max(initial=0.0)) or 1.0

    @property
    def rows(self) -> Array:
        """Both numbers of each row."""
        return np.stack([self.above / self.scale, self.below], axis=1).astype(np.float64)

    def transformed(self, sums: Array) -> Array:
        """Return the logarithm of the ratio."""
        return np.asarray(np.log(sums[:, 0] / sums[:, 1]))

    def slopes(self, sums: Array) -> Array:
        """Return by how much it moves with each of the two."""
        return np.array([1.0, -1.0]) / sums

    def back_transformed(self, transformed: Array) -> Array:
        """Return the metric."""
        return self.value(np.exp(transformed) * self.scale)

    def worth(self, units: Array) -> float:
        """Return how many equal numbers are worth what is above."""
        return worth(units[:, 0])

    def far(self, units: Array, ends: Array) -> bool:
        """Say whether they reach many times as far as the largest number."""
        largest = float(units[:, 0].max(initial=0.0) / units[:, 1].mean())
        return not np.exp(ends).max() <= TOO_FAR * largest


@runtime_checkable
class OfSums(Protocol):
    """A metric whose measures, or some of them, are smooth functions of sums."""

    def smooth(self, statistics: Array) -> Sequence[Smooth | None]:
        """Return the function that each metric is; None where it is none."""


class Studentized:
    """The bootstrap-t of a smooth metric, on its scale (Efron & Tibshirani 1993, ch. 12).

    Each sample says by how many of its own standard errors, linearised, it is off: what is skewed
    is off more to one side, and less certain there.
    """

    def __init__(self, smooth: Smooth, groups: Array | None) -> None:
        units = smooth.rows
        self._smooth = smooth
        self._first: Array | None = None
        if groups is not None:
            _, first, unit = np.unique(groups, return_index=True, return_inverse=True)
            self._first = first
            unit = unit.ravel()
            units = np.stack([np.bincount(unit, column) for column in units.T], axis=1)
        self._units = units
        self._pairs = np.triu_indices(units.shape[1])
        first_of, second_of = self._pairs
        self._sums = np.concatenate([units, units[:, first_of] * units[:, second_of]], axis=1)
        [self._transformed], [self._error] = self._of(self._sums.sum(0)[None])
        self._off: list[Array] = []

    def _of(self, sums: Array) -> tuple[Array, Array]:
        """Return metrics on that scale and their standard errors, shape (samples,) each."""
        of_one, of_two = np.split(sums, [self._units.shape[1]], axis=1)
        units, (first_of, second_of) = len(self._units), self._pairs
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            slopes = self._smooth.slopes(of_one)
            each = slopes[:, first_of] * slopes[:, second_of] * of_two
            spread = (each * np.where(first_of == second_of, 1.0, 2.0)).sum(1)
            error = np.sqrt(np.maximum(spread, 0.0) * (units / max(1, units - 1)))
            return self._smooth.transformed(of_one), error

    def add(self, weights: Array) -> Array:
        """Add samples, as weights of rows; return the metric of each."""
        weights = weights if self._first is None else weights[:, self._first]
        transformed, error = self._of(weights @ self._sums)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            self._off.append((transformed - self._transformed) / error)
            return self._smooth.back_transformed(transformed)

    @cached_property
    def limits(self) -> Limits | None:
        """The limits; NaN where the samples have none, None where they are too far to say much."""
        off = np.concatenate(self._off) if self._off else np.zeros(0)
        off = off[np.isfinite(off)]
        if not len(off) or not math.isfinite(self._transformed):
            return NO_LIMITS
        t, z = student(self._smooth.worth(self._units) - 1), student(math.inf)
        # Few large numbers say little of how large others are: t for as many as they are worth.
        low, high = np.quantile(off, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) * t / z
        ends = self._transformed + np.array([-max(high, t), -min(low, -t)]) * self._error
        with np.errstate(over="ignore"):
            if self._smooth.far(self._units, ends):
                return None
            first, second = self._smooth.back_transformed(ends)
        return float(min(first, second)), float(max(first, second))


def student(freedom: float) -> float:
    """Return the quantile of Student's t for `LEVEL`, from the beginning of its expansion.

    Fisher & Cornish (1960); three digits right from five degrees of freedom on.
    """
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    freedom = max(1.0, freedom)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )


def within(value: float, drawn: Array, span: tuple[float, float], support: Support) -> Limits:
    """Return the limits of a metric that lies in `span`, NaN if half of the samples are undefined.

    It is taken for a share of as many independent rows as its spread over samples is worth, whose
    interval is Wilson's (Wilson 1927; for samples of groups Korn & Graubard 1998, with t for as
    many groups). Where the samples do not spread it is worth the rows that it rests on.
    """
    kept = drawn[np.isfinite(drawn)]
    if len(kept) < len(drawn) / 2 or support.units <= 1:
        return NO_LIMITS
    low, wide = span[0], span[1] - span[0]
    share = min(1.0, max(0.0, (value - low) / wide))
    variance = float(kept.var()) / wide**2 * support.units / (support.units - 1)
    certain = share * (1 - share)
    rows = min(support.most, certain / variance) if certain and variance else support.units
    ends = wilson_of(share, rows, student(support.units - 1))
    return low + wide * ends[0], low + wide * ends[1]


def wilson(share: float, rows: int) -> Limits:
    """Return the interval of a share of `rows` independent rows (Wilson 1927, eq. 3)."""
    return wilson_of(share, rows, student(math.inf)) if rows else NO_LIMITS


def wilson_of(share: float, rows: float, z: float) -> Limits:
    """Return Wilson's interval that reaches as far as a quantile `z` says."""
    middle = share + z * z / (2 * rows)
    reach = z * math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    below = 1 + z * z / rows
    return max(0.0, (middle - reach) / below), min(1.0, (middle + reach) / below)


def percentiles(values: Array, units: float) -> Limits:
    """Return the limits that hold the middle of values; NaN if half of them are undefined.

    They were drawn from `units` rows or groups. A sample of few has less spread than what it is
    from, so percentiles are too narrow by about sqrt((units - 1) / units) and by what t is wider
    than z: they are taken further out, so that they hold `LEVEL` for a mean of normal values
    (the expanded percentile interval: Hesterberg 2015, What Teachers Should Know about the
    Bootstrap).
    """
    kept = values[np.isfinite(values)]
    if len(kept) < len(values) / 2 or units <= 1:
        return NO_LIMITS
    below = NormalDist().cdf(-student(units - 1) * math.sqrt(units / (units - 1)))
    low, high = np.quantile(kept, [below, 1 - below])
    return float(low), float(high)


def limits(
    measure: Measure, value: float, drawn: Array, support: Support, smooth: Studentized | None
) -> Limits:
    """Return the limits of a metric, in the way that suits it.

    `drawn` is what it was in samples of the rows, of which `smooth` has seen the same.
    """
    found = NO_LIMITS if smooth is None else smooth.limits
    if found is None:
        return NO_LIMITS
    if all(map(math.isfinite, found)):
        return found
    if measure.span is not None:
        return within(value, drawn, measure.span, support)
    return percentiles(drawn, support.units)


def caveat(drawn: Array, support: Support, smooth: Studentized | None) -> str | None:
    """Return why the interval of a metric is unreliable, None if there is no reason.

    Takes what `limits` does.
    """
    if smooth is not None and smooth.limits is None:
        return FEW
    if support.caveat is not None:
        return support.caveat
    undefined = float((~np.isfinite(drawn)).mean()) if len(drawn) else 0.0
    if undefined > UNDEFINED:
        return f"undefined in {undefined:.0%} of the samples drawn from these rows: {UNRELIABLE}"
    return None
