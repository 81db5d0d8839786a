"""Areas under curves are scikit-learn's, ties and all."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from sklearn import metrics as theirs

from gft.metrics.table import find
from metric_samples import assert_weights_repeat, of_classes, random_classes, values_of


@pytest.mark.parametrize("seed", range(3))
def test_two_classes(seed: int) -> None:
    scored = random_classes(80, 2, seed)
    score = scored.scores[:, 1]
    expected = theirs.roc_auc_score(scored.gold, score)
    assert values_of(find("roc_auc"), scored) == [pytest.approx(expected, abs=1e-9)]
    expected = theirs.average_precision_score(scored.gold, score)
    assert values_of(find("average_precision"), scored) == [pytest.approx(expected, abs=1e-9)]


@pytest.mark.parametrize("seed", range(3))
def test_several_classes_each_against_the_rest(seed: int) -> None:
    scored = random_classes(80, 4, seed)
    expected = theirs.roc_auc_score(scored.gold, scored.scores, multi_class="ovr")
    assert values_of(find("roc_auc"), scored) == [pytest.approx(expected, abs=1e-9)]
    expected = theirs.average_precision_score(scored.gold, scored.scores)
    assert values_of(find("average_precision"), scored) == [pytest.approx(expected, abs=1e-9)]


def test_equal_scores_are_chance() -> None:
    scored = of_classes([0, 1, 1, 0], np.full((4, 2), 0.5))
    assert values_of(find("roc_auc"), scored) == [0.5]
    assert values_of(find("average_precision"), scored) == [0.5]


def test_one_class_only() -> None:
    without = of_classes([0, 0], [[0.4, 0.6], [0.7, 0.3]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = theirs.average_precision_score(without.gold, without.scores[:, 1])
    assert math.isnan(values_of(find("roc_auc"), without)[0])
    assert values_of(find("average_precision"), without) == [expected]
    alone = of_classes([1, 1], [[0.4, 0.6], [0.7, 0.3]])
    assert math.isnan(values_of(find("roc_auc"), alone)[0])
    assert values_of(find("average_precision"), alone) == [1.0]


def test_a_class_without_rows() -> None:
    scored = random_classes(60, 4, missing=2)
    assert math.isnan(values_of(find("roc_auc"), scored)[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one_hot = np.eye(4)[scored.gold]
        expected = theirs.average_precision_score(one_hot, scored.scores)
    assert values_of(find("average_precision"), scored) == [pytest.approx(expected, abs=1e-9)]


@pytest.mark.parametrize("name", ["roc_auc", "average_precision"])
@pytest.mark.parametrize("classes", [2, 3])
def test_a_weight_of_two_is_the_row_twice(name: str, classes: int) -> None:
    assert_weights_repeat(find(name), random_classes(50, classes))
