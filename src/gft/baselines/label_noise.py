"""How many labels are wrong: an estimate, with its interval, from what models say of unseen rows.

The surer a model is of a class, the fewer rows have another label; but where the model is as sure
as can be, some still do: these labels are wrong. So the share of other labels is fitted, as a
function of how sure the model is, by a logistic curve that does not fall below a floor, and the
floor is the share of wrong labels. (It is the lapse rate of a psychometric function, Wichmann &
Hill 2001; that labels of rows which a model is sure of show the noise is the idea of anchor points,
Liu & Tao 2016.) Each class has a floor of its own, drawn to those of the others as far as the data
leaves it open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gft.metrics.protocol import Array

FEWEST = 200
"""From fewer rows nothing is estimated."""
BINS = 40
"""So many steps of sureness at most, for each class."""
ROWS_A_BIN = 8
MOST = 0.6
"""No larger share of wrong labels is considered; of two classes no more than half."""
DRAWS = 2000
SPREADS = (2.0, 5.0, 15.0, 50.0, 200.0)
"""How alike the floors of classes may be: the sum of a beta distribution's parameters."""
USUAL, AROUND_USUAL = np.array([1.2, 0.0]), np.array([0.25, 2.0])
"""Slope and shift of the curve of our linear models, and how far they lie around: their
probabilities are about right where no label is wrong."""
AROUND_POOLED = np.array([0.1, 0.25])
"""How far those of a class lie around those of all."""
OVERDISPERSION = 4.0
"""Variances are taken to be so much larger than binomial ones, or more where the curve fits worse:
it is no more than an approximation."""
STEPS = 30


@dataclass(frozen=True)
class Estimate:
    """How many of `rows` labels are wrong: about `wrong`, from `low` to `high` (95 %)."""

    rows: int
    wrong: int
    low: int
    high: int

    def of(self, rows: int) -> Estimate:
        """Return the estimate for so many rows, of which those that were looked at are some."""
        share = rows / self.rows
        return Estimate(rows, *(round(share * one) for one in (self.wrong, self.low, self.high)))


@dataclass(frozen=True)
class _Curve:
    """Rows in bins: how sure the model is, how many rows, and how many with another label.

    All of shape (classes, bins); `rows` is 0 where a class has fewer bins.
    """

    sure: Array
    rows: Array
    others: Array


def wrong_labels(said: Array, golds: Array, bundles: Array) -> Estimate | None:
    """Return how many labels are wrong; None where there are too few rows.

    `said` are probabilities by models that have not seen a row, shape (rows, classes), `golds` the
    labels' numbers. A bundle of rows that say the same counts as one. It is assumed that whether
    a label is wrong depends on the class alone: what is wrong because the row is hard to tell is
    counted in part.
    """
    count, classes = said.shape
    if count < FEWEST or classes < 2:
        return None
    weights = 1 / np.bincount(bundles)[bundles]
    taken = said.argmax(1)
    best = np.clip(said.max(1), 1e-6, 1 - 1e-6)
    sure = np.log(best / (1 - best))
    other = taken != golds
    pooled = _binned(sure, other, weights, np.zeros(count, dtype=np.int64), 1)
    floors = np.linspace(0, 1, 81) ** 2 * (0.5 if classes == 2 else MOST)
    likelihood, nuisance = _profile(pooled, floors, classes, (USUAL, AROUND_USUAL))
    best_floor = int(likelihood[0].argmax())
    curve = nuisance[0, best_floor]
    excess = max(OVERDISPERSION, _misfit(pooled, floors[best_floor], curve, classes))
    each = _binned(sure, other, weights, taken, classes)
    likelihood, _ = _profile(each, floors, classes, (curve, AROUND_POOLED))
    drawn, mean = _posterior(likelihood / excess, floors)
    shares = _true_shares(golds, taken, sure, mean, classes)
    found = drawn @ shares * count
    low, middle, high = (round(one) for one in np.quantile(found, (0.025, 0.5, 0.975)).tolist())
    return Estimate(count, middle, low, high)


