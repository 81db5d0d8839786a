"""Figures for which scikit-learn is the tool: areas under curves, clustering scores."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from gft.metrics.protocol import CLASSES, Array, Figure, Scored

CLUSTERING = (
    "adjusted_mutual_info_score",
    "adjusted_rand_score",
    "completeness_score",
    "fowlkes_mallows_score",
    "homogeneity_score",
    "mutual_info_score",
    "normalized_mutual_info_score",
    "rand_score",
    "v_measure_score",
)


@dataclass(frozen=True)
class Area:
    """`roc_auc` or `average_precision`: of class 1 with two classes, else the mean over classes."""

    name: str
    serves: str = CLASSES

    def figures(self, names: tuple[str, ...]) -> tuple[Figure, ...]:
        """Return the one figure."""
        return (Figure(self.name),)

    def rows(self, scored: Scored) -> Array:
        """Return the gold class and the probabilities, shape (n, 1 + classes)."""
        assert scored.scores is not None
        return np.concatenate([scored.gold[:, None], scored.scores], axis=1)

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return scikit-learn's figure for each sample; NaN when a class is missing from it."""
        from sklearn import metrics

        measure = {
            "roc_auc": metrics.roc_auc_score,
            "average_precision": metrics.average_precision_score,
        }[self.name]
        gold, scores = statistics[:, 0], statistics[:, 1:]
        classes = [1] if scores.shape[1] == 2 else range(scores.shape[1])
        found = []
        for weight in weights:
            counts = weight > 0
            present = [gold[counts] == one for one in classes]
            if not all(one.any() and not one.all() for one in present):
                found.append(np.nan)
                continue
            found.append(
                np.mean(
                    [
                        measure(is_one, scores[counts, one], sample_weight=weight[counts])
                        for one, is_one in zip(classes, present, strict=True)
                    ]
                )
            )
        return np.array([found], dtype=np.float64)


@dataclass(frozen=True)
class Clustering:
    """A clustering score of scikit-learn, of gold and predicted classes as partitions."""

    name: str
    serves: str = CLASSES

    def figures(self, names: tuple[str, ...]) -> tuple[Figure, ...]:
        """Return the one figure."""
        return (Figure(self.name),)

    def rows(self, scored: Scored) -> Array:
        """Return gold and predicted class, shape (n, 2)."""
        return np.stack([scored.gold, scored.prediction], axis=1)

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return scikit-learn's figure of each sample, its rows repeated by their weights."""
        from sklearn import metrics

        measure = getattr(metrics, self.name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = [
                measure(*np.repeat(statistics, weight.astype(np.int64), axis=0).T)
                for weight in weights
            ]
        return np.array([found], dtype=np.float64)
