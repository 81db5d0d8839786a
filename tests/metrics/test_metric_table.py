"""Metrics by name, and the mistakes one can make with them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gft.errors import UserError
from gft.language.spec import Spec
from gft.metrics.table import BUILT_IN, choose_merit, choose_metrics, find, find_metrics, merit
from gft.targets.classes import Classes
from gft.targets.numbers import Numbers
from gft.targets.protocol import Target

TWO = ("no", "yes")
PROMISED = """
accuracy f1 precision recall balanced_accuracy matthews_correlation roc_auc
average_precision log_loss brier_score_loss top_k_accuracy jaccard cohen_kappa pearson spearman
mean_squared_error root_mean_squared_error mean_absolute_error mean_absolute_percentage_error
median_absolute_error max_error r2 explained_variance mean_squared_log_error mean_poisson_deviance
mean_gamma_deviance glue loss spearmanr
"""


@pytest.mark.parametrize("name", PROMISED.split())
def test_what_is_promised_is_there(name: str) -> None:
    assert name in BUILT_IN


@pytest.mark.parametrize("name", [name for name in BUILT_IN if name != "glue"])
def test_every_metric_has_the_metric_of_its_name(name: str) -> None:
    metric = find(name)
    assert metric.name == name
    assert metric.target in ("classes", "numbers")
    assert metric.measures(TWO)[0].name == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("mse", "mean_squared_error"),
        ("mcc", "matthews_correlation"),
        ("pearsonr", "pearson"),
        ("spearmanr", "spearmanr"),
        ("f1_score", "f1"),
        ("accuracy_score", "accuracy"),
        ("r2_score", "r2"),
        ("adjusted_rand", "adjusted_rand_score"),
    ],
)
def test_other_spellings(written: str, name: str) -> None:
    assert find(written).name == name


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("acuracy", None, r"no metric 'H:acuracy' \(did you mean 'accuracy'\?\)"),
        ("f1", "macr", r"no configuration 'macr' in H:f1 \(did you mean 'macro'\?\); .*weighted"),
        ("accuracy", "macro", "H:accuracy has no configuration 'macro'; write H:accuracy"),
        ("glue", None, "H:glue needs a task, as in H:glue,qqp; available: cola, .*hans"),
        ("glue", "qqqp", r"no configuration 'qqqp' in H:glue \(did you mean 'qqp'\?\)"),
    ],
)
def test_mistakes_name_what_there_is(name: str, config: str | None, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        find_metrics(Spec("H", name, config), Classes())
    assert "\n" not in str(caught.value)


def test_a_specification_is_one_metric_or_glues() -> None:
    assert [metric.name for metric in find_metrics(Spec("H", "f1", "macro"), Classes())] == ["f1"]
    parts = find_metrics(Spec("H", "glue", "mrpc"), Classes())
    assert [metric.name for metric in parts] == ["f1", "accuracy"]
    with pytest.raises(UserError, match=r"no file accuracy; expected Python with compute\("):
        find_metrics(Spec("C", "accuracy", None), Classes())


@pytest.mark.parametrize(
    ("name", "target", "measures", "fitting"),
    [("pearson", Classes(), "numbers", "accuracy"), ("accuracy", Numbers(), "classes", "pearson")],
)
def test_a_metric_that_does_not_fit(name: str, target: Target, measures: str, fitting: str) -> None:
    with pytest.raises(UserError, match=f"{name} measures {measures}.*{fitting}") as caught:
        choose_metrics([Spec("H", name, None)], (), target)
    assert "\n" not in str(caught.value)


def test_a_tasks_own_metrics() -> None:
    assert [one.name for one in choose_metrics([], ("accuracy", "f1"), Classes())] == [
        "accuracy",
        "f1",
    ]


def test_figure_of_merit() -> None:
    metrics = [find("f1"), find("accuracy"), find("loss")]
    assert merit(metrics, TWO).name == "f1"
    assert not merit(metrics, TWO, "loss").greater_is_better
    assert merit(metrics, TWO, "accuracy_score").name == "accuracy"
    with pytest.raises(UserError, match=r"no selection metric 'recall'.*f1, accuracy and loss"):
        merit(metrics, TWO, "recall")
    assert merit([find("pearson")], ("V", "A"), "pearson_V").name == "pearson_V"


def test_figure_of_merit_of_specifications() -> None:
    glue, recall = Spec("H", "glue", "qqp"), Spec("H", "recall", None)

    def chosen(specs: list[Spec], asked: str | None = None, better: int | None = None) -> str:
        metrics = choose_metrics(specs, (), Classes())
        measure = choose_merit(metrics, TWO, specs, asked, better)
        return f"{measure.name} {'more' if measure.greater_is_better else 'less'}"

    assert chosen([glue]) == "accuracy more"
    assert chosen([glue], "f1") == "f1 more"
    assert chosen([recall, glue]) == "recall more"
    assert chosen([recall], better=-1) == "recall less"


def test_the_default_metrics_need_neither_scipy_nor_scikit_learn() -> None:
    program = """
import sys, numpy as np
from gft.metrics.intervals import values_with_intervals
from gft.metrics.protocol import Scored
from gft.metrics.table import find
gold, names = np.array([0, 1, 1]), ("no", "yes")
scored = Scored(gold, gold, np.eye(2)[gold], names)
values_with_intervals([find(name) for name in ("accuracy", "f1", "loss")], scored, seed=0)
gold = np.array([[1.0], [2.0], [4.0]])
scored = Scored(gold, gold, None, ("score",))
names = ("pearson", "spearman", "mean_squared_error", "r2")
values_with_intervals([find(name) for name in names], scored, seed=0)
assert not {"scipy", "sklearn", "torch", "pandas"} & set(sys.modules), "heavy"
"""
    subprocess.run([sys.executable, "-c", program], check=True)
