"""Whether a metric of some rows differs from that of others: rows change places at random."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb

import numpy as np

from gft.data.sampling import spread_over
from gft.metrics.comparison import ENOUGH, MOST_SHUFFLES, SHUFFLES_AT_ONCE
from gft.metrics.protocol import Array, Metric

MANY_ROWS = 500
"""Where rows all differ and each side has so many, an interval is as good a test, and quicker."""
MOST_ROWS = 5_000
"""So many rows of a side are shuffled where all differ; of more, rows at even distances."""
FEWER_SHUFFLES = 999
"""Of a metric of one's own, which is computed anew for each."""
_WEIGHTS_AT_ONCE = 500_000


def exchanged(
    metric: Metric,
    first: Array,
    second: Array,
    *,
    groups: tuple[Array, Array] | None = None,
    most: int = MOST_SHUFFLES,
    seed: int = 0,
) -> list[float | None]:
    """Return, for each measure of a metric, the p-value of the difference between two sides.

    `first` and `second` are the statistics of the rows of each side, shape (n, k) each. The
    p-value is two-sided, by approximate randomisation (Noreen 1989): which side a row is on is
    drawn again, until the answer is clear (Besag & Clifford 1991), `most` times. With `groups`, one
    a row of each side, whole groups change places; one that has rows on both sides swaps these.
    None where a metric is undefined, and where there are so many rows without groups, all
    different, that this test has nothing to add to an interval.
    """
    both = np.concatenate([first, second])
    if groups is None:
        kinds, often = _kinds(first, second)
        if often.max() == 1 and min(len(first), len(second)) >= MANY_ROWS:
            return [None for _ in metric.reduce(both[:1], np.ones((1, 1)))]
        both, draws = both[kinds], _rows_drawn(often, seed)
        count = often.sum(0)
    else:
        count = np.ones(len(both), dtype=np.int64)
        draws = _groups_drawn(*groups, seed)
        often = np.stack([np.arange(len(both)) < len(first), np.arange(len(both)) >= len(first)])
    observed = _apart(metric, both, often[:1], count)[:, 0]
    # What rounding adds to a sum in another order is no difference.
    least = (np.abs(observed) - 1e-12)[:, None]
    most = min(most, FEWER_SHUFFLES) if both.dtype == object else most
    as_far, drawn = (np.zeros(len(observed), dtype=np.int64) for _ in range(2))
    for stay in draws:
        apart = np.abs(_apart(metric, both, stay, count))
        as_far += (apart >= least).sum(1)
        drawn += np.isfinite(apart).sum(1)
        if drawn.max() >= most or not drawn.any() or (as_far >= ENOUGH).all():
            break
    known = np.isfinite(observed) & (drawn > 0)
    p_values = (as_far + 1) / (drawn + 1)
    return [float(p) if there else None for p, there in zip(p_values, known, strict=True)]


def arrangements(first: Array, second: Array) -> int:
    """Return in how many ways groups can change places: with few, no p-value can be small.

    `first` and `second` are the groups of the rows of each side.
    """
    ours, theirs = np.unique(first), np.unique(second)
    shared = len(np.intersect1d(ours, theirs))
    alone = len(ours) - shared, len(theirs) - shared
    return int(comb(sum(alone), alone[0]) * 2**shared)


def _apart(metric: Metric, both: Array, stay: Array, count: Array) -> Array:
    """Return the first side's metrics less the second's, shape (measures, samples).

    Of each kind of rows `stay`, shape (samples, kinds), are on the first side, of all `count`.
    """
    first = metric.reduce(both, stay.astype(np.float64))
    return np.asarray(first - metric.reduce(both, (count - stay).astype(np.float64)))


def _kinds(first: Array, second: Array) -> tuple[Array, Array]:
    """Return rows that differ, and how many there are of each on the two sides, shape (2, kinds).

    The rows are numbers in both sides, one after the other.
    """
    both = np.concatenate([first, second])
    if both.dtype != object:
        found, at, kind = np.unique(both, axis=0, return_index=True, return_inverse=True)
        if len(found) < len(both) / 2:
            kind = kind.ravel()
            sides = (kind[: len(first)], kind[len(first) :])
            return at, np.stack([np.bincount(one, minlength=len(found)) for one in sides])
    ours, theirs = spread_over(len(first), MOST_ROWS), spread_over(len(second), MOST_ROWS)
    often = np.zeros((2, len(ours) + len(theirs)), dtype=np.int64)
    often[0, : len(ours)] = often[1, len(ours) :] = 1
    return np.concatenate([ours, theirs + len(first)]), often


def _rows_drawn(often: Array, seed: int) -> Iterator[Array]:
    """Yield how many rows of each kind are on the first side, shape (samples, kinds), for ever."""
    generator, count = np.random.default_rng(seed), often.sum(0)
    block = max(1, min(SHUFFLES_AT_ONCE, _WEIGHTS_AT_ONCE // len(count)))
    while True:
        if count.max() > 1:
            yield generator.multivariate_hypergeometric(
                count, int(often[0].sum()), size=block, method="marginals"
            )
        else:
            yield generator.permuted(np.tile(often[0], (block, 1)), axis=1)


def _groups_drawn(first: Array, second: Array, seed: int) -> Iterator[Array]:
    """Yield which rows are on the first side where whole groups change places, for ever."""
    generator = np.random.default_rng(seed)
    names, unit = np.unique(np.concatenate([first, second]), return_inverse=True)
    unit = unit.ravel()
    ours, theirs = np.isin(names, first), np.isin(names, second)
    shared, mine = ours & theirs, np.arange(len(unit)) < len(first)
    alone = np.flatnonzero(~shared)
    block = max(1, min(SHUFFLES_AT_ONCE, _WEIGHTS_AT_ONCE // len(unit)))
    while True:
        drawn = generator.integers(0, 2, size=(block, len(names))).astype(bool)
        drawn[:, alone] = generator.permuted(np.tile(ours[alone], (block, 1)), axis=1)
        swapped = drawn[:, unit]
        yield np.where(shared[unit], mine ^ swapped, swapped)
