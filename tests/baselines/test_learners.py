"""What linear models have learned says the same as scikit-learn's own models."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge

from gft.baselines import learners

RANDOM = np.random.default_rng(0)
DENSE = RANDOM.random((80, 6)) * (RANDOM.random((80, 6)) < 0.5)
FEATURES = sparse.csr_matrix(DENSE)
HOW = {"C": learners.STRENGTH, "solver": "saga", "max_iter": learners.STEPS,
       "tol": learners.TOLERANCE, "random_state": 0}  # fmt: skip


@pytest.mark.parametrize("classes", [[0, 1], [0, 1, 2], [0, 3], [1, 2, 3]])
def test_classes(classes: list[int]) -> None:
    golds = np.array(classes)[DENSE[:, : len(classes)].argmax(1)]
    weights = learners.Logistic().fit(FEATURES, golds, 4)
    assert weights is not None
    theirs = learners.quietly(LogisticRegression(**HOW).fit, FEATURES, golds)
    scores = weights.scores(FEATURES)
    np.testing.assert_allclose(scores[:, classes], theirs.predict_proba(FEATURES), rtol=1e-12)
    assert not scores[:, sorted({0, 1, 2, 3} - set(classes))].any()
    values, probabilities = weights.decided(scores)
    assert values.tolist() == theirs.predict(FEATURES).tolist() and probabilities is scores


def test_several_labels_of_which_one_is_everywhere() -> None:
    has = np.stack([DENSE[:, 0] > 0.3, DENSE[:, 1] > DENSE[:, 2], np.ones(80, bool)], axis=1)
    weights = learners.LogisticOfEach().fit(FEATURES, [np.flatnonzero(row) for row in has], 3)
    assert weights is not None
    scores = weights.scores(FEATURES)
    for n in range(2):
        theirs = learners.quietly(LogisticRegression(**HOW).fit, FEATURES, has[:, n])
        expected = theirs.predict_proba(FEATURES)[:, 1]
        np.testing.assert_allclose(scores[:, n], expected, rtol=1e-12)
    assert (scores[:, 2] == 1).all()
    assert (weights.decided(scores)[0] == (scores > 0.5)).all()


@pytest.mark.parametrize("outputs", [1, 2])
def test_numbers(outputs: int) -> None:
    golds = DENSE[:, :outputs] * 3 - 1
    weights = learners.Ridge().fit(FEATURES, golds.tolist(), outputs)
    assert weights is not None
    expected = Ridge(alpha=1.0).fit(FEATURES, golds).predict(FEATURES).reshape(80, outputs)
    values, probabilities = weights.decided(weights.scores(FEATURES))
    np.testing.assert_allclose(values, expected, atol=1e-12)
    assert probabilities is None
