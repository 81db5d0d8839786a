"""Figures for several classes a row: from the counts of each label."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gft.errors import UserError, no_such
from gft.metrics import classification as c
from gft.metrics.protocol import Array, Figure, Metric, Scored

PerLabel = Callable[[Array, Array, Array], Array]
AVERAGES = ("micro", "macro", "weighted")
_PER_LABEL: dict[str, PerLabel] = {
    "f1": c.f1,
    "precision": c.precision,
    "recall": c.recall,
    "jaccard": c.jaccard,
}


@dataclass(frozen=True)
class OfLabels:
    """A figure of each label's counts, averaged over labels as scikit-learn does.

    `micro` counts all labels together, `macro` is the mean over labels, `weighted` the mean by
    how often a label is gold.
    """

    name: str
    per_label: PerLabel
    average: str
    target: str = "several classes a row"

    def figures(self, names: tuple[str, ...]) -> tuple[Figure, ...]:
        """Return the one figure."""
        return (Figure(self.name),)

    def rows(self, scored: Scored) -> Array:
        """Return which labels are right, predicted and gold in each row, shape (n, 3 labels)."""
        both = scored.gold & scored.prediction
        return np.concatenate([both, scored.prediction, scored.gold], axis=1).astype(np.float64)

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the average over labels of the weighted counts."""
        counts = np.split(weights @ statistics, 3, axis=1)
        if self.average == "micro":
            counts = [count.sum(1, keepdims=True) for count in counts]
        values = self.per_label(*counts)
        if self.average != "weighted":
            return np.asarray(values.mean(1))[None]
        gold = counts[2]
        total = gold.sum(1)
        weighted = np.divide(
            (values * gold).sum(1), total, out=np.zeros_like(total), where=total > 0
        )
        return np.asarray(weighted)[None]


def subset_right(scored: Scored) -> Array:
    """Return 1 for a row whose labels are all right, as scikit-learn's accuracy of lists has it."""
    return np.asarray((scored.gold == scored.prediction).all(1), dtype=np.float64)


def hamming(scored: Scored) -> Array:
    """Return the share of labels that are wrong in each row, 0 to 1."""
    return np.asarray((scored.gold != scored.prediction).mean(1))


def cross_entropy(scored: Scored) -> Array:
    """Return the mean binary cross-entropy of each row over its labels, in nats."""
    tiny = np.finfo(np.float32).eps
    yes = np.clip(scored.scores.astype(np.float64), tiny, 1 - tiny)
    return np.asarray(-np.where(scored.gold, np.log(yes), np.log1p(-yes)).mean(1))


_ROW_MEANS: dict[str, tuple[str, Callable[[Scored], Array], bool, bool]] = {
    "subset_accuracy": ("subset_accuracy", subset_right, True, True),
    "accuracy": ("subset_accuracy", subset_right, True, True),
    "hamming_loss": ("hamming_loss", hamming, False, False),
    "loss": ("loss", cross_entropy, False, False),
    "log_loss": ("log_loss", cross_entropy, False, False),
}
NAMES = (*_PER_LABEL, *_ROW_MEANS)
"""The metrics for several classes a row."""


def find(name: str, config: str | None) -> Metric | None:
    """Return the metric of a name for several classes a row, None if there is none such.

    The average of f1, precision, recall and jaccard is a configuration (`f1,macro`) or part of the
    name (`f1_macro`), micro if none is given. Raises `UserError` for another configuration.
    """
    base, _, ending = name.rpartition("_")
    if base in _PER_LABEL and ending in AVERAGES and config is None:
        name, config = base, ending
    if name in _PER_LABEL:
        average = config or "micro"
        if average not in AVERAGES:
            raise UserError(no_such("configuration", average, AVERAGES, f"H:{name}"))
        return OfLabels(f"{name}_{average}", _PER_LABEL[name], average)
    if config is not None or name not in _ROW_MEANS:
        return None
    shown, of_row, better, proportion = _ROW_MEANS[name]
    return c.RowMean(shown, of_row, better, proportion, target="several classes a row")