def _binned(sure: Array, other: Array, weights: Array, kinds: Array, many: int) -> _Curve:
    """Return rows of each kind in bins of about the same number of rows."""
    found = np.zeros((3, many, BINS))
    order = np.lexsort((sure, kinds))
    sizes = np.bincount(kinds, minlength=many)
    within = np.arange(len(sure)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    bins = np.clip(sizes // ROWS_A_BIN, 1, BINS)
    kind = kinds[order]
    place = kind * BINS + within * bins[kind] // np.maximum(sizes[kind], 1)
    weight = weights[order]
    for n, values in enumerate((sure[order] * weight, weight, other[order] * weight)):
        found[n] = np.bincount(place, values, many * BINS).reshape(many, BINS)
    found[0] /= np.maximum(found[1], 1e-12)
    return _Curve(*found)


def _share(
    curve: _Curve, floor: Any, slope: Array, shift: Array, classes: int
) -> tuple[Array, Array]:
    """Return how often the model is wrong in each bin, and how often the label is another one."""
    wrong = 1 / (1 + np.exp(np.clip(slope * curve.sure + shift, -40, 40)))
    return wrong, floor + wrong * (1 - floor - floor / (classes - 1))


def _profile(
    curve: _Curve, floors: Array, classes: int, prior: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Return the log-likelihood of each floor, shape (kinds, floors), and slopes and shifts.

    These, shape (kinds, floors, 2), are those with which it is largest; `prior` has their means and
    standard deviations. Fisher scoring, for all at once.
    """
    kinds = len(curve.rows)
    means, spreads = prior
    values = np.broadcast_to(means, (kinds, len(floors), 2)).copy()
    wide = _Curve(curve.sure[:, None], curve.rows[:, None], curve.others[:, None])
    floor = floors[None, :, None]
    span = 1 - floor - floor / (classes - 1)
    for _ in range(STEPS):
        wrong, share = _share(wide, floor, values[..., :1], values[..., 1:], classes)
        share = np.clip(share, 1e-9, 1 - 1e-9)
        change = -span * wrong * (1 - wrong)  # of the share, with slope * sure + shift
        pull = (wide.others - wide.rows * share) / (share * (1 - share)) * change
        weight = wide.rows * change**2 / (share * (1 - share))
        gradient = np.stack([(pull * wide.sure).sum(-1), pull.sum(-1)], -1)
        gradient -= (values - means) / spreads**2
        a = (weight * wide.sure**2).sum(-1) + 1 / spreads[0] ** 2
        b = (weight * wide.sure).sum(-1)
        c = weight.sum(-1) + 1 / spreads[1] ** 2
        step = np.stack([c * gradient[..., 0] - b * gradient[..., 1],
                         a * gradient[..., 1] - b * gradient[..., 0]], -1)  # fmt: skip
        step /= (a * c - b * b)[..., None]
        values += np.clip(step, -0.5, 0.5)
        values[..., 0] = np.clip(values[..., 0], 0.05, 20)
    _, share = _share(wide, floor, values[..., :1], values[..., 1:], classes)
    share = np.clip(share, 1e-9, 1 - 1e-9)
    likelihood = wide.others * np.log(share) + (wide.rows - wide.others) * np.log1p(-share)
    penalty = ((values - means) ** 2 / (2 * spreads**2)).sum(-1)
    return likelihood.sum(-1) - penalty, values


def _misfit(curve: _Curve, floor: float, values: Array, classes: int) -> float:
    """Return by how much bins vary more than binomial counts do (Pearson's statistic)."""
    _, share = _share(curve, floor, values[0], values[1], classes)
    there = curve.rows > 0
    rows, share = curve.rows[there], np.clip(share[there], 1e-9, 1 - 1e-9)
    off = (curve.others[there] - rows * share) ** 2 / (rows * share * (1 - share))
    return float(off.sum() / max(1, there.sum() - 3))


def _posterior(likelihood: Array, floors: Array) -> tuple[Array, Array]:
    """Return floors of the classes drawn from their posterior, shape (draws, classes), and means.

    The floors of classes come from one beta distribution, of which nothing is known before.
    """
    middles = floors[1:]
    edges = np.concatenate([[0.0], (floors[1:] + floors[:-1]) / 2, [floors[-1]]])
    width = np.diff(edges)
    likelihood = np.exp(likelihood - likelihood.max(1, keepdims=True))
    worlds, logs = [], []
    inside = np.clip(floors, floors[1] / 4, 1 - 1e-9)
    for spread in SPREADS:
        for middle in middles:
            one, two = middle * spread, (1 - middle) * spread
            prior = np.exp((one - 1) * np.log(inside) + (two - 1) * np.log1p(-inside)) * width
            prior /= prior.sum()
            worlds.append(prior)
            logs.append(np.log(np.maximum(likelihood @ prior, 1e-300)).sum())
    chances = np.exp(np.array(logs) - max(logs)) * np.tile(width[1:], len(SPREADS))
    generator = np.random.default_rng(0)
    chosen = generator.choice(len(worlds), DRAWS, p=chances / chances.sum())
    drawn = np.empty((DRAWS, len(likelihood)))
    for world, times in zip(*np.unique(chosen, return_counts=True), strict=True):
        each = likelihood * worlds[world]
        each = np.cumsum(each / each.sum(1, keepdims=True), 1)
        picks = generator.random((times, len(likelihood), 1))
        drawn[chosen == world] = floors[np.minimum((picks > each).sum(-1), len(floors) - 1)]
    return drawn, drawn.mean(0)


def _true_shares(golds: Array, taken: Array, sure: Array, floors: Array, classes: int) -> Array:
    """Return the shares of the classes that rows truly have, from those of their labels."""
    labels = np.bincount(golds, minlength=classes) / len(golds)
    to = np.full((classes, classes), 0.5 / (classes - 1))
    there = (taken != golds) & (sure > np.quantile(sure, 0.5))
    np.add.at(to, (taken[there], golds[there]), 1.0)
    np.fill_diagonal(to, 0)
    turned = to / to.sum(1, keepdims=True) * floors[:, None]
    np.fill_diagonal(turned, 1 - floors)
    found = np.clip(np.linalg.lstsq(turned.T, labels, rcond=None)[0], 0, None)
    return np.asarray(found / found.sum())
