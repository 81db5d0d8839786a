"""Correlations of gold and predicted numbers, and what their intervals are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gft.metrics.grounds import Tail, worth
from gft.metrics.protocol import Array
from gft.metrics.regression import CONSTANT, OfNumbers


@dataclass(frozen=True)
class OfMoments:
    """Pearson's correlation as a function of sums, on Fisher's scale.

    On that, its inverse hyperbolic tangent, it is about as uncertain to both sides (Fisher 1921).
    `gold` and `prediction` have shape (n,).
    """

    gold: Array
    prediction: Array

    @cached_property
    def rows(self) -> Array:
        """Powers and products of each row's two values, shape (n, 6)."""
        x, y = _standard(self.gold), _standard(self.prediction)
        return np.stack([np.ones(len(x)), x, y, x * x, y * y, x * y], axis=1)

    def correlation(self, sums: Array) -> Array:
        """Return the correlation itself, -1 to 1; NaN where one of both is constant."""
        rows = sums[:, 0]
        xx, yy = sums[:, 3] / rows, sums[:, 4] / rows
        spread_x, spread_y, together = _spreads(sums)
        constant = (spread_x <= CONSTANT * xx) | (spread_y <= CONSTANT * yy) | (rows < 2)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = together / np.sqrt(spread_x * spread_y)
        return np.where(constant, np.nan, np.clip(value, -1, 1))

    def transformed(self, sums: Array) -> Array:
        """Return the correlation on that scale."""
        return np.asarray(np.arctanh(self.correlation(sums)))

    def slopes(self, sums: Array) -> Array:
        """Return by how much that moves with each sum: the rule of the chain, from r to sums."""
        rows, x, y, xx, yy, xy = sums.T
        mean_x, mean_y = x / rows, y / rows
        spread_x, spread_y, together = _spreads(sums)
        root = np.sqrt(spread_x * spread_y)
        value = together / root
        by_x, by_y = -value / (2 * spread_x), -value / (2 * spread_y)
        each = [
            (2 * mean_x * mean_y - xy / rows) / root
            + by_x * (2 * mean_x**2 - xx / rows)
            + by_y * (2 * mean_y**2 - yy / rows),
            -mean_y / root - 2 * by_x * mean_x,
            -mean_x / root - 2 * by_y * mean_y,
            by_x,
            by_y,
            1 / root,
        ]
        return np.asarray(np.stack(each, axis=1) / (rows * (1 - value**2))[:, None])

    def back_transformed(self, transformed: Array) -> Array:
        """Return the correlation."""
        return np.asarray(np.tanh(transformed))

    def worth(self, units: Array) -> float:
        """Return how many units are worth the squares that one leaves of the other; the fewer."""
        spread_x, spread_y, together = _spreads(units.sum(0)[None])
        with np.errstate(invalid="ignore", divide="ignore"):
            xx, yy = units[:, 3] / spread_x, units[:, 4] / spread_y
            xy = units[:, 5] / np.sqrt(spread_x * spread_y)
            value = together / np.sqrt(spread_x * spread_y)
            return min(worth(yy - 2 * value * xy + value**2 * xx),
                       worth(xx - 2 * value * xy + value**2 * yy))  # fmt: skip

    def far(self, units: Array, ends: Array) -> bool:
        """Say that its limits always say something: they are within -1 and 1."""
        return False


def _spreads(sums: Array) -> tuple[Array, Array, Array]:
    """Return both variances and the covariance, shape (samples,) each."""
    rows, x, y, xx, yy, xy = sums.T
    mean_x, mean_y = x / rows, y / rows
    return xx / rows - mean_x**2, yy / rows - mean_y**2, xy / rows - mean_x * mean_y


def pearson(gold: Array, prediction: Array, weights: Array) -> Array:
    """Return the covariance over both spreads, -1 to 1 (Pearson 1895); NaN if one is constant."""
    both = OfMoments(gold, prediction)
    return both.correlation(weights @ both.rows)


def _standard(values: Array) -> Array:
    """Return values centred on the whole sample's mean and at most 1 in size.

    So the sums of products neither lose their digits to a large mean nor overflow.
    """
    if values.min() == values.max():
        return np.zeros(len(values))
    scaled = values / np.abs(values).max()
    centred = scaled - scaled.mean()
    return np.asarray(centred / np.abs(centred).max())


def spearman(gold: Array, prediction: Array, weights: Array) -> Array:
    """Return the correlation of the ranks, -1 to 1, ties at their mean rank (Spearman 1904).

    NaN if gold or prediction is constant.
    """
    if np.isnan(gold).any() or np.isnan(prediction).any():
        return np.full(len(weights), np.nan)
    # The mean of the ranks 1 to n is (n + 1) / 2, with ties too.
    middle = (weights.sum(1, keepdims=True) + 1) / 2
    x, y = (weighted_ranks(values, weights) - middle for values in (gold, prediction))
    weighted = weights * x
    xy, xx = (np.einsum("sn,sn->s", weighted, each) for each in (y, x))
    yy = np.einsum("sn,sn,sn->s", weights, y, y)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = xy / np.sqrt(xx * yy)
    return np.where(np.isfinite(value), np.clip(value, -1, 1), np.nan)


def weighted_ranks(values: Array, weights: Array) -> Array:
    """Return the mean rank of each value when each counts `weights` times, shape (samples, n)."""
    _, group = np.unique(values, return_inverse=True)
    order = np.argsort(group, kind="stable")
    ends = np.flatnonzero(np.diff(group[order], append=group.max() + 1))
    upto = np.cumsum(weights[:, order], axis=1)[:, ends]
    before = np.concatenate([np.zeros((len(weights), 1)), upto[:, :-1]], axis=1)
    ranks: Array = ((before + upto + 1) / 2)[:, group]
    return ranks


def tail_of_correlation(gold: Array, prediction: Array) -> Tail:
    """Return the squares that the one leaves of the other, of the two those with heavier tails.

    Both are standardised; what is left is what a straight line does not explain.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        x, y = ((one - one.mean()) / one.std() for one in (gold, prediction))
        value = (x * y).mean()
        left = [Tail((one - value * other) ** 2, squares=True) for one, other in ((x, y), (y, x))]
        return min(left, key=lambda one: worth(one.values))


def correlation(name: str) -> OfNumbers:
    """Return Pearson's correlation, or Spearman's under either of its names."""
    span = (-1.0, 1.0)
    if name == "pearson":
        of, tail = pearson, tail_of_correlation
        return OfNumbers(name, of, greater_is_better=True, sums=OfMoments, tail=tail, span=span)
    return OfNumbers(name, spearman, greater_is_better=True, span=span)
