"""The mean of a metric over trainings, with an interval for rows and seeds."""

from __future__ import annotations

import numpy as np

from gft.metrics.seeds import metrics_over_seeds
from gft.metrics.table import find
from metric_samples import of_classes, of_numbers, random_classes


def test_intervals_cover_rows_and_seeds() -> None:
    """Draw rows and trainings: 95 % intervals hold the mean of all, or a bit more of them do."""
    random = np.random.default_rng(0)
    # The skills vary about 0, and shares that would leave 0 to 1 are cut there.
    truth = np.clip(random.normal(0.8, 0.15, 10**6) + random.normal(0, 0.03, 10**6), 0, 1).mean()
    hits, draws = 0, 300
    for draw in range(draws):
        easy = random.normal(0.8, 0.15, 300)
        trainings = []
        for skill in random.normal(0, 0.03, 5):
            right = random.random(300) < easy + skill
            trainings.append(of_classes(np.zeros(300, int), np.eye(2)[1 - right.astype(int)]))
        [found] = metrics_over_seeds([find("accuracy")], trainings, seed=draw, samples=200)
        hits += found.low <= truth <= found.high
    assert 0.93 <= hits / draws <= 0.995


def test_trainings_that_are_all_right() -> None:
    right = [of_classes(np.zeros(50, int), np.eye(2)[[0] * 50])] * 3
    [found] = metrics_over_seeds([find("accuracy")], right)
    assert found.mean == found.high == 1 and found.sd == 0 and 0.9 < found.low < 0.95


def test_other_metrics_and_groups() -> None:
    random = np.random.default_rng(1)
    gold = random.normal(size=60)
    each = [of_numbers(gold, gold + random.normal(0, 1, 60)) for _ in range(4)]
    [found] = metrics_over_seeds([find("pearson")], each)
    assert found.low < found.mean < found.high and found.sd > 0
    same = random_classes(80, 3)
    [grouped] = metrics_over_seeds([find("f1")], [same, same], groups=np.arange(80) // 20)
    assert grouped.sd == 0 and grouped.low < grouped.mean < grouped.high
    [undefined] = metrics_over_seeds(
        [find("pearson")], [each[0], of_numbers(gold, np.ones(60))], samples=50
    )
    assert (undefined.mean, undefined.low) == (None, None)
