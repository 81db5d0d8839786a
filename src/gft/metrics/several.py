"""Multi-label metrics: from the counts of each label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gft.metrics import classification as c
from gft.metrics.grounds import Ground, label
from gft.metrics.protocol import Array, Metric, OneMeasure, Scored
from gft.metrics.weighted import divided


@dataclass(frozen=True)
class OfLabels(OneMeasure):
    """A metric of each label's counts, averaged over labels as scikit-learn does.

    `micro` counts all labels together, `macro` is the mean over labels, `weighted` the mean by
    how often a label is gold.
    """

    name: str
    per_label: c.Formula
    average: str
    target: str = "multi-label classes"
    span: tuple[float, float] | None = (0.0, 1.0)

    def rows(self, scored: Scored) -> Array:
        """Return which labels are right, predicted and gold in each row, shape (n, 3 labels)."""
        both = scored.gold & scored.prediction
        return np.concatenate([both, scored.prediction, scored.gold], axis=1).astype(np.float64)

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> list[list[Ground]]:
        """Return the labels that are gold (predicted, of precision), together or one by one."""
        _, predicted, gold = np.split(statistics, 3, axis=1)
        cells, which = gold, ""
        if self.per_label is c.precision and self.average != "weighted":
            cells, which = predicted, " predicted"
        if self.average != "macro":
            return [[Ground(cells.sum(1), "label", which)]]
        named = zip(cells.T, names, strict=True)
        return [[Ground(each, which=f"{which} with {label(name)}") for each, name in named]]

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the average over labels of the weighted counts."""
        counts = np.split(weights @ statistics, 3, axis=1)
        if self.average == "micro":
            counts = [count.sum(1, keepdims=True) for count in counts]
        values = self.per_label(*counts)
        if self.average != "weighted":
            return np.asarray(values.mean(1))[None]
        return divided((values * counts[2]).sum(1), counts[2].sum(1), 0.0)[None]


@dataclass(frozen=True)
class Subset(c.RowMean):
    """The share of rows whose labels are all right, among those whose labels are all known."""

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the weighted mean over the rows that have a number."""
        counted = ~np.isnan(statistics)
        return divided((weights @ np.where(counted, statistics, 0)).T, (weights @ counted).T)


def subset_right(scored: Scored) -> Array:
    """Return 1 for a row whose labels are all right, as scikit-learn's accuracy of lists has it.

    NaN for a row of which some label is not known.
    """
    right = np.asarray((scored.gold == scored.prediction).all(1), dtype=np.float64)
    return right if scored.known is None else np.where(scored.known.all(1), right, np.nan)


def hamming(scored: Scored) -> Array:
    """Return the share of labels that are wrong among the known ones of each row, 0 to 1."""
    return _mean_of_known(scored, scored.gold != scored.prediction)


def cross_entropy(scored: Scored) -> Array:
    """Return the mean binary cross-entropy of each row over its known labels, in nats."""
    tiny = np.finfo(np.float32).eps
    yes = np.clip(scored.scores.astype(np.float64), tiny, 1 - tiny)
    return _mean_of_known(scored, -np.where(scored.gold, np.log(yes), np.log1p(-yes)))


def _mean_of_known(scored: Scored, values: Array) -> Array:
    """Return the mean of each row's values over the labels that are known, shape (n,)."""
    if scored.known is None:
        return np.asarray(values.mean(1))
    return divided((values * scored.known).sum(1), scored.known.sum(1))


_SUBSET = Subset(
    "subset_accuracy", subset_right, True, proportion=True, target="multi-label classes"
)
_ROW_MEANS: dict[str, Metric] = {
    "subset_accuracy": _SUBSET,
    "accuracy": _SUBSET,
    "hamming_loss": c.RowMean(
        "hamming_loss", hamming, target="multi-label classes", span=(0.0, 1.0)
    ),
    "loss": c.RowMean("loss", cross_entropy, target="multi-label classes"),
    "log_loss": c.RowMean("log_loss", cross_entropy, target="multi-label classes"),
}
NAMES = (*c.PER_CLASS, *_ROW_MEANS)
"""The multi-label metrics."""


def find(name: str, config: str | None) -> Metric | None:
    """Return the multi-label metric of a name, None if there is none such.

    The average of f1, precision, recall and jaccard is a configuration (`f1,macro`) or part of the
    name (`f1_macro`), micro if none is given. Raises `UserError` for another configuration.
    """
    averaged = c.named_average(name, config, "micro")
    if averaged:
        return OfLabels("_".join(averaged), c.PER_CLASS[averaged[0]], averaged[1])
    return _ROW_MEANS.get(name) if config is None else None
