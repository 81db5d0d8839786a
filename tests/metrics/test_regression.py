"""Metrics for numbers are scikit-learn's and scipy's."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as theirs

from gft.metrics.correlations import weighted_ranks
from gft.metrics.table import find
from metric_samples import assert_weights_repeat, of_numbers, random_numbers, repeated, values_of

THEIRS: dict[str, Callable[..., Any]] = {
    "pearson": lambda gold, prediction: stats.pearsonr(gold, prediction)[0],
    "spearman": lambda gold, prediction: stats.spearmanr(gold, prediction)[0],
    "spearmanr": lambda gold, prediction: stats.spearmanr(gold, prediction)[0],
    "mean_squared_error": theirs.mean_squared_error,
    "root_mean_squared_error": theirs.root_mean_squared_error,
    "mean_absolute_error": theirs.mean_absolute_error,
    "mean_absolute_percentage_error": theirs.mean_absolute_percentage_error,
    "median_absolute_error": theirs.median_absolute_error,
    "max_error": theirs.max_error,
    "r2": theirs.r2_score,
    "explained_variance": theirs.explained_variance_score,
    "mean_squared_log_error": theirs.mean_squared_log_error,
    "mean_poisson_deviance": theirs.mean_poisson_deviance,
    "mean_gamma_deviance": theirs.mean_gamma_deviance,
}
BETTER_IF_MORE = {"pearson", "spearman", "spearmanr", "r2", "explained_variance"}
UNDEFINED_IF_CONSTANT = BETTER_IF_MORE
every_metric = pytest.mark.parametrize("name", THEIRS)


@every_metric
@pytest.mark.parametrize("rows", [2, 3, 50, 51])
def test_metrics_are_theirs(name: str, rows: int) -> None:
    scored = random_numbers(rows, seed=rows)
    expected = THEIRS[name](scored.gold[:, 0], scored.prediction[:, 0])
    assert values_of(find(name), scored) == [pytest.approx(expected, rel=1e-9, abs=1e-9)]
    [score] = find(name).measures(scored.names)
    assert score.name == name
    assert score.greater_is_better == (name in BETTER_IF_MORE)


@every_metric
def test_several_outputs_the_mean_first(name: str) -> None:
    scored = random_numbers(40, outputs=3)
    metric = find(name)
    each = [THEIRS[name](scored.gold[:, n], scored.prediction[:, n]) for n in range(3)]
    assert values_of(metric, scored) == pytest.approx([np.mean(each), *each], rel=1e-9)
    names = [score.name for score in metric.measures(scored.names)]
    assert names == [name, f"{name}_Valence", f"{name}_Arousal", f"{name}_Dominance"]


@every_metric
def test_a_weight_of_two_is_the_row_twice(name: str) -> None:
    assert_weights_repeat(find(name), random_numbers(41, outputs=2))


@pytest.mark.parametrize("name", sorted(UNDEFINED_IF_CONSTANT))
def test_no_correlation_with_a_constant(name: str) -> None:
    constant, varied = np.full(7, 0.1), np.arange(7) / 3
    assert math.isnan(values_of(find(name), of_numbers(constant, varied))[0])
    assert math.isnan(values_of(find(name), of_numbers([1.0], [2.0]))[0])
    # A sample of one row again and again is constant too, whatever rounding says.
    scored = random_numbers(30)
    for row in range(30):
        weights = np.zeros((1, 30))
        weights[0, row] = 30
        assert np.isnan(find(name).reduce(find(name).rows(scored), weights)).all()


@pytest.mark.parametrize("name", ["pearson", "spearman"])
@pytest.mark.parametrize("value", [0.1, 0.3, 1.7, 123.4])
def test_a_sample_with_only_one_gold_value(name: str, value: float) -> None:
    random = np.random.default_rng(0)
    gold = np.concatenate([np.full(40, value), random.normal(size=40)])
    prediction = random.normal(size=80)
    metric = find(name)
    weights = np.zeros((2, 80))
    weights[:, :40] = random.poisson(2, (2, 40))
    for one in (of_numbers(gold, prediction), of_numbers(prediction, gold)):
        assert np.isnan(metric.reduce(metric.rows(one), weights)).all()


def test_constant_predictions() -> None:
    scored = of_numbers([1.0, 2.0, 4.0], [2.0, 2.0, 2.0])
    assert math.isnan(values_of(find("pearson"), scored)[0])
    assert math.isnan(values_of(find("spearman"), scored)[0])
    expected = theirs.r2_score(scored.gold, scored.prediction)
    assert values_of(find("r2"), scored) == [pytest.approx(expected)]
    assert values_of(find("explained_variance"), scored) == [pytest.approx(0, abs=1e-9)]


@pytest.mark.parametrize(("scale", "offset"), [(1e-150, 0), (1e150, 0), (1, 1e9), (1e-3, -1e6)])
def test_neither_size_nor_offset_costs_digits(scale: float, offset: float) -> None:
    small = random_numbers(50)
    large = of_numbers(small.gold * scale + offset, small.prediction * scale + offset)
    # What is left of the numbers themselves once the offset is added bounds the precision.
    within = 1e-9 if not offset else 1e-6
    for name in ("pearson", "r2", "explained_variance"):
        assert values_of(find(name), large) == pytest.approx(
            values_of(find(name), small), abs=within
        )


@pytest.mark.parametrize(
    ("name", "gold", "prediction"),
    [
        ("mean_squared_log_error", -2.0, 1.0),
        ("mean_poisson_deviance", 1.0, 0.0),
        ("mean_poisson_deviance", -1.0, 1.0),
        ("mean_gamma_deviance", 0.0, 1.0),
        ("mean_squared_error", 1.0, math.nan),
        ("pearson", 1.0, math.nan),
        ("spearman", 1.0, math.nan),
        ("r2", 1.0, math.nan),
    ],
)
def test_undefined_for_some_numbers(name: str, gold: float, prediction: float) -> None:
    scored = of_numbers([gold, 2.0, 3.0], [prediction, 2.5, 2.0])
    assert math.isnan(values_of(find(name), scored)[0])


def test_a_row_that_is_left_out_does_not_spoil_a_sample() -> None:
    scored = of_numbers([-1.0, 2.0, 3.0], [1.0, 2.5, 2.0])
    metric = find("mean_poisson_deviance")
    [[found]] = metric.reduce(metric.rows(scored), np.array([[0.0, 1.0, 2.0]]))
    assert found == pytest.approx(values_of(metric, repeated(scored, np.array([0, 1, 2])))[0])


def test_poisson_counts_may_be_zero() -> None:
    gold, prediction = np.array([0.0, 2.0, 3.0]), np.array([0.5, 2.5, 2.0])
    expected = theirs.mean_poisson_deviance(gold, prediction)
    assert values_of(find("mean_poisson_deviance"), of_numbers(gold, prediction)) == [
        pytest.approx(expected)
    ]


def test_ranks_of_repeated_rows() -> None:
    values, often = np.array([3.0, 1.0, 3.0, 2.0]), np.array([1, 2, 1, 3])
    [ranks] = weighted_ranks(values, often[None].astype(np.float64))
    expected = stats.rankdata(np.repeat(values, often))
    np.testing.assert_allclose(np.repeat(ranks, often), expected)
