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

from gft.data.sampling import spread_over
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
USUAL, AROUND_USUAL = np.array([np.log(1.3), 0.0]), np.array([0.4, 2.0])
"""Slope (its logarithm) and shift of the curve of our linear models, and how far they lie around:
their probabilities are about right, or too near the middle, where no label is wrong."""
AROUND_POOLED = np.array([0.1, 0.25])
"""How far those of a class lie around those of all."""
FLOORS, CURVES = 61, 9
"""So many floors are tried, and with them so many curves of all classes."""
UNLIKELY = 4.0
"""Curves by which what is seen is so much less likely are not tried; a logarithm."""
OVERDISPERSION = 4.0
"""Variances are taken to be so much larger than binomial ones, or more where the curve fits worse:
it is no more than an approximation."""
UPWARD = 1.4
"""How much higher the upper limit is than the curves say: where the errors of a class go to one
other class, models learn them, and are less sure of that class instead. Measured."""
STEPS = 20


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

    def by(self, excess: float) -> _Curve:
        """Return as many rows fewer as their counts vary more than binomial ones do."""
        return _Curve(self.sure, self.rows / excess, self.others / excess)


def wrong_labels(probabilities: Array, golds: Array, bundles: Array) -> Estimate | None:
    """Return how many labels are wrong; None where there are too few rows.

    `probabilities` are those of models that have not seen a row, shape (rows, classes), `golds` the
    labels' numbers. A bundle of rows with equal inputs counts as one. It is assumed that whether
    a label is wrong depends on the class alone: what is wrong because the row is hard to tell is
    counted in part.
    """
    count, classes = probabilities.shape
    if count < max(FEWEST, classes) or classes < 2:
        return None
    weights = 1 / np.bincount(bundles)[bundles]
    taken = probabilities.argmax(1)
    best = np.clip(probabilities.max(1), 1e-6, 1 - 1e-6)
    sure = np.log(best / (1 - best))
    other = taken != golds
    all_alike = np.zeros(count, dtype=np.int64)
    pooled, each = (_binned(sure, other, weights, *of) for of in ((all_alike, 1), (taken, classes)))
    floors = np.linspace(0, 1, FLOORS) ** 2 * (0.5 if classes == 2 else MOST)
    likelihood, curves = _profile(pooled, floors, classes, (USUAL, AROUND_USUAL))
    best_floor = int(likelihood[0].argmax())
    misfit = _misfit(pooled, floors[best_floor], curves[0, best_floor], classes)
    excess = max(OVERDISPERSION, misfit)
    likelihood, curves = _profile(pooled.by(excess), floors, classes, (USUAL, AROUND_USUAL))
    likely = np.flatnonzero(likelihood[0] > likelihood[0].max() - UNLIKELY)
    tried = curves[0, likely[spread_over(len(likely), CURVES)]]
    worlds = [_World.of(each.by(excess), floors, classes, curve) for curve in tried]
    generator = np.random.default_rng(0)
    probabilities = np.array([one.evidence for one in worlds])
    probabilities = np.exp(probabilities - probabilities.max())
    found = [
        world.drawn(floors, times, generator)
        @ _true_shares(golds, taken, sure, world.means(floors), classes)
        for world, times in zip(
            worlds, generator.multinomial(DRAWS, probabilities / probabilities.sum()), strict=True
        )
        if times
    ]
    shares = np.quantile(np.concatenate(found), (0.025, 0.5, 0.975)) * count
    low, middle, high = shares.tolist()
    return Estimate(count, round(middle), round(low), min(count, round(UPWARD * high)))


