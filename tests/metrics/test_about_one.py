"""Metrics of one class out of two: which one they are about, and that they say so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as theirs

from gft.metrics.glue import parts_of
from gft.metrics.intervals import values_with_intervals
from gft.metrics.positive import about
from gft.metrics.protocol import Scored
from gft.metrics.table import find
from metric_samples import assert_weights_repeat, random_classes, values_of

NAMES = ("irony", "non_irony")
OF_ONE = {
    "f1": theirs.f1_score,
    "precision": theirs.precision_score,
    "recall": theirs.recall_score,
    "jaccard": theirs.jaccard_score,
}


@pytest.fixture
def scored() -> Scored:
    return replace(random_classes(60, 2), names=NAMES)


@pytest.mark.parametrize("config", [None, "binary"])
@pytest.mark.parametrize("name", OF_ONE)
@pytest.mark.parametrize("place", [0, 1])
def test_counts_are_of_the_class(scored: Scored, name: str, config: str | None, place: int) -> None:
    [metric] = about([find(name, config)], NAMES[place])
    expected = OF_ONE[name](scored.gold, scored.prediction, pos_label=place)
    assert values_of(metric, scored) == [pytest.approx(expected, abs=1e-12)]
    assert [measure.about for measure in metric.measures(NAMES)] == [NAMES[place]]
    assert_weights_repeat(metric, scored)


@pytest.mark.parametrize("place", [0, 1])
def test_average_precision_is_of_the_class(scored: Scored, place: int) -> None:
    [metric] = about([find("average_precision")], NAMES[place])
    gold = scored.gold == place
    expected = theirs.average_precision_score(gold, scored.scores[:, place])
    assert values_of(metric, scored) == [pytest.approx(expected, abs=1e-9)]


@pytest.mark.parametrize("name", ["accuracy", "roc_auc", "f1_macro", "loss", "cohen_kappa"])
def test_other_metrics_are_about_no_class(scored: Scored, name: str) -> None:
    [metric] = about([find(name)], "irony")
    assert values_of(metric, scored) == values_of(find(name), scored)
    assert metric.measures(NAMES)[0].about is None


def test_the_class_goes_by_name_whatever_its_number(scored: Scored) -> None:
    turned = Scored(1 - scored.gold, 1 - scored.prediction, scored.scores[:, ::-1], NAMES[::-1])
    [metric] = about([find("f1")], "Irony")
    assert values_of(metric, turned) == values_of(metric, scored)
    assert np.array_equal(metric.rows(turned), metric.rows(scored))


def test_without_a_choice_it_is_the_second_and_says_so(scored: Scored) -> None:
    [found] = values_with_intervals([find("f1")], scored)
    assert found.value == pytest.approx(theirs.f1_score(scored.gold, scored.prediction))
    assert found.saved()["positive_label"] == "non_irony"
    assert find("f1").measures(("a", "b", "c"))[0].about is None


def test_glue_keeps_class_one(scored: Scored) -> None:
    [f1, right] = about(parts_of("mrpc"), "irony")
    assert values_of(f1, scored) == values_of(find("f1"), scored)
    assert f1.measures(NAMES)[0].about == "non_irony" and right.measures(NAMES)[0].about is None
