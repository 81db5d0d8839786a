"""How a linear model is fitted to classes, to several classes a row, and to numbers."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from gft.baselines.protocol import Decided, Scores
from gft.metrics.indicators import indicators
from gft.metrics.protocol import Array

STRENGTH = 10.0
"""How little the logistic regression is held back: scikit-learn's `C`."""
STEPS = 30
TOLERANCE = 1e-3


class Logistic:
    """Logistic regression, for one class a row."""

    name = "logistic regression"

    def fit(self, features: Any, golds: Sequence[Any], labels: int) -> Scores | None:
        """Return probabilities of the classes; None where all rows are of one class."""
        gold = np.asarray(golds)
        if len(np.unique(gold)) < 2:
            return None
        model = _logistic(features, gold)

        def scores(matrix: Any) -> Array:
            found = np.zeros((matrix.shape[0], labels))
            found[:, model.classes_] = model.predict_proba(matrix)
            return found

        return scores

    def decided(self, scores: Array) -> Decided:
        """Return the most probable class of each row, and the probabilities."""
        return scores.argmax(1), scores


class LogisticOfEach:
    """A logistic regression of each label, for several classes a row."""

    name = "logistic regression"

    def fit(self, features: Any, golds: Sequence[Any], labels: int) -> Scores | None:
        """Return the probability of each label; its share where all rows agree."""
        models = [
            _of_label(features, gold, known)
            for gold, known in zip(*(one.T for one in indicators(golds, labels)), strict=True)
        ]
        return lambda matrix: np.stack([_chances(one, matrix) for one in models], axis=1)

    def decided(self, scores: Array) -> Decided:
        """Return whether each label is the more probable, and the probabilities."""
        return scores > 0.5, scores


class Ridge:
    """Ridge regression, for numbers."""

    name = "ridge regression"

    def fit(self, features: Any, golds: Sequence[Any], labels: int) -> Scores | None:
        """Return the number of each output."""
        from sklearn import linear_model

        numbers = np.asarray(golds, dtype=np.float64).reshape(len(golds), -1)
        model = quietly(linear_model.Ridge(alpha=1.0).fit, features, numbers)
        return lambda matrix: np.asarray(model.predict(matrix)).reshape(matrix.shape[0], labels)

    def decided(self, scores: Array) -> Decided:
        """Return the numbers, which have no probabilities."""
        return scores, None


def _of_label(features: Any, gold: Array, known: Array) -> Any:
    """Return a model of one label; where all rows that know it agree, the share that have it."""
    if not known.all():
        features, gold = features[np.flatnonzero(known)], gold[known]
    if gold.all() or not gold.any():
        return float(gold.all()) if len(gold) else 0.5
    return _logistic(features, gold)


def quietly(fit: Any, *arguments: Any) -> Any:
    """Fit a model of scikit-learn's, whose remarks on convergence are no news to a user of gft."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit(*arguments)


def _logistic(features: Any, gold: Array) -> Any:
    """Return a logistic regression (Defazio et al. 2014); its steps are ten times as quick here."""
    from sklearn.linear_model import LogisticRegression

    made = LogisticRegression(
        C=STRENGTH, solver="saga", max_iter=STEPS, tol=TOLERANCE, random_state=0
    )
    return quietly(made.fit, features, gold)


def _chances(model: Any, features: Any) -> Array:
    if isinstance(model, float):
        return np.full(features.shape[0], model)
    return np.asarray(model.predict_proba(features)[:, 1])