def _binned(sure: Array, other: Array, weights: Array, kinds: Array, many: int) -> _Curve:
    """Return rows of each kind in bins of about the same number of rows."""
    found = np.zeros((3, many, BINS))
    order = np.lexsort((sure, kinds))
    sizes = np.bincount(kinds, minlength=many)
    within = np.arange(len(sure)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    bins = np.clip(sizes // ROWS_A_BIN, 1, BINS)
    kind = kinds[order]
    cell = kind * BINS + within * bins[kind] // np.maximum(sizes[kind], 1)
    weight = weights[order]
    for n, values in enumerate((sure[order] * weight, weight, other[order] * weight)):
        found[n] = np.bincount(cell, values, many * BINS).reshape(many, BINS)
    found[0] /= np.maximum(found[1], 1e-12)
    return _Curve(*found)


def _share(
    curve: _Curve, floor: Any, slope: Array, shift: Array, classes: int
) -> tuple[Array, Array]:
    """Return how often the model is wrong in each bin, and how often the label is another one.

    `slope` is the logarithm of the curve's.
    """
    wrong = 1 / (1 + np.exp(np.clip(np.exp(slope) * curve.sure + shift, -40, 40)))
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
        change = -span * wrong * (1 - wrong)  # of the share, with what the curve is of
        sloped = np.exp(values[..., :1]) * wide.sure
        pull = (wide.others - wide.rows * share) / (share * (1 - share)) * change
        weight = wide.rows * change**2 / (share * (1 - share))
        gradient = np.stack([(pull * sloped).sum(-1), pull.sum(-1)], -1)
        gradient -= (values - means) / spreads**2
        a = (weight * sloped**2).sum(-1) + 1 / spreads[0] ** 2
        b = (weight * sloped).sum(-1)
        c = weight.sum(-1) + 1 / spreads[1] ** 2
        step = np.stack([c * gradient[..., 0] - b * gradient[..., 1],
                         a * gradient[..., 1] - b * gradient[..., 0]], -1)  # fmt: skip
        step /= (a * c - b * b)[..., None]
        values += np.clip(step, -0.5, 0.5)
        values[..., 0] = np.clip(values[..., 0], -3, 3)
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


@dataclass(frozen=True)
class _World:
    """What the floors of classes may be, with one curve for all.

    Those of classes come from one beta distribution, one of `priors`, shape (priors, floors), of
    which nothing is known before: `probabilities` says how likely each is now. `likelihood` is that
    of the floors, shape (classes, floors), and `evidence` the logarithm of how likely the world is.
    """

    likelihood: Array
    priors: Array
    probabilities: Array
    evidence: float

    @classmethod
    def of(cls, each: _Curve, floors: Array, classes: int, curve: Array) -> _World:
        """Return the world with a curve."""
        logs, _ = _profile(each, floors, classes, (curve, AROUND_POOLED))
        most = logs.max(1, keepdims=True)
        likelihood = np.exp(logs - most)
        edges = np.concatenate([[0.0], (floors[1:] + floors[:-1]) / 2, [floors[-1]]])
        width = np.diff(edges)
        inside = np.log(np.clip(floors, floors[1] / 4, 1 - 1e-9))
        outside = np.log1p(-np.exp(inside))
        middle, spread = (one.ravel() for one in np.meshgrid(floors[1:], np.array(SPREADS)))
        one, two = (middle * spread)[:, None], ((1 - middle) * spread)[:, None]
        priors = (one - 1) * inside + (two - 1) * outside
        priors = np.exp(priors - priors.max(1, keepdims=True)) * width
        priors /= priors.sum(1, keepdims=True)
        fits = np.log(np.maximum(priors @ likelihood.T, 1e-300)).sum(1)
        probabilities = np.exp(fits - fits.max()) * np.tile(width[1:], len(SPREADS))
        usual = -((curve - USUAL) ** 2 / (2 * AROUND_USUAL**2)).sum()
        evidence = most.sum() + fits.max() + np.log(probabilities.sum()) + usual
        return cls(likelihood, priors, probabilities / probabilities.sum(), float(evidence))

    def means(self, floors: Array) -> Array:
        """Return the mean floor of each class."""
        each = self.likelihood[:, None] * self.priors
        total = each.sum(-1)
        return np.asarray((each @ floors / total) @ self.probabilities)

    def drawn(self, floors: Array, times: int, generator: np.random.Generator) -> Array:
        """Return floors of the classes, shape (times, classes), as they may be."""
        found = np.empty((times, len(self.likelihood)))
        chosen = generator.choice(len(self.priors), times, p=self.probabilities)
        for prior in np.unique(chosen):
            here = np.flatnonzero(chosen == prior)
            each = self.likelihood * self.priors[prior]
            each = np.cumsum(each / each.sum(1, keepdims=True), 1)
            picks = generator.random((len(here), len(each), 1))
            found[here] = floors[np.minimum((picks > each).sum(-1), len(floors) - 1)]
        return found


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
