"""Differences between metrics of the same rows, and what a class is worth by itself."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from gft.metrics.calibration import calibration
from gft.metrics.differences import differences_with_intervals
from gft.metrics.intervals import point_values, values_with_intervals
from gft.metrics.table import find
from gft.targets.classes import Classes
from gft.targets.numbers import Numbers
from metric_samples import of_classes, of_numbers, random_classes, random_numbers


def test_a_difference_is_one_of_metrics() -> None:
    ours, theirs = random_classes(200, 3, seed=1), random_classes(200, 3, seed=2)
    theirs = of_classes(ours.gold, theirs.scores)
    metrics = [find("accuracy"), find("f1"), find("loss")]
    [found] = differences_with_intervals(metrics, ours, [theirs])
    mine, other = point_values(metrics, ours), point_values(metrics, theirs)
    for one in found:
        assert one.value == pytest.approx(mine[one.name] - other[one.name])
        assert one.low < one.value < one.high
    [[same]] = differences_with_intervals([find("f1")], ours, [ours])
    assert (same.value, same.low, same.high) == (0, 0, 0)


def test_pairing_takes_out_what_is_hard_for_both() -> None:
    random = np.random.default_rng(0)
    x, shared, own = random.normal(size=(3, 400))
    ours, theirs = of_numbers(x, x + shared), of_numbers(x, x + shared + 0.1 * own)
    [mse] = [find("mean_squared_error")]
    [[paired]] = differences_with_intervals([mse], ours, [theirs])
    [alone] = values_with_intervals([mse], ours)
    assert paired.high - paired.low < (alone.high - alone.low) / 3


def test_paired_intervals_cover_no_difference() -> None:
    """95 % of the intervals of two equally good models hold 0, give or take 1.1 % by chance."""
    random = np.random.default_rng(3)
    hits = 0
    for draw in range(400):
        gold = random.integers(0, 2, 150)
        ours, theirs = (np.where(random.random(150) < 0.8, gold, 1 - gold) for _ in range(2))
        [[found]] = differences_with_intervals(
            [find("accuracy")], of_classes(gold, np.eye(2)[ours]),
            [of_classes(gold, np.eye(2)[theirs])], seed=draw, samples=300,
        )  # fmt: skip
        hits += found.low <= 0 <= found.high
    assert 0.92 <= hits / 400 <= 0.98


def test_undefined_differences_are_none() -> None:
    ours, theirs = random_numbers(20), of_numbers(random_numbers(20).gold, np.ones(20))
    [[found]] = differences_with_intervals([find("pearson")], ours, [theirs])
    assert (found.value, found.low, found.high) == (None, None, None)


def test_reliability_is_scikit_learns_and_the_error_its_mean() -> None:
    random = np.random.default_rng(6)
    sure = random.uniform(0.5, 1, 500)
    scores = np.stack([1 - sure, sure], 1)
    right = random.random(500) < sure**2
    scored = of_classes(right.astype(int), scores)
    found = calibration(*Classes().confidence(scored))
    share, mean = calibration_curve(right, sure, n_bins=10)
    assert [one.right for one in found.bins] == pytest.approx(list(share))
    assert [one.confidence for one in found.bins] == pytest.approx(list(mean))
    weights = np.array([one.rows for one in found.bins]) / 500
    assert found.error == pytest.approx((weights * abs(share - mean)).sum())
    assert found.error > 2 * found.most_if_calibrated > 2 * found.mean_if_calibrated > 0
    assert calibration(np.zeros(0), np.zeros(0)) is None
    assert calibration(np.array([0.5, np.nan]), np.ones(2)) is None
    assert Numbers().confidence(random_numbers(9)) is None


@pytest.mark.parametrize("rows", [200, 30_000])
def test_what_perfect_calibration_gives_is_what_it_gives(rows: int) -> None:
    """At both sizes, of which the larger is not simulated row by row."""
    random = np.random.default_rng(1)
    sure = random.uniform(0.5, 1, rows)
    drawn = [calibration(sure, (random.random(rows) < sure).astype(float)) for _ in range(60)]
    errors, found = np.array([one.error for one in drawn]), drawn[0]
    assert errors.mean() == pytest.approx(found.mean_if_calibrated, rel=0.1)
    assert 0.87 <= (errors < found.most_if_calibrated).mean() <= 1
    saved = found.saved()["if_calibrated"]
    assert saved == {"mean": found.mean_if_calibrated, "percentile_95": found.most_if_calibrated}
