"""Precision, recall, F1 and support of each class, label, tag or type of entity."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from gft.metrics import classification as c
from gft.metrics.protocol import CLASSES, SEVERAL, TAGS, Array, Scored
from gft.metrics.tags import Entities, OfWords, are_of_entities, types_of


class OfClass(TypedDict):
    """The figures of one class, 0 to 1, and in how many rows (words, entities) it is gold."""

    precision: float
    recall: float
    f1: float
    support: int


def per_class(scored: Scored) -> dict[str, OfClass]:
    """Return the figures of each class by its name, in order; empty where there are no classes.

    As scikit-learn's `classification_report`, and for tags of entities seqeval's, has them: 0 where
    a class is never gold or never predicted.
    """
    names = scored.names
    if scored.kind == TAGS and are_of_entities(names):
        names = types_of(names)
    counts = _counts(scored)
    if counts is None:
        return {}
    right, predicted, gold = (one[None] for one in counts)
    figures = [one(right, predicted, gold)[0] for one in (c.precision, c.recall, c.f1)]
    return {
        name: OfClass(
            precision=float(figures[0][n]),
            recall=float(figures[1][n]),
            f1=float(figures[2][n]),
            support=int(gold[0, n]),
        )
        for n, name in enumerate(names)
    }


def confusion(scored: Scored) -> Array:
    """Return how often each class (rows) was taken for each (columns), shape (classes, classes)."""
    count = len(scored.names)
    cells = np.asarray(scored.gold) * count + np.asarray(scored.prediction)
    return np.bincount(cells.astype(np.int64), minlength=count * count).reshape(count, count)


def _counts(scored: Scored) -> tuple[Array, Array, Array] | None:
    """Return how often each class is rightly predicted, predicted and gold; None without any."""
    count = len(scored.names)
    if scored.kind == CLASSES:
        table = confusion(scored)
        return np.diag(table), table.sum(0), table.sum(1)
    if scored.kind == SEVERAL:
        both = scored.gold & scored.prediction
        right, predicted, gold = (np.asarray(one).sum(0) for one in (both, scored.prediction,
                                                                     scored.gold))  # fmt: skip
        return right, predicted, gold
    if scored.kind != TAGS:
        return None
    entities = are_of_entities(scored.names)
    metric = Entities() if entities else OfWords("f1", c.f1)
    every = metric.rows(scored).sum(0)
    if entities:
        every = every[:-2]
    right, predicted, gold = np.split(every, 3)
    return (right, predicted, gold) if count else None
