"""Precision, recall, F1 and support of each class, label, tag or type of entity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from gft.metrics import classification as c
from gft.metrics.protocol import Array, Scored


class OfClass(TypedDict):
    """The figures of one class, 0 to 1, and in how many rows (words, entities) it is gold."""

    precision: float
    recall: float
    f1: float
    support: int


def figures_of_counts(
    names: Sequence[str], right: Array, predicted: Array, gold: Array
) -> dict[str, OfClass]:
    """Return the figures of each class by its name, in order.

    They are of how often each class is rightly predicted, predicted and gold, shape (classes,)
    each. As scikit-learn's `classification_report`, and for tags of entities seqeval's, has them: 0
    where a class is never gold or never predicted.
    """
    counts = right[None], predicted[None], gold[None]
    figures = [one(*counts)[0] for one in (c.precision, c.recall, c.f1)]
    return {
        name: OfClass(
            precision=float(figures[0][n]),
            recall=float(figures[1][n]),
            f1=float(figures[2][n]),
            support=int(gold[n]),
        )
        for n, name in enumerate(names)
    }


def confusion(scored: Scored) -> Array:
    """Return how often each class (rows) was taken for each (columns), shape (classes, classes)."""
    count = len(scored.names)
    cells = np.asarray(scored.gold) * count + np.asarray(scored.prediction)
    return np.bincount(cells.astype(np.int64), minlength=count * count).reshape(count, count)
