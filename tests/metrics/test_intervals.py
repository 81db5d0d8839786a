"""Intervals: what they are made of, and that they hold what they say."""

from __future__ import annotations

import json
import time
import tracemalloc

import numpy as np
import pytest
from scipy import stats

from gft.metrics import limits, samples
from gft.metrics.differences import differences_with_intervals
from gft.metrics.intervals import point_values, values_with_intervals
from gft.metrics.limits import wilson
from gft.metrics.samples import bootstrap_weights
from gft.metrics.table import find
from metric_samples import of_classes, of_numbers, random_classes, random_numbers


def test_weights_are_rows_drawn_with_replacement() -> None:
    weights = np.concatenate(list(bootstrap_weights(50, 400, seed=3)))
    assert weights.shape == (400, 50)
    assert (weights.sum(1) == 50).all()
    assert weights.mean() == 1
    assert weights.var() == pytest.approx(1 - 1 / 50, abs=0.05)
    assert (weights == np.concatenate(list(bootstrap_weights(50, 400, seed=3)))).all()
    assert (weights != np.concatenate(list(bootstrap_weights(50, 400, seed=4)))).any()


def test_weights_do_not_depend_on_the_size_of_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.concatenate(list(bootstrap_weights(50, 40, seed=3)))
    monkeypatch.setattr(samples, "_WEIGHTS_AT_ONCE", 120)
    blocks = list(bootstrap_weights(50, 40, seed=3))
    assert len(blocks) == 20
    assert (np.concatenate(blocks) == whole).all()


def test_groups_are_drawn_whole() -> None:
    groups = np.array(["b", "a", "b", "c", "a", "b"])
    weights = np.concatenate(list(bootstrap_weights(6, 30, seed=0, groups=groups)))
    for name in "abc":
        of_group = weights[:, groups == name]
        assert (of_group == of_group[:, :1]).all()
    firsts = weights[:, [0, 1, 3]]
    assert (firsts.sum(1) == 3).all()


def test_wilson_is_scipys(monkeypatch: pytest.MonkeyPatch) -> None:
    for right, rows in [(0, 1), (1, 1), (0, 20), (7, 20), (20, 20), (731, 1000)]:
        for level in (0.9, 0.95):
            monkeypatch.setattr(limits, "LEVEL", level)
            theirs = stats.binomtest(right, rows).proportion_ci(level, method="wilson")
            found = wilson(right / rows, rows)
            assert found == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_results_in_order_with_rows_and_direction() -> None:
    scored = random_classes(80, 3)
    results = values_with_intervals([find("accuracy"), find("f1"), find("loss")], scored, seed=0)
    assert [one.name for one in results] == ["accuracy", "f1", "loss"]
    assert [one.greater_is_better for one in results] == [True, True, False]
    points = point_values([find("accuracy"), find("f1"), find("loss")], scored)
    for one in results:
        assert one.n == 80
        assert one.value == points[one.name]
        assert one.low is not None and one.high is not None
        assert one.low < one.value < one.high
    assert results == values_with_intervals([find("accuracy"), find("f1"), find("loss")], scored)
    assert json.loads(json.dumps(results[0].saved())) == results[0].saved()


def test_less_certain_intervals_are_narrower(monkeypatch: pytest.MonkeyPatch) -> None:
    scored = random_classes(80, 3)
    metrics = [find("accuracy"), find("f1")]
    wide = values_with_intervals(metrics, scored, seed=0)
    monkeypatch.setattr(limits, "LEVEL", 0.5)
    narrow = values_with_intervals(metrics, scored, seed=0)
    for more, less in zip(wide, narrow, strict=True):
        assert more.low < less.low < less.high < more.high


def test_two_metrics_of_one_name_keep_their_own_values() -> None:
    scored = random_classes(80, 3)
    macro, micro = find("f1", "macro"), find("f1", "micro")
    first, second = values_with_intervals([macro, micro], scored, seed=0)
    assert first.value != second.value
    assert point_values([macro, micro], scored) == {"f1": first.value}


def test_bootstrap_agrees_with_the_normal_approximation_of_a_mean() -> None:
    errors = np.random.default_rng(0).normal(size=2000)
    [found] = values_with_intervals(
        [find("mean_squared_error")], of_numbers(errors, np.zeros(2000)), seed=0, samples=2000
    )
    reach = 1.96 * (errors**2).std() / np.sqrt(2000)
    assert (found.high - found.low) / 2 == pytest.approx(reach, rel=0.06)


@pytest.mark.parametrize("name", ["pearson", "spearman", "r2"])
def test_no_metric_no_interval(name: str) -> None:
    for scored in (of_numbers([1.0], [2.0]), of_numbers([3.0, 3.0, 3.0], [1.0, 2.0, 3.0])):
        [found] = values_with_intervals([find(name)], scored, seed=0, samples=50)
        assert (found.value, found.low, found.high) == (None, None, None)
        assert json.dumps(found.saved(), allow_nan=False)


def test_one_row_has_metrics_but_no_bootstrap() -> None:
    accuracy, f1 = values_with_intervals(
        [find("accuracy"), find("f1")], of_classes([1], [[0.1, 0.9]]), seed=0
    )
    assert (accuracy.value, accuracy.high) == (1, 1)
    assert (f1.value, f1.low, f1.high) == (1, None, None)


