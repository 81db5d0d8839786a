"""Precision, recall, F1 and support of each class, label, tag or type of entity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from gft.metrics import classification as c
from gft.metrics.protocol import Array, Scored


class OfClass(TypedDict):
    """The scores of one class, 0 to 1, and in how many rows (words, entities) it is gold."""

    precision: float
    recall: float
    f1: float
    support: int


def metrics_of_counts(
    names: Sequence[str], right: Array, predicted: Array, gold: Array
) -> dict[str, OfClass]:
    """Return the metrics of each class by its name, in order.

    They are of how often each class is rightly predicted, predicted and gold, shape (classes,)
    each. As scikit-learn's `classification_report`, and for tags of entities seqeval's, has them: 0
    where a class is never gold or never predicted.
    """
    counts = right[None], predicted[None], gold[None]
    scores = [one(*counts)[0] for one in (c.precision, c.recall, c.f1)]
    return {
        name: OfClass(
            precision=float(scores[0][n]),
            recall=float(scores[1][n]),
            f1=float(scores[2][n]),
            support=int(gold[n]),
        )
        for n, name in enumerate(names)
    }


@dataclass(frozen=True)
class Confusion:
    """How often each class was taken for each, for the pairs that occur.

    Pair n is a `gold` class that was taken for the class `found` in `counts` rows; pairs are in
    the order of classes. A table of all classes by all would have classes squared.
    """

    names: Sequence[str]
    gold: Array
    found: Array
    counts: Array

    def most(self, limit: int) -> list[tuple[str, str, int]]:
        """Return the most frequent pairs of a gold class and another that it was taken for."""
        wrong = np.flatnonzero(self.gold != self.found)
        chosen = wrong[np.argsort(-self.counts[wrong], kind="stable")][:limit].tolist()
        return [
            (self.names[self.gold[n]], self.names[self.found[n]], int(self.counts[n]))
            for n in chosen
        ]

    def table(self) -> Array:
        """Return the counts, gold classes (rows) by predicted ones (columns), of a few classes."""
        table = np.zeros((len(self.names), len(self.names)), dtype=np.int64)
        table[self.gold, self.found] = self.counts
        return table


def confusion(scored: Scored) -> Confusion:
    """Return how often each class was taken for each."""
    count = max(1, len(scored.names))
    pairs = np.asarray(scored.gold, np.int64) * count + np.asarray(scored.prediction, np.int64)
    pairs, counts = np.unique(pairs, return_counts=True)
    return Confusion(scored.names, pairs // count, pairs % count, counts)


def counts_of_classes(scored: Scored) -> tuple[Array, Array, Array]:
    """Return how often each class is rightly predicted, predicted and gold, shape (classes,)."""
    gold, found = np.asarray(scored.gold, np.int64), np.asarray(scored.prediction, np.int64)
    count = len(scored.names)
    right, predicted, of_gold = (
        np.bincount(some, minlength=count) for some in (gold[gold == found], found, gold)
    )
    return right, predicted, of_gold
