"""Metrics are scikit-learn's and scipy's; a weight of two is a row that stands there twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

from gft.errors import UserError
from gft.language.spec import Spec
from gft.metrics.clustering import CLUSTERING
from gft.metrics.intervals import point_values, values_with_intervals
from gft.metrics.limits import wilson
from gft.metrics.protocol import Scored
from gft.metrics.table import BUILT_IN, choose_merit, choose_metrics, find, find_metrics
from gft.targets.classes import Classes

RANDOM = np.random.default_rng(7)


def classes(rows: int, count: int, absent: int | None = None) -> Scored:
    gold = RANDOM.integers(0, count, rows)
    scores = RANDOM.dirichlet(np.ones(count), rows)
    scores[np.arange(rows), gold] += 0.4
    if absent is not None:
        gold[gold == absent] = (absent + 1) % count
        scores[:, absent] = 1e-6
    scores = np.round(scores / scores.sum(1, keepdims=True), 2) + 1e-3
    scores /= scores.sum(1, keepdims=True)
    return Scored(gold, scores.argmax(1), scores, tuple(map(str, range(count))))


def numbers(rows: int, outputs: int = 1) -> Scored:
    random = np.random.default_rng(rows)  # The same rows whichever tests ran before.
    gold = np.round(random.gamma(2, size=(rows, outputs)), 1) + 0.1
    predicted = np.round(gold + random.normal(size=gold.shape) / 3, 2).clip(0.01)
    return Scored(gold, predicted, None, ("V", "A", "D")[:outputs])


def average(scored: Scored) -> dict[str, Any]:
    way = "binary" if len(scored.names) == 2 else "macro"
    return {"average": way, "zero_division": 0}


Of = Callable[[Scored], float]
CLASS_METRICS: dict[str, Of] = {
    "accuracy": lambda s: sk.accuracy_score(s.gold, s.prediction),
    "f1": lambda s: sk.f1_score(s.gold, s.prediction, **average(s)),
    "precision": lambda s: sk.precision_score(s.gold, s.prediction, **average(s)),
    "recall": lambda s: sk.recall_score(s.gold, s.prediction, **average(s)),
    "jaccard": lambda s: sk.jaccard_score(s.gold, s.prediction, **average(s)),
    "f1,micro": lambda s: sk.f1_score(s.gold, s.prediction, average="micro"),
    "f1,weighted": lambda s: sk.f1_score(
        s.gold, s.prediction, average="weighted", zero_division=0),
    "balanced_accuracy": lambda s: np.mean(
        [np.mean(s.prediction[s.gold == one] == one) for one in np.unique(s.gold)]),
    "matthews_correlation": lambda s: sk.matthews_corrcoef(s.gold, s.prediction),
    "cohen_kappa": lambda s: sk.cohen_kappa_score(s.gold, s.prediction),
    "loss": lambda s: sk.log_loss(s.gold, s.scores, labels=range(len(s.names))),
    "log_loss": lambda s: sk.log_loss(s.gold, s.scores, labels=range(len(s.names))),
}  # fmt: skip
NUMBER_METRICS: dict[str, Of] = {
    "pearson": lambda s: stats.pearsonr(s.gold[:, 0], s.prediction[:, 0])[0],
    "spearman": lambda s: stats.spearmanr(s.gold[:, 0], s.prediction[:, 0])[0],
    "mean_squared_error": lambda s: sk.mean_squared_error(s.gold, s.prediction),
    "root_mean_squared_error": lambda s: sk.root_mean_squared_error(s.gold, s.prediction),
    "mean_absolute_error": lambda s: sk.mean_absolute_error(s.gold, s.prediction),
    "mean_absolute_percentage_error": lambda s: sk.mean_absolute_percentage_error(
        s.gold, s.prediction),
    "median_absolute_error": lambda s: sk.median_absolute_error(s.gold, s.prediction),
    "max_error": lambda s: sk.max_error(s.gold[:, 0], s.prediction[:, 0]),
    "r2": lambda s: sk.r2_score(s.gold, s.prediction),
    "explained_variance": lambda s: sk.explained_variance_score(s.gold, s.prediction),
    "mean_squared_log_error": lambda s: sk.mean_squared_log_error(s.gold, s.prediction),
    "mean_poisson_deviance": lambda s: sk.mean_poisson_deviance(s.gold[:, 0], s.prediction[:, 0]),
    "mean_gamma_deviance": lambda s: sk.mean_gamma_deviance(s.gold[:, 0], s.prediction[:, 0]),
}  # fmt: skip


def only(name: str, scored: Scored) -> float:
    key, _, config = name.partition(",")
    [metric] = find_metrics(Spec("H", key, config or None), Classes())
    return next(iter(point_values([metric], scored).values()))


@pytest.mark.parametrize("name", CLASS_METRICS)
@pytest.mark.parametrize(
    "scored", [classes(200, 2), classes(200, 5), classes(60, 4, absent=2), classes(3, 3)]
)
def test_classes(name: str, scored: Scored) -> None:
    assert only(name, scored) == pytest.approx(CLASS_METRICS[name](scored), abs=1e-9)


@pytest.mark.parametrize("name", NUMBER_METRICS)
@pytest.mark.parametrize("rows", [2, 3, 200, 201])
def test_numbers(name: str, rows: int) -> None:
    scored = numbers(rows)
    assert only(name, scored) == pytest.approx(NUMBER_METRICS[name](scored), abs=1e-9)


def test_areas_and_clusters() -> None:
    two, many = classes(100, 2), classes(100, 4)
    assert only("roc_auc", two) == pytest.approx(sk.roc_auc_score(two.gold, two.scores[:, 1]))
    assert only("average_precision", two) == pytest.approx(
        sk.average_precision_score(two.gold, two.scores[:, 1])
    )
    assert only("roc_auc", many) == pytest.approx(
        np.mean([sk.roc_auc_score(many.gold == n, many.scores[:, n]) for n in range(4)])
    )
    for name in CLUSTERING:
        expected = getattr(sk, name)(many.gold, many.prediction)
        assert only(name, many) == pytest.approx(expected)
    assert only("brier_score_loss", two) == pytest.approx(
        sk.brier_score_loss(two.gold, two.scores[:, 1])
    )
    top = np.mean([g in np.argsort(-s)[:2] for g, s in zip(many.gold, many.scores, strict=True)])
    assert only("top_k_accuracy", many) == pytest.approx(top, abs=0.05)


@pytest.mark.parametrize("name", [*CLASS_METRICS, *NUMBER_METRICS, "roc_auc", "rand_score"])
def test_a_weight_is_a_repeated_row(name: str) -> None:
    scored = numbers(40) if name in NUMBER_METRICS else classes(40, 3)
    key, _, config = name.partition(",")
    [metric] = find_metrics(Spec("H", key, config or None), Classes())
    weights = RANDOM.integers(0, 4, 40)
    again = np.repeat(np.arange(40), weights)
    repeated = Scored(
        scored.gold[again], scored.prediction[again],
        None if scored.scores is None else scored.scores[again], scored.names,
    )  # fmt: skip
    value = metric.reduce(metric.rows(scored), weights[None].astype(float))[0, 0]
    assert value == pytest.approx(next(iter(point_values([metric], repeated).values())))


def test_several_outputs() -> None:
    scored = numbers(50, 3)
    found = point_values([find("pearson")], scored)
    assert list(found) == ["pearson", "pearson_V", "pearson_A", "pearson_D"]
    each = [stats.pearsonr(scored.gold[:, n], scored.prediction[:, n])[0] for n in range(3)]
    assert list(found.values())[1:] == pytest.approx(each)
    assert found["pearson"] == pytest.approx(np.mean(each))


def test_undefined_is_none() -> None:
    flat = Scored(np.ones((5, 1)), np.arange(5.0)[:, None], None, ("y",))
    found = values_with_intervals([find("pearson"), find("r2")], flat)
    assert [one.value for one in found] == [None, None]
    one_row = values_with_intervals([find("accuracy"), find("f1")], classes(1, 2))
    assert one_row[1].low is None


@pytest.mark.parametrize("name", ["f1", "pearson", "accuracy"])
def test_intervals_cover(name: str) -> None:
    """Of 300 samples from one population the interval holds the population's value in most."""
    big = numbers(60_000) if name == "pearson" else classes(60_000, 3)
    truth = only(name, big)
    inside = 0
    for n in range(300):
        part = slice(n * 200, (n + 1) * 200)
        sample = Scored(
            big.gold[part], big.prediction[part],
            None if big.scores is None else big.scores[part], big.names,
        )  # fmt: skip
        [found] = values_with_intervals([find(name)], sample, seed=n, samples=300)
        assert found.low is not None and found.high is not None
        inside += found.low <= truth <= found.high
    assert 0.90 <= inside / 300 <= 0.985


