"""Figures for classes, from counts: accuracy, precision, recall, F1, kappa, correlation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gft.metrics.protocol import CLASSES, Array, Figure, Scored

AVERAGES = ("binary", "micro", "macro", "weighted")


@dataclass(frozen=True)
class Accuracy:
    """Share of rows whose class is right; 0 to 1."""

    name: str = "accuracy"
    serves: str = CLASSES

    def figures(self, names: tuple[str, ...]) -> tuple[Figure, ...]:
        """Return the one figure."""
        return (Figure(self.name, proportion=True),)

    def rows(self, scored: Scored) -> Array:
        """Return 1 where the prediction is right, shape (n, 1)."""
        return np.asarray(scored.gold == scored.prediction, dtype=np.float64)[:, None]

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the weighted mean."""
        return _divide((weights @ statistics).T, weights.sum(1), np.nan)


@dataclass(frozen=True)
class Counts:
    """A figure of how often each class is gold, predicted, and rightly predicted.

    `formula` takes `right`, `predicted` and `gold`, shape (samples, classes) each, and returns
    shape (samples,).
    """

    name: str
    formula: Callable[[Array, Array, Array], Array]
    serves: str = CLASSES
    greater_is_better: bool = True

    def figures(self, names: tuple[str, ...]) -> tuple[Figure, ...]:
        """Return the one figure."""
        return (Figure(self.name, self.greater_is_better),)

    def rows(self, scored: Scored) -> Array:
        """Return indicators of right, predicted and gold class, shape (n, 3 * classes)."""
        classes = np.arange(len(scored.names))
        gold = scored.gold[:, None] == classes
        predicted = scored.prediction[:, None] == classes
        return np.concatenate([gold & predicted, predicted, gold], axis=1).astype(np.float64)

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the figure of the weighted counts."""
        return self.formula(*np.split(weights @ statistics, 3, axis=1))[None]


def precision(right: Array, predicted: Array, gold: Array) -> Array:
    """Return the share of a class's predictions that are right, per class; 0 without any."""
    return _divide(right, predicted)


def recall(right: Array, predicted: Array, gold: Array) -> Array:
    """Return the share of a class's rows that are found, per class; 0 without any."""
    return _divide(right, gold)


def f1(right: Array, predicted: Array, gold: Array) -> Array:
    """Return the harmonic mean of precision and recall, per class (van Rijsbergen 1979)."""
    return _divide(2 * right, predicted + gold)


def jaccard(right: Array, predicted: Array, gold: Array) -> Array:
    """Return the size of the intersection over that of the union, per class."""
    return _divide(right, predicted + gold - right)


def averaged(
    per_class: Callable[[Array, Array, Array], Array], average: str
) -> Callable[[Array, Array, Array], Array]:
    """Return a figure of one class as a figure of all.

    `binary` is that of class 1; `micro` counts rows of all classes together; `macro` is the mean
    over classes that are gold or predicted, as in scikit-learn; `weighted` the mean by gold rows;
    `auto` is binary with two classes, else macro.
    """

    def figure(right: Array, predicted: Array, gold: Array) -> Array:
        way = average
        if way == "auto":
            way = "binary" if right.shape[1] == 2 else "macro"
        if way == "binary":
            return per_class(right, predicted, gold)[:, min(1, right.shape[1] - 1)]
        if way == "micro":
            sums = (each.sum(1, keepdims=True) for each in (right, predicted, gold))
            return per_class(*sums)[:, 0]
        values = per_class(right, predicted, gold)
        share = gold if way == "weighted" else ((predicted + gold) > 0).astype(np.float64)
        return _divide((values * share).sum(1), share.sum(1))

    return figure


def balanced_accuracy(right: Array, predicted: Array, gold: Array) -> Array:
    """Return the mean recall over classes that occur."""
    present = (gold > 0).astype(np.float64)
    return _divide((recall(right, predicted, gold) * present).sum(1), present.sum(1), np.nan)


def matthews(right: Array, predicted: Array, gold: Array) -> Array:
    """Return Matthews' correlation, -1 to 1, for any number of classes (Gorodkin 2004)."""
    rows = gold.sum(1)
    covariance = right.sum(1) * rows - (predicted * gold).sum(1)
    spread = (rows**2 - (predicted**2).sum(1)) * (rows**2 - (gold**2).sum(1))
    return _divide(covariance, np.sqrt(np.maximum(spread, 0)))


def kappa(right: Array, predicted: Array, gold: Array) -> Array:
    """Return Cohen's kappa: agreement beyond chance, -1 to 1 (Cohen 1960)."""
    rows = gold.sum(1)
    by_chance = _divide((predicted * gold).sum(1), rows)
    return _divide(right.sum(1) - by_chance, rows - by_chance, np.nan)


@dataclass(frozen=True)
class RowMean:
    """The mean over rows of one number per row, computed from the probabilities."""

    name: str
    of_row: Callable[[Scored], Array]
    greater_is_better: bool = False
    proportion: bool = False
    serves: str = CLASSES

    def figures(self, names: tuple[str, ...]) -> tuple[Figure, ...]:
        """Return the one figure."""
        return (Figure(self.name, self.greater_is_better, self.proportion),)

    def rows(self, scored: Scored) -> Array:
        """Return the number of each row, shape (n, 1)."""
        return self.of_row(scored)[:, None]

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the weighted mean."""
        return _divide((weights @ statistics).T, weights.sum(1), np.nan)


def cross_entropy(scored: Scored) -> Array:
    """Return minus the logarithm of the gold class's probability, in nats."""
    scores = _scores(scored)
    tiny = np.finfo(scores.dtype).eps
    gold = scores[np.arange(len(scored)), scored.gold]
    return np.asarray(-np.log(np.clip(gold, tiny, 1 - tiny).astype(np.float64)))


def brier(scored: Scored) -> Array:
    """Return the squared error of the probabilities (Brier 1950).

    For two classes that of class 1, for more the sum over classes, as in scikit-learn.
    """
    scores = _scores(scored).astype(np.float64)
    error = (scores - (scored.gold[:, None] == np.arange(scores.shape[1]))) ** 2
    return np.asarray(error[:, 1] if scores.shape[1] == 2 else error.sum(1))


def among_top(k: int) -> Callable[[Scored], Array]:
    """Return how to see whether the gold class is among the k most probable."""

    def of_row(scored: Scored) -> Array:
        scores = _scores(scored)
        gold = scores[np.arange(len(scored)), scored.gold]
        return np.asarray((scores > gold[:, None]).sum(1) < k, dtype=np.float64)

    return of_row


def _scores(scored: Scored) -> Array:
    assert scored.scores is not None
    return scored.scores


def _divide(above: Array, below: Array, otherwise: float = 0.0) -> Array:
    """Return a quotient, `otherwise` where the divisor is 0."""
    result = np.full(np.broadcast(above, below).shape, otherwise)
    return np.asarray(np.divide(above, below, out=result, where=below != 0))
