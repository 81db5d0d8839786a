"""How a linear model is fitted to classes (single-label, multi-label) and to numbers."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from gft.baselines.weights import LinearWeights
from gft.metrics.indicators import indicators
from gft.metrics.protocol import Array

STRENGTH = 10.0
"""How little the logistic regression is held back: scikit-learn's `C`."""
STEPS = 30
TOLERANCE = 1e-3
STEPS_OF_ALL = 200
"""Steps over all rows at once, where their lengths differ."""


class Logistic:
    """Logistic regression, single-label."""

    name = "logistic regression"

    def fit(
        self, features: Any, golds: Sequence[Any], labels: int, alike: bool = True
    ) -> LinearWeights | None:
        """Return the weights of the classes; None where all rows are of one class."""
        gold = np.asarray(golds)
        if len(np.unique(gold)) < 2:
            return None
        model = _logistic(features, gold, alike)
        coefficients, intercepts = np.zeros((labels, features.shape[1])), np.zeros(labels)
        learned, added = model.coef_, model.intercept_
        if len(learned) == 1:  # Of two classes only the second has weights: half of them each.
            learned, added = (np.concatenate([-one, one]) / 2 for one in (learned, added))
        coefficients[model.classes_], intercepts[model.classes_] = learned, added
        fixed = dict.fromkeys(sorted(set(range(labels)) - set(model.classes_.tolist())), 0.0)
        return LinearWeights("softmax", coefficients, intercepts, fixed)


class LogisticOfEach:
    """A logistic regression of each label, multi-label."""

    name = "logistic regression"

    def fit(
        self, features: Any, golds: Sequence[Any], labels: int, alike: bool = True
    ) -> LinearWeights | None:
        """Return the weights of each label; where all rows agree on one, the share that have it."""
        coefficients, intercepts = np.zeros((labels, features.shape[1])), np.zeros(labels)
        fixed: dict[int, float] = {}
        columns = zip(*(one.T for one in indicators(golds, labels)), strict=True)
        for n, (gold, known) in enumerate(columns):
            rows, seen = features, gold
            if not known.all():
                rows, seen = features[np.flatnonzero(known)], gold[known]
            if seen.all() or not seen.any():
                fixed[n] = float(seen.all()) if len(seen) else 0.5
                continue
            model = _logistic(rows, seen, alike)
            coefficients[n], intercepts[n] = model.coef_[0], model.intercept_[0]
        return LinearWeights("logistic", coefficients, intercepts, fixed)


class Ridge:
    """Ridge regression, for numbers."""

    name = "ridge regression"

    def fit(
        self, features: Any, golds: Sequence[Any], labels: int, alike: bool = True
    ) -> LinearWeights | None:
        """Return the weights of each output."""
        from sklearn import linear_model

        numbers = np.asarray(golds, dtype=np.float64).reshape(len(golds), -1)
        model = quietly(linear_model.Ridge(alpha=1.0).fit, features, numbers)
        coefficients = np.asarray(model.coef_).reshape(labels, -1)
        return LinearWeights("identity", coefficients, np.asarray(model.intercept_).reshape(labels))


def quietly(fit: Any, *arguments: Any) -> Any:
    """Fit a model of scikit-learn's, whose remarks on convergence are no news to a user of gft."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit(*arguments)


def _logistic(features: Any, gold: Array, alike: bool) -> Any:
    """Return a logistic regression (Defazio et al. 2014); its steps are ten times as quick here.

    They are as short as the longest row needs: where one may be much longer than the others, a
    covariate of ten standard deviations, all rows are looked at for every step (Byrd et al. 1995).
    """
    from sklearn.linear_model import LogisticRegression

    made = LogisticRegression(
        C=STRENGTH,
        solver="saga" if alike else "lbfgs",
        max_iter=STEPS if alike else STEPS_OF_ALL,
        tol=TOLERANCE,
        random_state=0,
    )
    return quietly(made.fit, features, gold)
