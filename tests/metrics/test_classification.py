"""Metrics for classes are scikit-learn's."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as theirs

from gft.errors import UserError
from gft.metrics.protocol import Scored
from gft.metrics.table import find
from metric_samples import assert_weights_repeat, of_classes, random_classes, values_of

SAMPLES = {
    "two classes": random_classes(60, 2),
    "three classes": random_classes(60, 3),
    "many classes": random_classes(200, 77),
    "a class that never occurs": random_classes(60, 4, missing=2),
    "a class never predicted": of_classes([0, 1, 2, 1], np.eye(3)[[0, 1, 1, 1]]),
    "a class never gold": of_classes([0, 1, 1, 1], np.eye(3)[[0, 1, 2, 1]]),
    "one class predicted": of_classes([0, 1, 1, 0], np.eye(2)[[1, 1, 1, 1]]),
    "only class 0": of_classes([0, 0, 0], np.eye(2)[[0, 0, 0]]),
    "one row": of_classes([1], [[0.2, 0.8]]),
    "one wrong row": of_classes([1], [[0.7, 0.3]]),
    "equal scores": of_classes([0, 1, 2, 2], np.full((4, 3), 1 / 3)),
}
Theirs = Callable[..., Any]
PER_CLASS: dict[str, Theirs] = {
    "f1": theirs.f1_score,
    "precision": theirs.precision_score,
    "recall": theirs.recall_score,
    "jaccard": theirs.jaccard_score,
}
OF_PREDICTION: dict[str, Theirs] = {
    "accuracy": theirs.accuracy_score,
    "balanced_accuracy": theirs.balanced_accuracy_score,
    "matthews_correlation": theirs.matthews_corrcoef,
    "cohen_kappa": theirs.cohen_kappa_score,
}
every_sample = pytest.mark.parametrize("scored", SAMPLES.values(), ids=SAMPLES)


def quietly(measure: Theirs, *values: Any, **options: Any) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(measure(*values, **options))


@every_sample
@pytest.mark.parametrize("name", PER_CLASS)
@pytest.mark.parametrize("average", ["micro", "macro", "weighted"])
def test_averages_are_scikit_learns(scored: Scored, name: str, average: str) -> None:
    expected = quietly(
        PER_CLASS[name], scored.gold, scored.prediction, average=average, zero_division=0
    )
    assert values_of(find(name, average), scored) == [pytest.approx(expected, abs=1e-9)]


@pytest.mark.parametrize("sample", [name for name, one in SAMPLES.items() if len(one.names) == 2])
@pytest.mark.parametrize("name", PER_CLASS)
def test_binary_is_scikit_learns(sample: str, name: str) -> None:
    scored = SAMPLES[sample]
    expected = quietly(PER_CLASS[name], scored.gold, scored.prediction, zero_division=0)
    assert values_of(find(name, "binary"), scored) == [pytest.approx(expected, abs=1e-9)]


@pytest.mark.parametrize("name", PER_CLASS)
def test_without_configuration_binary_for_two_classes_else_macro(name: str) -> None:
    two, three = SAMPLES["two classes"], SAMPLES["three classes"]
    assert values_of(find(name), two) == values_of(find(name, "binary"), two)
    assert values_of(find(name), three) == values_of(find(name, "macro"), three)
    # Three classes of which the rows happen to show two are still three.
    shown = of_classes([0, 1, 1], np.eye(3)[[0, 1, 0]])
    assert values_of(find(name), shown) == values_of(find(name, "macro"), shown)


@pytest.mark.parametrize("name", PER_CLASS)
def test_binary_of_three_classes_is_a_mistake(name: str) -> None:
    with pytest.raises(UserError, match=rf"{name},binary is for two classes, not 3 .*{name},macro"):
        find(name, "binary").measures(("no", "yes", "maybe"))


@every_sample
@pytest.mark.parametrize("name", OF_PREDICTION)
def test_metrics_of_predictions_are_scikit_learns(scored: Scored, name: str) -> None:
    expected = quietly(OF_PREDICTION[name], scored.gold, scored.prediction)
    assert values_of(find(name), scored) == [pytest.approx(expected, abs=1e-9, nan_ok=True)]


@every_sample
@pytest.mark.parametrize("name", ["loss", "log_loss"])
def test_loss_is_scikit_learns(scored: Scored, name: str) -> None:
    labels = range(len(scored.names))
    expected = quietly(theirs.log_loss, scored.gold, scored.scores, labels=labels)
    assert values_of(find(name), scored) == [pytest.approx(expected, abs=1e-9)]
    assert not find(name).measures(scored.names)[0].greater_is_better


def test_loss_of_a_certain_mistake_is_finite() -> None:
    [loss] = values_of(find("loss"), of_classes([1], [[1.0, 0.0]]))
    assert 30 < loss < 40


@every_sample
def test_brier_is_scikit_learns(scored: Scored) -> None:
    scores = scored.scores
    assert scores is not None
    if len(scored.names) == 2:
        expected = quietly(theirs.brier_score_loss, scored.gold, scores[:, 1], pos_label=1)
    else:
        labels = range(len(scored.names))
        expected = quietly(theirs.brier_score_loss, scored.gold, scores, labels=labels)
    assert values_of(find("brier_score_loss"), scored) == [pytest.approx(expected, abs=1e-9)]


@every_sample
def test_top_k_is_scikit_learns(scored: Scored) -> None:
    labels = range(len(scored.names))
    scores = scored.scores if len(scored.names) > 2 else scored.scores[:, 1]
    expected = quietly(theirs.top_k_accuracy_score, scored.gold, scores, k=2, labels=labels)
    assert values_of(find("top_k_accuracy"), scored) == [pytest.approx(expected, abs=1e-9)]


@pytest.mark.parametrize("sample", ["two classes", "three classes", "a class that never occurs"])
@pytest.mark.parametrize(
    "name",
    [*PER_CLASS, *OF_PREDICTION, "loss", "brier_score_loss", "top_k_accuracy"],
)
def test_a_weight_of_two_is_the_row_twice(name: str, sample: str) -> None:
    assert_weights_repeat(find(name), SAMPLES[sample])
