"""How the limits of a figure are made of its value and of what samples of the rows gave."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import Protocol, runtime_checkable

import numpy as np

from gft.metrics.grounds import UNRELIABLE, Support
from gft.metrics.protocol import Array, Figure

LEVEL = 0.95
UNDEFINED = 0.01
"""A larger share of samples in which a figure is undefined makes an interval doubtful."""
Limits = tuple[float, float]
NO_LIMITS: Limits = (math.nan, math.nan)
TOO_FAR = 10
"""An interval of a mean that reaches so many times as far as its largest row says nothing."""
FEW = "too few rows for an interval"


@dataclass(frozen=True)
class Ratio:
    """A figure that is a function of one sum over another, of numbers of each row that are >= 0.

    `above` and `below` have shape (n,), `figure` makes of their ratio what is shown.
    """

    above: Array
    below: Array
    figure: Callable[[Array], Array]


@runtime_checkable
class OfRatios(Protocol):
    """A metric whose figures, or some of them, are functions of ratios of sums."""

    def ratios(self, statistics: Array) -> Sequence[Ratio | None]:
        """Return the ratio of each figure; None where it is none."""


class Studentized:
    """The bootstrap-t of a ratio, on the logarithm (Efron & Tibshirani 1993, ch. 12).

    Each sample says by how many of its own standard errors it is off: what is skewed is off more
    to one side, and less certain there.
    """

    def __init__(self, ratio: Ratio, groups: Array | None) -> None:
        above: Array = ratio.above.astype(np.float64)
        below: Array = ratio.below.astype(np.float64)
        self._figure = ratio.figure
        self._first: Array | None = None
        if groups is not None:
            _, first, unit = np.unique(groups, return_index=True, return_inverse=True)
            self._first = first
            unit = unit.ravel()
            above, below = np.bincount(unit, above), np.bincount(unit, below)
        # So that squares neither overflow nor vanish.
        scale = np.abs(above).max(initial=0.0) or 1.0
        self._scale, self._above = scale, above / scale
        self._sums = np.stack(
            [self._above, below, self._above**2, self._above * below, below**2], axis=1
        )
        [self._value], [self._error] = _of_sums(self._sums.sum(0)[None], len(above))
        self._off: list[Array] = []
        with np.errstate(divide="ignore", invalid="ignore"):
            self._largest = (
                float(self._above.max(initial=0.0) / below.mean()) if len(below) else 0.0
            )

    def add(self, weights: Array) -> Array:
        """Add samples, as weights of rows; return the figure of each."""
        weights = weights if self._first is None else weights[:, self._first]
        value, error = _of_sums(weights @ self._sums, len(self._sums))
        with np.errstate(divide="ignore", invalid="ignore"):
            self._off.append(np.log(value / self._value) / error)
            return self._figure(value * self._scale)

    @cached_property
    def limits(self) -> Limits | None:
        """The limits; NaN where the samples have none, None where they are too far to say much."""
        off = np.concatenate(self._off) if self._off else np.zeros(0)
        off = off[np.isfinite(off)]
        if not len(off) or not self._value > 0:
            return NO_LIMITS
        worth = self._above.sum() ** 2 / (self._above**2).sum()
        t, z = student(worth - 1), student(math.inf)
        # Few large numbers say little of how large others are: t for as many as they are worth.
        low, high = np.quantile(off, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) * t / z
        reach = np.array([-max(high, t), -min(low, -t)]) * self._error
        with np.errstate(over="ignore"):
            ends = self._value * np.exp(reach)
            if not ends.max() <= TOO_FAR * self._largest:
                return None
            first, second = self._figure(ends * self._scale)
        return float(min(first, second)), float(max(first, second))


def _of_sums(sums: Array, units: int) -> tuple[Array, Array]:
    """Return ratios and their relative standard errors, linearised; shape (samples,) each."""
    above, below, squares, products, squares_below = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = above / below
        spread = squares - 2 * ratio * products + ratio**2 * squares_below
        spread = np.maximum(spread, 0) * (units / max(1, units - 1))
        return ratio, np.sqrt(spread) / above


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
    """Return the limits of a figure that lies in `span`, NaN if half of the samples are undefined.

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
    figure: Figure, value: float, drawn: Array, support: Support, ratio: Studentized | None
) -> Limits:
    """Return the limits of a figure, in the way that suits it.

    `drawn` is what it was in samples of the rows, of which `ratio` has seen the same.
    """
    found = NO_LIMITS if ratio is None else ratio.limits
    if found is None:
        return NO_LIMITS
    if all(map(math.isfinite, found)):
        return found
    if figure.span is not None:
        return within(value, drawn, figure.span, support)
    return percentiles(drawn, support.units)


def caveat(drawn: Array, support: Support, ratio: Studentized | None) -> str | None:
    """Return why the interval of a figure is not to be relied on, None if there is no reason.

    Takes what `limits` does.
    """
    if ratio is not None and ratio.limits is None:
        return FEW
    if support.caveat is not None:
        return support.caveat
    undefined = float((~np.isfinite(drawn)).mean()) if len(drawn) else 0.0
    if undefined > UNDEFINED:
        return f"undefined in {undefined:.0%} of the samples drawn from these rows: {UNRELIABLE}"
    return None
