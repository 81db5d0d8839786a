"""The curve of a metric over rows of train, on metrics that are made."""

from __future__ import annotations

import numpy as np
import pytest

from gft.metrics.learning_curve import LearningCurve, learning_curve, round_rows
from gft.metrics.protocol import Scored
from gft.metrics.table import find

ROWS = (100, 200, 400, 800)


def curve(*values: float, noise: float = 1e-5, best: float | None = 1.0) -> LearningCurve:
    return LearningCurve(ROWS, values, noise, best)


def test_a_power_law_goes_on() -> None:
    reached = [0.95 - 2 * n**-0.5 for n in (*ROWS, 1600)]
    found = curve(*reached[:4]).at(1600)
    assert found.value == pytest.approx(reached[4], abs=0.008)
    assert reached[3] < found.low < reached[4] < found.high < 0.95
    nearer = curve(*reached[:4]).at(1200)
    assert nearer.high - nearer.low < found.high - found.low


def test_a_flat_curve_stays_flat_and_noise_widens_it() -> None:
    quiet = curve(0.8, 0.801, 0.799, 0.8).at(1600)
    assert quiet.value == pytest.approx(0.8, abs=0.005)
    assert quiet.low < 0.8 < quiet.high < 0.82
    loud = curve(0.8, 0.83, 0.78, 0.8).at(1600)
    assert loud.high - loud.low > 3 * (quiet.high - quiet.low)
    few_rows = curve(0.8, 0.801, 0.799, 0.8, noise=4e-4).at(1600)
    assert few_rows.high - few_rows.low > 2 * (quiet.high - quiet.low)


def test_what_is_expected_stays_within_what_can_be() -> None:
    steep = curve(0.5, 0.7, 0.85, 0.97, noise=1e-4).at(1600)
    assert steep.value <= steep.high <= 1
    falling = curve(2.0, 1.2, 0.6, 0.1, noise=1e-3, best=0.0).at(1600)
    assert 0 <= falling.low <= falling.value < 0.1
    assert curve(0.5, 0.7, 0.85, 0.97, noise=1e-4, best=None).at(1600).high > 1


def test_the_interval_holds_what_another_fit_reaches() -> None:
    """Of curves of many forms, with noise of the rows and more of the training."""
    generator = np.random.default_rng(0)
    held = []
    for _ in range(150):
        bend, slope = generator.normal(0.3, 0.3), abs(generator.normal(0, 0.05))
        noise = 10 ** generator.uniform(-5, -3)
        more = noise * generator.uniform(0, 3)
        x = (1 - (np.array([*ROWS, 1600]) / 800) ** -bend) / bend
        reached = 0.7 + slope * x + generator.normal(0, np.sqrt(noise + more), 5)
        found = LearningCurve(ROWS, tuple(reached[:4]), noise).at(1600)
        held.append(found.low <= reached[4] <= found.high)
    assert 0.9 <= np.mean(held) <= 0.995


def rows_that_are_right(shares: list[float], count: int = 400) -> list[Scored]:
    """Return what fits say of the same rows: each is right in so many, mostly the same ones."""
    order = np.random.default_rng(1).permutation(count)
    gold = np.zeros(count, dtype=np.int64)
    said = [(order >= share * count).astype(np.int64) for share in shares]
    return [Scored(gold, one, np.eye(2)[one], ("no", "yes")) for one in said]


def test_noise_is_that_of_the_same_rows_drawn_again() -> None:
    scored = rows_that_are_right([0.6, 0.7, 0.75, 0.78])
    metric = find("accuracy")
    statistics = [metric.rows(one) for one in scored]
    found = learning_curve(metric, 0, ROWS, statistics, ("no", "yes"))
    assert found is not None and found.best == 1
    assert found.values == pytest.approx((0.6, 0.7, 0.75, 0.78))
    # Variances of shares of rows that changed, 0.1, 0.05 and 0.03 of 400, and half of their mean.
    changed = np.array([0.1, 0.05, 0.03])
    assert found.noise == pytest.approx((changed * (1 - changed) / 400).mean() / 2, rel=0.15)
    groups = np.arange(400) // 20
    grouped = learning_curve(metric, 0, ROWS, statistics, ("no", "yes"), groups=groups)
    assert grouped is not None and grouped.noise != found.noise


def test_two_sizes_have_no_curve() -> None:
    metric = find("accuracy")
    statistics = [metric.rows(one) for one in rows_that_are_right([0.6, 0.7])]
    assert learning_curve(metric, 0, ROWS[:2], statistics, ("no", "yes")) is None


def test_rows_are_round_numbers() -> None:
    assert [round_rows(n) for n in (96, 192, 500, 1800, 7842, 13)] == [
        100, 200, 500, 2000, 8000, 15,
    ]  # fmt: skip
