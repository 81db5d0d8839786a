"""Metrics for classes from the order of the scores: areas under the ROC and the recall curve."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from gft.metrics.grounds import Ground, label, of_each
from gft.metrics.positive import AboutOne
from gft.metrics.protocol import Array, Scored
from gft.metrics.weighted import divided

OfCurve = Callable[[Array, Array], Array]
"""Takes the weight of positive and of negative rows at each distinct score, from the highest
down, shape (samples, scores) each; gives (samples,)."""


@dataclass(frozen=True)
class Area(AboutOne):
    """An area under a curve: of class 1 with two classes, else the mean of each against the rest.

    0 to 1. Samples repeat rows by their weights, so a tie is one step of the curve.
    """

    name: str
    of_curve: OfCurve
    target: str = "classes"
    span: tuple[float, float] | None = (0.0, 1.0)

    def rows(self, scored: Scored) -> Array:
        """Return the gold class and the probabilities, shape (n, 1 + classes).

        Of two classes, the one that the area is of is 1 here.
        """
        assert scored.scores is not None
        gold, scores = scored.gold, scored.scores
        if self.is_turned(scored):
            gold, scores = 1 - gold, scores[:, ::-1]
        return np.concatenate([gold[:, None], scores], axis=1)

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the area of each sample, the mean over classes."""
        gold, scores = statistics[:, 0], statistics[:, 1:]
        classes = [1] if scores.shape[1] == 2 else range(scores.shape[1])
        areas = [self._of_class(gold == one, scores[:, one], weights) for one in classes]
        return np.asarray(np.mean(areas, axis=0))[None]

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> list[Iterable[Ground]]:
        """Return the rows of each class, or of the one that it is about."""
        names = self.in_order(names)
        if self.of_one and len(names) == 2:
            return [[Ground(statistics[:, 0] == 1, which=f" of {label(names[1])}")]]
        each = list(of_each(statistics[:, 0], statistics[:, 0], names))
        if len(names) > 2:
            # Each class is compared with all others, so that one alone says little of their mean.
            scarcest = min(each, key=lambda one: one.counts.sum())
            each = [replace(one, weighs=one is scarcest) for one in each]
        return [each]

    def _of_class(self, is_gold: Array, score: Array, weights: Array) -> Array:
        order = np.argsort(-score, kind="stable")
        starts = np.flatnonzero(np.diff(score[order], prepend=np.inf))
        every = weights[:, order]
        positive = every * is_gold[order]
        if len(starts) < len(order):  # Of scores that tie all rows are one step.
            every, positive = (np.add.reduceat(one, starts, axis=1) for one in (every, positive))
        return self.of_curve(positive, every - positive)


def roc(positive: Array, negative: Array) -> Array:
    """Return how often a positive row is above a negative one, ties as half (Hanley & McNeil 1982).

    NaN where a sample has no positive or no negative row.
    """
    above = np.cumsum(positive, axis=1) - positive / 2
    pairs = positive.sum(1) * negative.sum(1)
    return divided(np.einsum("sn,sn->s", above, negative), pairs)


def average_precision(positive: Array, negative: Array) -> Array:
    """Return the mean over positive rows of the precision at their score.

    That is the sum of precision times the step in recall, without interpolation (Salton & McGill
    1983); 0 where there is no positive row, as in scikit-learn.
    """
    found = np.cumsum(positive, axis=1)
    kept = found + np.cumsum(negative, axis=1)
    area = np.einsum("sn,sn->s", positive, divided(found, kept, 0.0))
    return divided(area, positive.sum(1), 0.0)
