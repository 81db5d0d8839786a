"""Metrics of the rows with each value of a column, and whether values differ significantly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb
from statistics import NormalDist
from typing import Any

import numpy as np

from gft.metrics.comparison import MOST_SHUFFLES, RANDOMISATION, holm
from gft.metrics.exchange import arrangements, exchanged
from gft.metrics.intervals import Result, Tally, remarks_saved
from gft.metrics.limits import LEVEL, percentiles
from gft.metrics.protocol import Array
from gft.metrics.samples import SAMPLES, bootstrap_weights

SHUFFLES_A_TEST = 40
"""At least so many for each test, so that a p-value can be small when it is adjusted for all."""
FEWEST_ROWS, FEWEST_GROUPS = 10, 5
"""A value with fewer rows, or groups, is not compared with others."""
SIGNIFICANCE = 1 - LEVEL
"""Below this p-value, after the correction, a difference is significant."""


@dataclass(frozen=True)
class ByColumn:
    """What value of a column each row has: `numbers`, shape (rows,), of `names`.

    Values in `mixed` are several taken together, which are shown and compared with nothing. `note`
    says what was done to the column, where that was anything.
    """

    column: str
    names: tuple[str, ...]
    numbers: Array
    mixed: frozenset[str] = frozenset()
    note: str | None = None


@dataclass(frozen=True)
class Subgroup:
    """The rows with one value: how many there are, of how many groups, and their scores.

    `apart` says that it is compared with other values.
    """

    value: str
    rows: int
    groups: int | None
    results: list[Result]
    apart: bool

    def saved(self) -> dict[str, Any]:
        """Return it as JSON."""
        of_groups = {} if self.groups is None else {"groups": self.groups}
        metrics = {result.name: result.saved() for result in self.results}
        return {"rows": self.rows, **of_groups, "compared": self.apart, "metrics": metrics}


@dataclass(frozen=True)
class Gap:
    """A metric of the rows with the first of two values less that of the second's, above 0.

    `p` is the p-value: how often two equal subgroups would differ as much by chance. `adjusted` is
    the p-value adjusted for all comparisons. `largest` says that no two subgroups differ more, or
    none with enough rows for reliable intervals.
    """

    difference: Result
    between: tuple[str, str]
    p: float
    adjusted: float = 1.0
    largest: bool = False

    def saved(self) -> dict[str, Any]:
        """Return it as JSON."""
        found = self.difference
        limits = {"value": found.value, "low": found.low, "high": found.high}
        return {
            "metric": found.name,
            "between": list(self.between),
            "difference": limits | remarks_saved(found.about, found.caveat),
            "greater_is_better": found.greater_is_better,
            "p": self.p,
            "p_adjusted": self.adjusted,
            "significant": self.adjusted < SIGNIFICANCE,
            "largest": self.largest,
            "test": RANDOMISATION,
        }


@dataclass(frozen=True)
class Divided:
    """The subgroups of one column, and differences between them.

    `gaps` are the largest of each metric and all that are significant, of as many as were
    `compared` in all columns.
    """

    column: str
    subgroups: list[Subgroup]
    gaps: list[Gap]
    compared: int

    def saved(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "values": {one.value: one.saved() for one in self.subgroups},
            "differences": [one.saved() for one in self.gaps],
            "comparisons": self.compared,
        }


def divided(
    tally: Tally, columns: Sequence[ByColumn], groups: Array | None = None, seed: int = 0
) -> list[Divided]:
    """Return every metric, with its interval, of the rows with each value of some columns.

    Every two values of a column with `FEWEST_ROWS` rows, and `FEWEST_GROUPS` of `groups`, are
    compared in every metric. The interval of a difference joins those of both (MOVER: Zou & Donner
    2008). Its p-value is the larger of two: that of approximate randomisation, which alone would be
    too small where values differ in the shares of classes or in spread, and the one at which the
    interval would hold 0, which alone would be too small with few rows and decides where there are
    very many. They are adjusted for all
    comparisons in all columns (Holm 1979).
    """
    parts = [_subgroups(tally, column, groups) for column in columns]
    measures = sum(len(metric.measures(tally.names)) for metric in tally.metrics)
    pairs = sum(comb(sum(one.apart for one in part), 2) for part in parts)
    most = max(MOST_SHUFFLES, SHUFFLES_A_TEST * measures * pairs)
    found = [
        _gaps(tally, column, part, groups, most, seed)
        for column, part in zip(columns, parts, strict=True)
    ]
    p_values = [gap.p for gaps in found for gap in gaps]
    adjusted = iter(holm(p_values, len(p_values)))
    divided = []
    for column, part, gaps in zip(columns, parts, found, strict=True):
        known = [replace(gap, adjusted=next(adjusted) or 0.0) for gap in gaps]
        divided.append(Divided(column.column, part, _worth_telling(known), len(p_values)))
    return divided


def _subgroups(tally: Tally, column: ByColumn, groups: Array | None) -> list[Subgroup]:
    found = []
    for number, name in enumerate(column.names):
        chosen = np.flatnonzero(column.numbers == number)
        if not len(chosen):
            continue
        of = None if groups is None else groups[chosen]
        results = tally.values_with_intervals(groups=groups, chosen=chosen)
        units = None if of is None else len(np.unique(of))
        enough = len(chosen) >= FEWEST_ROWS and (units is None or units >= FEWEST_GROUPS)
        apart = enough and name not in column.mixed
        found.append(Subgroup(name, len(chosen), units, results, apart))
    return found


def _gaps(
    tally: Tally,
    column: ByColumn,
    subgroups: Sequence[Subgroup],
    groups: Array | None,
    most: int,
    seed: int,
) -> list[Gap]:
    """Return the differences between every two values, in every metric that both have."""
    chosen = {
        one.value: np.flatnonzero(column.numbers == column.names.index(one.value))
        for one in subgroups
    }
    found = []
    for one, other in combinations([one for one in subgroups if one.apart], 2):
        rows = chosen[one.value], chosen[other.value]
        of = None if groups is None else (groups[rows[0]], groups[rows[1]])
        reach = _reaches(tally, rows, of, one, other, seed)
        p_values = [
            p
            for metric, statistics in zip(tally.metrics, tally.statistics, strict=True)
            for p in exchanged(
                metric, statistics[rows[0]], statistics[rows[1]], groups=of, most=most, seed=seed
            )
        ]
        few = of is not None and arrangements(*of) * SIGNIFICANCE < 1
        for ours, theirs, p, limits in zip(
            one.results, other.results, p_values, reach, strict=True
        ):
            gap = _gap(ours, theirs, (one.value, other.value), p, limits)
            if gap is not None:
                found.append(_cautioned(gap) if few else gap)
    return found


def _reaches(
    tally: Tally,
    rows: tuple[Array, Array],
    groups: tuple[Array, Array] | None,
    one: Subgroup,
    other: Subgroup,
    seed: int,
) -> list[tuple[float, float] | None]:
    """Return the interval of each metric of one less the other's; None where there is none.

    Groups that have rows on both sides are drawn with both: what is hard for both does not count.
    """
    if groups is None or not len(np.intersect1d(*groups)):
        return [_joined(*pair) for pair in zip(one.results, other.results, strict=True)]
    first, every = len(rows[0]), np.concatenate(groups)
    found: list[tuple[float, float] | None] = []
    for metric, statistics in zip(tally.metrics, tally.statistics, strict=True):
        ours, theirs = (statistics[side] for side in rows)
        drawn = [
            metric.reduce(ours, weights[:, :first]) - metric.reduce(theirs, weights[:, first:])
            for weights in bootstrap_weights(len(every), SAMPLES, seed, every)
        ]
        units = min(len(np.unique(side)) for side in groups)
        limits = (percentiles(of, units) for of in np.concatenate(drawn, axis=1))
        found += [(low, high) if math.isfinite(low) else None for low, high in limits]
    return found


def _joined(ours: Result, theirs: Result) -> tuple[float, float] | None:
    """Return the interval of the difference of two values that have one of their own."""
    ends = ours.value, ours.low, ours.high, theirs.value, theirs.low, theirs.high
    if any(end is None for end in ends):
        return None
    value, low, high, other, other_low, other_high = (float(end or 0.0) for end in ends)
    below = math.hypot(value - low, other_high - other)
    above = math.hypot(high - value, other - other_low)
    return value - other - below, value - other + above


def _gap(
    ours: Result,
    theirs: Result,
    between: tuple[str, str],
    p: float | None,
    limits: tuple[float, float] | None,
) -> Gap | None:
    """Return the larger value less the other; None where one is undefined or has no interval."""
    if ours.value is None or theirs.value is None or limits is None:
        return None
    apart, (low, high) = ours.value - theirs.value, limits
    if apart < 0:
        apart, low, high, between = -apart, -high, -low, (between[1], between[0])
    caveat = ours.caveat or theirs.caveat
    rows = ours.n + theirs.n
    difference = replace(ours, value=apart, low=low, high=high, n=rows, caveat=caveat)
    return Gap(difference, between, max(p or 0.0, _by_interval(apart, apart - low)))


def _cautioned(gap: Gap) -> Gap:
    caveat = "there are too few groups for any difference to be significant"
    return replace(gap, difference=replace(gap.difference, caveat=caveat))


def _by_interval(apart: float, below: float) -> float:
    """Return the two-sided p-value of a difference whose interval goes so far towards 0."""
    if apart <= 0:
        return 1.0
    if below <= 0:
        return 0.0
    normal = NormalDist()
    return 2 * normal.cdf(-normal.inv_cdf((1 + LEVEL) / 2) * apart / below)


def _worth_telling(gaps: Sequence[Gap]) -> list[Gap]:
    """Return the largest difference of each metric, and those that are significant.

    A difference without a caveat counts as larger than those with one: of a few rows it is noise.
    """
    largest: dict[str, Gap] = {}
    for gap in gaps:
        before = largest.get(gap.difference.name)
        if before is None or _size(gap) > _size(before):
            largest[gap.difference.name] = gap
    return [
        replace(gap, largest=gap is largest[name])
        for name in largest
        for gap in gaps
        if gap.difference.name == name and (gap is largest[name] or gap.adjusted < SIGNIFICANCE)
    ]


def _size(gap: Gap) -> tuple[bool, float]:
    return gap.difference.caveat is None, gap.difference.value or 0.0
