"""GLUE's metrics: which, in what order, and which one counts."""

from __future__ import annotations

import pytest
from sklearn import metrics as theirs

from gft.language.spec import Spec
from gft.metrics.glue import TASKS, parts_of
from gft.metrics.table import choose_merit, find
from metric_samples import assert_weights_repeat, random_classes, random_numbers, values_of

ACCURACY = ["sst2", "mnli", "mnli_matched", "mnli_mismatched", "qnli", "rte", "wnli", "hans", "ax"]


@pytest.mark.parametrize(
    ("task", "names", "judged_by"),
    [
        ("cola", ["matthews_correlation"], "matthews_correlation"),
        ("stsb", ["pearson", "spearmanr"], "pearson"),
        ("mrpc", ["f1", "accuracy"], "accuracy"),
        ("qqp", ["f1", "accuracy"], "accuracy"),
        *((task, ["accuracy"], "accuracy") for task in ACCURACY),
    ],
)
def test_metrics(task: str, names: list[str], judged_by: str) -> None:
    spec, metrics = Spec("H", "glue", task), parts_of(task)
    assert {metric.target for metric in metrics} == {"numbers" if task == "stsb" else "classes"}
    outputs = ("score",) if task == "stsb" else ("no", "yes")
    assert [measure.name for metric in metrics for measure in metric.measures(outputs)] == names
    assert choose_merit(metrics, outputs, [spec], None, None).name == judged_by
    assert choose_merit(metrics, outputs, [spec], names[0], None).name == names[0]


def test_no_task_is_forgotten() -> None:
    assert set(TASKS) == {"cola", "stsb", "mrpc", "qqp", *ACCURACY}


def test_f1_then_accuracy() -> None:
    scored = random_classes(50, 2)
    metrics = parts_of("mrpc")
    assert [value for metric in metrics for value in values_of(metric, scored)] == pytest.approx(
        [
            theirs.f1_score(scored.gold, scored.prediction),
            theirs.accuracy_score(scored.gold, scored.prediction),
        ]
    )
    assert [metric.measures(scored.names)[0].proportion for metric in metrics] == [False, True]
    for metric in metrics:
        assert_weights_repeat(metric, scored)


def test_stsb() -> None:
    scored = random_numbers(50)
    expected = [*values_of(find("pearson"), scored), *values_of(find("spearman"), scored)]
    assert [value for metric in parts_of("stsb") for value in values_of(metric, scored)] == expected
