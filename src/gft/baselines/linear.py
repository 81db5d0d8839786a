"""Linear models on TF-IDF: what a net has to be better than to be worth its cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gft.baselines.features import Features, quietly
from gft.baselines.protocol import Baseline, Cells
from gft.metrics.protocol import CLASSES, NUMBERS, SEVERAL, Array
from gft.tasks.protocol import Task, Values

TERMS = 50_000
WEIGHTS = 2_000_000
"""So many weights at most: with many classes fewer terms are taken."""
STRENGTH = 10.0
"""How little the logistic regression is held back: scikit-learn's `C`."""
STEPS = 30
TOLERANCE = 1e-3
FOLDS = 5


@dataclass(frozen=True)
class Linear:
    """A linear model of texts that was fitted to gold values of one kind."""

    kind: str
    features: Features
    model: Any
    labels: int

    def scores(self, matrix: Any) -> Array:
        """Return probabilities of shape (rows, labels), or numbers of shape (rows, outputs)."""
        if self.kind == NUMBERS:
            return np.asarray(self.model.predict(matrix)).reshape(matrix.shape[0], self.labels)
        if self.kind == SEVERAL:
            return np.stack([_chances(one, matrix) for one in self.model], axis=1)
        found = np.zeros((matrix.shape[0], self.labels))
        found[:, self.model.classes_] = self.model.predict_proba(matrix)
        return found

    def __call__(self, rows: Cells, golds: Sequence[Any]) -> tuple[Values, Values | None]:
        """Return predictions and scores of rows."""
        scores = self.scores(self.features.of(rows))
        if self.kind == NUMBERS:
            return scores, None
        if self.kind == SEVERAL:
            return scores > 0.5, scores
        return scores.argmax(1), scores


def of_texts(task: Task, rows: Cells, golds: Sequence[Any]) -> Baseline | None:
    """Return logistic or ridge regression on TF-IDF of the input columns.

    None where it cannot be: a single class in the rows.
    """
    if task.serves == CLASSES and len(set(golds)) < 2:
        return None
    features = Features(task.inputs, min(TERMS, WEIGHTS // max(1, len(task.labels))))
    matrix = features.fit(rows)
    fitted = Linear(
        task.serves, features, model_of(task.serves, task, matrix, golds), len(task.labels)
    )
    kind = "ridge regression" if task.serves == NUMBERS else "logistic regression"
    return Baseline("linear", f"{kind} on {features.what}", len(golds), fitted)


def out_of_fold(task: Task, rows: Cells, golds: Sequence[Any]) -> Array:
    """Return what models that have not seen a row say of it, shape (rows, labels or outputs).

    `FOLDS` models, each fitted to the rows of the other folds; a row's fold is its number modulo
    `FOLDS`. The terms and how rare they are come from all rows: no label is in them.
    """
    features = Features(task.inputs, min(TERMS, WEIGHTS // max(1, len(task.labels))))
    matrix = features.fit(rows)
    fold = np.arange(len(golds)) % FOLDS
    scores = np.zeros((len(golds), len(task.labels)))
    for one in range(FOLDS):
        seen = np.flatnonzero(fold != one)
        gold = [golds[n] for n in seen.tolist()]
        if task.serves == CLASSES and len(set(gold)) < 2:
            scores[fold == one] = 1 / len(task.labels)
            continue
        model = model_of(task.serves, task, matrix[seen], gold)
        fitted = Linear(task.serves, features, model, len(task.labels))
        scores[fold == one] = fitted.scores(matrix[fold == one])
    return scores


def model_of(kind: str, task: Task, matrix: Any, golds: Sequence[Any]) -> Any:
    """Return scikit-learn's model fitted to features, for several classes a row one a label."""
    from sklearn.linear_model import Ridge

    if kind == NUMBERS:
        numbers = np.asarray(golds, dtype=np.float64).reshape(len(golds), -1)
        return quietly(Ridge(alpha=1.0).fit, matrix, numbers)
    if kind == CLASSES:
        return _logistic(matrix, np.asarray(golds))
    gold = np.zeros((len(golds), len(task.labels)), dtype=bool)
    for row, chosen in enumerate(golds):
        gold[row, list(chosen)] = True
    return [_one_label(matrix, column) for column in gold.T]


def _one_label(matrix: Any, gold: Array) -> Any:
    """Return a model of one label, or its share where all rows agree."""
    return float(gold.all()) if gold.all() or not gold.any() else _logistic(matrix, gold)


def _logistic(matrix: Any, gold: Array) -> Any:
    """Return a logistic regression (Defazio et al. 2014); its steps are ten times as quick here."""
    from sklearn.linear_model import LogisticRegression

    made = LogisticRegression(
        C=STRENGTH, solver="saga", max_iter=STEPS, tol=TOLERANCE, random_state=0
    )
    return quietly(made.fit, matrix, gold)


def _chances(model: Any, matrix: Any) -> Array:
    if isinstance(model, float):
        return np.full(matrix.shape[0], model)
    return np.asarray(model.predict_proba(matrix)[:, 1])
