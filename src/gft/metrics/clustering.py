"""Clustering scores of scikit-learn: do predictions part the rows as gold does, named or not."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gft.metrics.grounds import Ground, of_others
from gft.metrics.protocol import Array, OneMeasure, Scored

_SHARE, _ADJUSTED = (0.0, 1.0), (-1.0, 1.0)
CLUSTERING: dict[str, tuple[float, float] | None] = {
    "adjusted_mutual_info_score": _ADJUSTED,
    "adjusted_rand_score": _ADJUSTED,
    "completeness_score": _SHARE,
    "fowlkes_mallows_score": _SHARE,
    "homogeneity_score": _SHARE,
    "mutual_info_score": None,
    "normalized_mutual_info_score": _SHARE,
    "rand_score": _SHARE,
    "v_measure_score": _SHARE,
}
"""The scores, with the ends that they lie between; None where that depends on the classes."""


@dataclass(frozen=True)
class Clustering(OneMeasure):
    """A clustering score of scikit-learn, of gold and predicted classes as partitions.

    1 at best (mutual_info_score: nats); 0 or near it when they have nothing to do with each other.
    """

    name: str
    span: tuple[float, float] | None = (0.0, 1.0)
    target: str = "classes"

    def rows(self, scored: Scored) -> Array:
        """Return gold and predicted class, shape (n, 2)."""
        return np.stack([scored.gold, scored.prediction], axis=1)

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> list[Iterable[Ground]]:
        """Return the rows that are not of the most frequent class."""
        return [of_others(statistics[:, 0], statistics[:, 1], names)]

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return scikit-learn's score of each sample, its rows repeated by their weights."""
        from sklearn import metrics

        measure = getattr(metrics, self.name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = [
                measure(*np.repeat(statistics, weight.astype(np.int64), axis=0).T)
                for weight in weights
            ]
        return np.array([found], dtype=np.float64)
