"""Linear models on TF-IDF: what a net has to be better than to be worth its cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gft.baselines.features import CHARACTERS, Features
from gft.baselines.protocol import (
    LINEAR,
    Baseline,
    Cells,
    Decided,
    Learner,
    Sample,
    Values,
)
from gft.baselines.weights import LinearWeights
from gft.data.sampling import spread_over
from gft.data.ties import folds_of
from gft.metrics.protocol import Array

TERMS = 50_000
WEIGHTS = 2_000_000
"""So many weights at most: with many classes fewer terms are taken."""
FOLDS = 5


@dataclass(frozen=True)
class LinearModel:
    """A linear model of texts, fitted to `rows` rows by what is called `method`.

    `labels` are the names of classes or outputs.
    """

    method: str
    labels: tuple[str, ...]
    rows: int
    features: Features
    weights: LinearWeights

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of text that it was fitted to, each once."""
        return self.features.columns

    @property
    def longest(self) -> int:
        """How many characters of a text it reads."""
        return CHARACTERS

    @property
    def what(self) -> str:
        """What it is, in words."""
        return f"{self.method} on {self.features.what}"

    @property
    def size(self) -> int:
        """How many numbers it has learned."""
        return self.weights.coefficients.size + self.weights.intercepts.size

    def predict(self, rows: Cells) -> Decided:
        """Return predictions and scores of rows, whose texts are those of `features.columns`."""
        return self.weights.decided(self.weights.scores(self.features.of(rows)))


def of_sample(learner: Learner, sample: Sample | None) -> list[Baseline]:
    """Return a linear model on TF-IDF of the inputs; none where it has nothing to learn from."""
    if sample is None:
        return []
    features, matrix = _features(sample)
    weights = learner.fit(matrix, sample.golds, len(sample.labels))
    if weights is None:
        return []
    model = LinearModel(learner.name, sample.labels, len(sample.golds), features, weights)

    def predict(rows: Cells, golds: Sequence[Any]) -> Decided:
        return model.predict(rows)

    return [Baseline(LINEAR, model.what, model.rows, predict, model)]


def out_of_fold(
    learner: Learner, sample: Sample, bundles: Array, most: int | None = None
) -> tuple[Array, Values | None]:
    """Return what models that have not seen a row say of it, shape (rows, labels or outputs).

    And what they predict of each, None where nothing was to be learned. They are `FOLDS` models,
    each fitted to the rows of the other folds, of very many to `most` at even distances; rows of a
    bundle, whose numbers are in `bundles`, are in one fold. The terms and how rare they are come
    from all rows: no label is in them.
    """
    golds, labels = sample.golds, len(sample.labels)
    _, matrix = _features(sample)
    fold = folds_of(bundles, FOLDS)
    found, fitted = np.full((len(golds), labels), 1 / labels), None
    for one in range(FOLDS):
        seen = np.flatnonzero(fold != one)
        seen = seen[spread_over(len(seen), len(seen) if most is None else most)]
        if not len(seen):  # All rows are one bundle.
            return found, None
        weights = learner.fit(matrix[seen], [golds[n] for n in seen.tolist()], labels)
        if weights is not None:
            found[fold == one] = weights.scores(matrix[fold == one])
            fitted = weights
    return found, None if fitted is None else fitted.decided(found)[0]


def _features(sample: Sample) -> tuple[Features, Any]:
    """Return the features of a sample's inputs, and their matrix."""
    most = min(TERMS, WEIGHTS // max(1, len(sample.labels)))
    features = Features.fitted(sample.inputs, most)
    return features, features.of(sample.inputs)
