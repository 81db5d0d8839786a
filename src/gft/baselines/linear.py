"""Linear models on TF-IDF and covariates: what a net has to beat to be worth its cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gft.baselines.features import CHARACTERS, Features
from gft.baselines.protocol import (
    COVARIATES,
    LINEAR,
    WORDS,
    Baseline,
    Cells,
    Decided,
    Learner,
    Sample,
    Values,
)
from gft.baselines.regressors import Regressors
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
    """A linear model of texts and covariates, fitted to `rows` rows by what is called `method`.

    `labels` are the names of classes or outputs.
    """

    method: str
    labels: tuple[str, ...]
    rows: int
    regressors: Regressors
    weights: LinearWeights

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it was fitted to, each once."""
        return self.regressors.columns

    @property
    def longest(self) -> int:
        """How many characters of a text it reads."""
        return CHARACTERS

    @property
    def what(self) -> str:
        """What it is, in words."""
        return f"{self.method} on {self.regressors.what}"

    @property
    def size(self) -> int:
        """How many numbers it has learned."""
        return self.weights.coefficients.size + self.weights.intercepts.size

    def predict(self, rows: Cells) -> Decided:
        """Return predictions and scores of rows, which have the cells of its `columns`."""
        return self.weights.decided(self.weights.scores(self.regressors.of(rows)))


def of_sample(learner: Learner, sample: Sample | None) -> list[Baseline]:
    """Return linear models of the inputs; none where there is nothing to learn from.

    Of texts it is one, on TF-IDF. With covariates there are three: of these alone, of the texts
    alone, and of both; where there are no texts, the first.
    """
    if sample is None:
        return []
    found = []
    for name, regressors in _several(sample).items():
        weights = learner.fit(
            regressors.of(sample.inputs),
            sample.golds,
            len(sample.labels),
            alike=regressors.covariates is None,
        )
        if weights is not None:
            found.append(_baseline(name, learner, sample, regressors, weights))
    return found


def _baseline(
    name: str, learner: Learner, sample: Sample, regressors: Regressors, weights: LinearWeights
) -> Baseline:
    model = LinearModel(learner.name, sample.labels, len(sample.golds), regressors, weights)

    def predict(rows: Cells, golds: Sequence[Any]) -> Decided:
        return model.predict(rows)

    return Baseline(name, model.what, model.rows, predict, model if name == LINEAR else None)


def _several(sample: Sample) -> dict[str, Regressors]:
    """Return what the linear models of a sample see, by their names."""
    both = _regressors(sample)
    if both.covariates is None:
        return {LINEAR: both}
    found = {COVARIATES: Regressors(both.covariates.columns, None, both.covariates)}
    if both.features is not None:
        found |= {WORDS: Regressors(both.features.columns, both.features), LINEAR: both}
    return found


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
    regressors = _regressors(sample)
    matrix, alike = regressors.of(sample.inputs), regressors.covariates is None
    fold = folds_of(bundles, FOLDS)
    found, fitted = np.full((len(golds), labels), 1 / labels), None
    for one in range(FOLDS):
        seen = np.flatnonzero(fold != one)
        seen = seen[spread_over(len(seen), len(seen) if most is None else most)]
        if not len(seen):  # All rows are one bundle.
            return found, None
        weights = learner.fit(matrix[seen], [golds[n] for n in seen.tolist()], labels, alike)
        if weights is not None:
            found[fold == one] = weights.scores(matrix[fold == one])
            fitted = weights
    return found, None if fitted is None else fitted.decided(found)[0]


def _regressors(sample: Sample) -> Regressors:
    """Return what a linear model sees of a sample's inputs, texts and covariates."""
    inputs, covariates = sample.inputs, sample.covariates
    known = () if covariates is None else covariates.columns
    texts = {name: cells for name, cells in inputs.items() if name not in known}
    most = min(TERMS, WEIGHTS // max(1, len(sample.labels)))
    features = Features.fitted(texts, most) if texts or covariates is None else None
    return Regressors(tuple(inputs), features, covariates)