def test_no_rows_no_metrics() -> None:
    scored = of_classes(np.zeros(0, dtype=int), np.zeros((0, 2)))
    for found in values_with_intervals(
        [find("accuracy"), find("f1"), find("roc_auc")], scored, seed=0
    ):
        assert (found.value, found.low, found.high, found.n) == (None, None, None, 0)


@pytest.mark.filterwarnings("error")
def test_predictions_that_are_no_numbers_are_not_written_as_json_cannot() -> None:
    scored = of_numbers([1.0, 2.0, 3.0], [np.inf, 2.0, np.nan])
    names = ["pearson", "spearman", "mean_squared_error", "r2", "max_error"]
    results = values_with_intervals([find(name) for name in names], scored, seed=0, samples=20)
    json.dumps([one.saved() for one in results], allow_nan=False)
    assert all(one.value is None for one in results)


def test_intervals_cover_the_truth() -> None:
    """95 % intervals hold the value in the population in 93 to 97 % of 1000 splits.

    Chance adds 0.7 % to that share, as a standard deviation.
    """
    random = np.random.default_rng(5)
    rows, draws, right = 200, 1000, 0.8
    # Two balanced classes and mistakes that do not depend on the class: F1 is the accuracy.
    hits = dict.fromkeys(["accuracy", "f1", "pearson"], 0)
    truth = {"accuracy": right, "f1": right, "pearson": 0.6}
    of_classes_, of_numbers_ = [find("accuracy"), find("f1")], [find("pearson")]
    for draw in range(draws):
        gold = random.integers(0, 2, rows)
        predicted = np.where(random.random(rows) < right, gold, 1 - gold)
        found = values_with_intervals(
            of_classes_, of_classes(gold, np.eye(2)[predicted]), seed=draw, samples=300
        )
        x, noise = random.normal(size=(2, rows))
        found += values_with_intervals(
            of_numbers_, of_numbers(x, 0.6 * x + 0.8 * noise), seed=draw, samples=300
        )
        for one in found:
            hits[one.name] += one.low <= truth[one.name] <= one.high
    for name, count in hits.items():
        assert 0.93 <= count / draws <= 0.97, (name, count / draws)


def test_intervals_over_groups_cover_the_truth_and_others_do_not() -> None:
    """Rows of a group are mostly right or wrong together: each has a share right of its own."""
    random = np.random.default_rng(5)
    groups = np.repeat(np.arange(80), 3)
    hits = {"groups": 0, "rows": 0}
    for draw in range(1000):
        share = random.beta(0.8, 0.2, 80)[groups]
        gold = random.integers(0, 2, 240)
        predicted = np.where(random.random(240) < share, gold, 1 - gold)
        scored = of_classes(gold, np.eye(2)[predicted])
        for name, chosen in (("groups", groups), ("rows", None)):
            [one] = values_with_intervals(
                [find("accuracy")], scored, groups=chosen, seed=draw, samples=300
            )
            hits[name] += one.low <= 0.8 <= one.high
    assert 930 <= hits["groups"] <= 970
    assert hits["rows"] < 900


def test_one_group_has_no_interval() -> None:
    [found] = values_with_intervals([find("accuracy")], random_classes(9, 2), groups=np.zeros(9))
    assert found.value is not None
    assert (found.low, found.high) == (None, None)


def test_ten_thousand_rows_are_quick_and_small() -> None:
    """A second on a free machine; the limits here leave room for a busy one."""
    metrics = [find("accuracy"), find("f1"), find("loss")]
    scored = random_classes(10_000, 77)
    started = time.perf_counter()
    values_with_intervals(metrics, scored, seed=0)
    assert time.perf_counter() - started < 5
    tracemalloc.start()
    try:
        values_with_intervals(metrics, scored, seed=0, samples=200)
        assert tracemalloc.get_traced_memory()[1] < 100e6
    finally:
        tracemalloc.stop()


def test_regression_metrics_of_ten_thousand_rows_are_quick() -> None:
    names = ("pearson", "spearman", "mean_squared_error", "r2")
    scored = random_numbers(10_000)
    started = time.perf_counter()
    values_with_intervals([find(name) for name in names], scored, seed=0)
    assert time.perf_counter() - started < 8


def test_an_interval_far_beyond_every_row_is_none() -> None:
    """Three rows, of which one has nearly all of the loss: what the logarithm makes of it is no
    honest interval."""
    few = of_numbers([0.0, 0.0, 0.0], [0.001, 0.002, 30.0])
    [result] = values_with_intervals([find("mae")], few, seed=0)
    assert (result.low, result.high) == (None, None)
    assert result.caveat == "too few rows for an interval"
    other = of_numbers([0.0, 0.0, 0.0], [0.4, 0.5, 0.6])
    [[apart]] = differences_with_intervals([find("mae")], few, [other], seed=0)
    assert apart.value == pytest.approx(result.value - 0.5)
    assert (apart.low, apart.high, apart.caveat) == (None, None, result.caveat)
    many = of_numbers([0.0] * 40, [0.5, 0.8] * 20)
    [kept] = values_with_intervals([find("mae")], many, seed=0)
    assert kept.low is not None and kept.low < kept.value
