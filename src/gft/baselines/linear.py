"""Linear models on TF-IDF: what a net has to be better than to be worth its cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gft.baselines.features import Features
from gft.baselines.protocol import Baseline, Cells, Decided, Learner, Sample
from gft.data.ties import folds_of
from gft.metrics.protocol import Array

TERMS = 50_000
WEIGHTS = 2_000_000
"""So many weights at most: with many classes fewer terms are taken."""
FOLDS = 5


def of_sample(learner: Learner, sample: Sample | None) -> list[Baseline]:
    """Return a linear model on TF-IDF of the inputs; none where it has nothing to learn from."""
    if sample is None:
        return []
    features, matrix = _features(sample)
    scores = learner.fit(matrix, sample.golds, len(sample.labels))
    if scores is None:
        return []

    def predict(rows: Cells, golds: Sequence[Any]) -> Decided:
        return learner.decided(scores(features.of(rows)))

    return [Baseline("linear", f"{learner.name} on {features.what}", len(sample.golds), predict)]


def out_of_fold(learner: Learner, sample: Sample, bundles: Array) -> Array:
    """Return what models that have not seen a row say of it, shape (rows, labels or outputs).

    `FOLDS` models, each fitted to the rows of the other folds; rows of a bundle, whose numbers are
    in `bundles`, are in one fold. The terms and how rare they are come from all rows: no label is
    in them.
    """
    golds, labels = sample.golds, len(sample.labels)
    _, matrix = _features(sample)
    fold = folds_of(bundles, FOLDS)
    found = np.zeros((len(golds), labels))
    for one in range(FOLDS):
        seen = np.flatnonzero(fold != one)
        if not len(seen):  # All rows are one bundle.
            found[:] = 1 / labels
            return found
        scores = learner.fit(matrix[seen], [golds[n] for n in seen.tolist()], labels)
        found[fold == one] = 1 / labels if scores is None else scores(matrix[fold == one])
    return found


def _features(sample: Sample) -> tuple[Features, Any]:
    """Return the features of a sample's inputs, and their matrix."""
    features = Features(tuple(sample.inputs), min(TERMS, WEIGHTS // max(1, len(sample.labels))))
    return features, features.fit(sample.inputs)
