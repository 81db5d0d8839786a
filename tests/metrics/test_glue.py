"""GLUE's figures: which, in what order, and which one counts."""

from __future__ import annotations

import pytest
from sklearn import metrics as theirs

from gft.metrics.glue import TASKS
from gft.metrics.table import find, merit
from metric_samples import assert_weights_repeat, figures, random_classes, random_numbers

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
def test_figures(task: str, names: list[str], judged_by: str) -> None:
    metric = find("glue", task)
    assert metric.name == f"glue,{task}"
    assert metric.target == ("numbers" if task == "stsb" else "classes")
    outputs = ("score",) if task == "stsb" else ("no", "yes")
    assert [figure.name for figure in metric.figures(outputs)] == names
    assert merit([metric], outputs).name == judged_by
    assert merit([metric], outputs, names[0]).name == names[0]


def test_no_task_is_forgotten() -> None:
    assert set(TASKS) == {"cola", "stsb", "mrpc", "qqp", *ACCURACY}


def test_f1_then_accuracy() -> None:
    scored = random_classes(50, 2)
    metric = find("glue", "mrpc")
    assert figures(metric, scored) == pytest.approx(
        [
            theirs.f1_score(scored.gold, scored.prediction),
            theirs.accuracy_score(scored.gold, scored.prediction),
        ]
    )
    assert [figure.proportion for figure in metric.figures(scored.names)] == [False, True]
    assert_weights_repeat(metric, scored)


def test_stsb() -> None:
    scored = random_numbers(50)
    expected = [*figures(find("pearson"), scored), *figures(find("spearman"), scored)]
    assert figures(find("glue", "stsb"), scored) == expected
