"""Whether two models differ: paired differences of a metric, their intervals and p-values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gft.metrics.differences import paired_differences
from gft.metrics.intervals import Result, Tally, remarks_saved
from gft.metrics.protocol import Array, Measure, Metric

MCNEMAR = "McNemar's exact test"
RANDOMISATION = "approximate randomisation"
SMALL = 0.05
"""A p-value below that is taken for more than chance."""
MOST_SHUFFLES = 9_999
SHUFFLES_AT_ONCE = 500
ENOUGH = 50
"""After so many shuffles that part the models as much, more would say nothing new."""
_WEIGHTS_AT_ONCE = 500_000


@dataclass(frozen=True)
class Comparison:
    """A model's score less the best model's, with its interval; None where undefined.

    `p` is the p-value: how often two equal models would differ as much by chance. `adjusted` is the
    p-value adjusted for all comparisons.
    """

    metric: str
    value: float | None
    low: float | None
    high: float | None
    p: float | None
    test: str | None
    adjusted: float | None = None
    about: str | None = None
    """The class that it is a metric of, where it is one of two."""
    caveat: str | None = None
    """Why the interval is unreliable; None where it is."""
    p_caveat: str | None = None
    """Why `p` can tell nothing, None where it can."""

    def saved(self) -> dict[str, Any]:
        """Return the comparison as JSON."""
        difference = {"value": self.value, "low": self.low, "high": self.high}
        return {
            "metric": self.metric,
            "difference": difference | remarks_saved(self.about, self.caveat),
            "p": self.p,
            "p_adjusted": self.adjusted,
            "test": self.test,
            **({} if self.p_caveat is None else {"p_caveat": self.p_caveat}),
        }


def compare_with_best(
    best: Tally,
    others: Sequence[Tally],
    measure: Measure,
    *,
    groups: Array | None = None,
    seed: int = 0,
) -> list[Comparison]:
    """Return a comparison of each of `others` with `best`, on one metric, for the same rows.

    All have the same metrics.
    The interval is a paired bootstrap's. A share of independent rows is tested by McNemar's exact
    test (McNemar 1947), any other metric, and whole `groups`, by approximate randomisation: what
    the two models say of a row, or a group, is swapped by chance (Noreen 1989; Yeh 2000), until
    the answer is clear (Besag & Clifford 1991). The best was chosen on these very rows, so every
    pair of models counts as one that could have been compared: p-values are adjusted for all of
    them (Holm 1979).
    """
    names = [[one.name for one in metric.measures(best.names)] for metric in best.metrics]
    index = next(n for n, of in enumerate(names) if measure.name in of)
    metric, part = best.metrics[index], names[index].index(measure.name)
    every = [one.statistics[index] for one in (best, *others)]
    differences = paired_differences([metric], [every], best.names, groups=groups, seed=seed)
    found = []
    for n, results in enumerate(differences):
        p: float | None = None
        test: str | None = None
        if metric.measures(best.names)[part].proportion and groups is None:
            test = MCNEMAR
            p = mcnemar(*(_shares(one, metric, part) for one in (every[0], every[n + 1])))
        elif others[n].names == best.names:
            test = RANDOMISATION
            p = randomised(metric, part, every[0], every[n + 1], groups=groups, seed=seed)
        found.append(_turned(results[part], p, test))
    models = len(others) + 1
    pairs = models * (models - 1) // 2
    adjusted = holm([one.p for one in found], pairs)
    few = None if groups is None else _few(len(np.unique(groups)), pairs)
    return [
        replace(one, adjusted=p, p_caveat=None if p is None else few)
        for one, p in zip(found, adjusted, strict=True)
    ]


def _few(groups: int, pairs: int) -> str | None:
    """Return a sentence if no p-value can be small: so many groups swap in 2 ** groups ways."""
    least = 2.0 ** (1 - groups)
    if least * pairs <= SMALL:
        return None
    sentence = f"with {groups} groups p cannot be below {least:.3g}"
    sentence += f", {min(1.0, least * pairs):.3g} when adjusted" if pairs > 1 else ""
    return f"{sentence}: no difference, however large, can be significant"


def _turned(best_less_other: Result, p: float | None, test: str | None) -> Comparison:
    low, high = best_less_other.high, best_less_other.low
    value, low, high = (
        None if one is None else 0.0 - one for one in (best_less_other.value, low, high)
    )
    about, caveat = best_less_other.about, best_less_other.caveat
    return Comparison(best_less_other.name, value, low, high, p, test, about=about, caveat=caveat)


def _shares(statistics: Array, metric: Metric, part: int) -> Array:
    """Return what each row alone makes of a share of rows: 1 or 0, shape (n,)."""
    one = np.ones((1, 1))
    alone = (metric.reduce(statistics[n : n + 1], one) for n in range(len(statistics)))
    return np.array([values[part, 0] for values in alone])


def mcnemar(ours: Array, theirs: Array) -> float:
    """Return the two-sided p-value for equal shares, of rows that are 1 where right, shape (n,)."""
    from scipy.stats import binomtest

    gained, lost = int((ours > theirs).sum()), int((ours < theirs).sum())
    if not gained + lost:
        return 1.0
    return float(binomtest(gained, gained + lost, 0.5).pvalue)


def randomised(
    metric: Metric,
    part: int,
    ours: Array,
    theirs: Array,
    *,
    groups: Array | None = None,
    seed: int = 0,
) -> float | None:
    """Return the two-sided p-value for metrics that differ only by chance; None if undefined.

    `ours` and `theirs` are the statistics of the same rows, shape (n, k) each; `part` says which
    of the metric's measures it is.
    """
    if groups is None:
        kinds, often = _kinds(ours, theirs)
        ours, theirs, unit = ours[kinds], theirs[kinds], np.arange(len(kinds))
    else:
        unit = np.unique(groups, return_inverse=True)[1].ravel()
        often = np.ones(len(ours), dtype=np.int64)
    if not len(unit) or (groups is not None and unit.max() < 1):
        return None
    both = np.concatenate([ours, theirs])
    generator = np.random.default_rng(seed)
    [observed] = _apart(metric, part, both, often[None], often)
    if not np.isfinite(observed):
        return None
    # What rounding adds to a sum in another order is no difference.
    least = float(observed) - 1e-12
    block = max(1, min(SHUFFLES_AT_ONCE, _WEIGHTS_AT_ONCE // len(unit)))
    as_far = drawn = 0
    while drawn < MOST_SHUFFLES and as_far < ENOUGH:
        if groups is None:
            stay = generator.binomial(often, 0.5, size=(block, len(often)))
        else:
            stay = generator.integers(0, 2, size=(block, int(unit.max()) + 1))[:, unit]
        apart = _apart(metric, part, both, stay, often)
        if not np.isfinite(apart).any():
            return None
        as_far += int((apart >= least).sum())
        drawn += int(np.isfinite(apart).sum())
    return (as_far + 1) / (drawn + 1)


def _kinds(ours: Array, theirs: Array) -> tuple[Array, Array]:
    """Return rows that differ in their statistics, and how many there are of each.

    Of rows that are alike only the number counts that is swapped: a few counts for classes.
    """
    pairs = np.concatenate([ours, theirs], axis=1)
    if pairs.dtype == object:
        return np.arange(len(ours)), np.ones(len(ours), dtype=np.int64)
    _, first, counts = np.unique(pairs, axis=0, return_index=True, return_counts=True)
    return first, counts


def _apart(metric: Metric, part: int, both: Array, stay: Array, often: Array) -> Array:
    """Return how far apart two models are if of each kind of rows `stay`, and others are swapped.

    `stay` has shape (samples, kinds), `often` (kinds,) says how many rows there are of each.
    """
    kept, swapped = stay.astype(np.float64), (often - stay).astype(np.float64)
    first = metric.reduce(both, np.concatenate([kept, swapped], axis=1))[part]
    second = metric.reduce(both, np.concatenate([swapped, kept], axis=1))[part]
    return np.asarray(np.abs(first - second))


def holm(p_values: Sequence[float | None], family: int) -> list[float | None]:
    """Return p-values adjusted for a family of that many tests (Holm 1979), 1 at most.

    Those that are not among `p_values` count as larger than all that are.
    """
    order = sorted((p, n) for n, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, n) in enumerate(order):
        largest = max(largest, min(1.0, (family - rank) * p))
        adjusted[n] = largest
    return adjusted
