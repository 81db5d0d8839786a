"""Clustering scores of scikit-learn: do predictions part the rows as gold does, named or not."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from gft.metrics.protocol import Array, OneFigure, Scored

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
class Clustering(OneFigure):
    """A clustering score of scikit-learn, of gold and predicted classes as partitions.

    1 at best (mutual_info_score: nats); 0 or near it when they have nothing to do with each other.
    """

    name: str
    target: str = "classes"

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