def test_wilson_is_the_published_one() -> None:
    assert wilson(0.5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(1.0, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)


def test_glue_and_the_figure_of_merit() -> None:
    for task, names in {
        "cola": ["matthews_correlation"], "stsb": ["pearson", "spearmanr"],
        "qqp": ["f1", "accuracy"], "rte": ["accuracy"],
    }.items():  # fmt: skip
        spec = Spec("H", "glue", task)
        metrics = find_metrics(spec, Classes())
        assert [metric.name for metric in metrics] == names
        merit = choose_merit(metrics, ("a", "b"), [spec], None, None)
        assert merit.name == ("accuracy" if task == "qqp" else names[0])
    loss = choose_merit([find("loss")], (), [], None, None)
    assert not loss.greater_is_better
    assert choose_merit([find("loss")], (), [], "loss", 1).greater_is_better


def test_mistakes_name_what_there_is() -> None:
    with pytest.raises(UserError, match=r"no metric 'H:acuracy' \(did you mean 'accuracy'\?\)"):
        find_metrics(Spec("H", "acuracy"), Classes())
    with pytest.raises(UserError, match="available: binary, micro, macro and weighted"):
        find_metrics(Spec("H", "f1", "mean"), Classes())
    with pytest.raises(UserError, match="measures numbers"):
        choose_metrics([Spec("H", "r2")], (), Classes())
    assert "glue" in BUILT_IN
