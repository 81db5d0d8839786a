"""Metrics by subgroup: a gap that was planted is found, and one that is not there is not."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gft.metrics.exchange import arrangements, exchanged
from gft.metrics.intervals import Tally, values_with_intervals
from gft.metrics.protocol import Scored
from gft.metrics.subgroups import ByColumn, Divided, divided
from gft.metrics.table import find

ACCURACY, F1 = find("accuracy"), find("f1")


def classes(rows: int, right: Any, seed: int = 0, base: Any = 0.5) -> Scored:
    """Return rows of two classes of which a share is right."""
    random = np.random.default_rng(seed)
    gold = (random.random(rows) < base).astype(np.int64)
    said = np.where(random.random(rows) < right, gold, 1 - gold)
    return Scored(gold, said, None, ("no", "yes"))


def by(scored: Scored, numbers: Any, *metrics: Any, groups: Any = None, **more: Any) -> Divided:
    tally = Tally(list(metrics) or [ACCURACY])
    tally.add(scored)
    names = tuple("abcdefghijklmnopqrstuvwxyz"[: int(max(numbers)) + 1])
    [found] = divided(tally, [ByColumn("g", names, np.asarray(numbers), **more)], groups)
    return found


def test_each_value_has_the_metrics_of_its_rows() -> None:
    numbers = np.arange(90) % 3
    scored = classes(90, 0.8)
    found = by(scored, numbers, ACCURACY, F1)
    assert [(one.value, one.rows) for one in found.subgroups] == [("a", 30), ("b", 30), ("c", 30)]
    second = numbers == 1
    alone = Scored(scored.gold[second], scored.prediction[second], None, scored.names)
    assert found.subgroups[1].results == values_with_intervals([ACCURACY, F1], alone)


def test_a_gap_that_was_planted_is_found() -> None:
    numbers = np.arange(300) % 2
    found = by(classes(300, np.where(numbers == 0, 0.95, 0.7)), numbers)
    [gap] = found.gaps
    assert gap.between == ("a", "b") and gap.largest and gap.adjusted < 0.001
    values = {one.value: one.results[0].value or 0 for one in found.subgroups}
    assert gap.difference.value == pytest.approx(values["a"] - values["b"])
    low, high = gap.difference.low, gap.difference.high
    assert low is not None and high is not None and 0 < low < 0.25 < high
    assert found.saved()["differences"][0]["significant"]


@pytest.mark.parametrize("seed", range(5))
def test_a_gap_that_is_not_there_is_not_found(seed: int) -> None:
    random = np.random.default_rng(seed)
    found = by(classes(200, 0.8, seed), random.integers(0, 5, 200), ACCURACY, F1)
    assert found.compared == 20
    assert not any(gap.adjusted < 0.05 for gap in found.gaps)
    assert [gap.largest for gap in found.gaps] == [True, True]


def test_other_shares_of_classes_are_no_gap() -> None:
    """Randomisation alone takes F1 of 60 and 500 rows apart in one of seven draws or so."""
    alarms = 0
    for seed in range(25):
        random, parts = np.random.default_rng(seed), []
        for rows, base in ((60, 0.2), (500, 0.5)):
            gold = (random.random(rows) < base).astype(np.int64)
            wrong = 0.7 * base * 0.3 / 0.7 / (1 - base)
            said = (random.random(rows) < np.where(gold == 1, 0.7, wrong)).astype(np.int64)
            parts.append((gold, said))
        gold, said = (np.concatenate(one) for one in zip(*parts, strict=True))
        found = by(Scored(gold, said, None, ("no", "yes")), np.arange(560) >= 60, F1)
        alarms += found.gaps[0].adjusted < 0.05
    assert alarms <= 2


def test_few_rows_and_several_values_together_are_not_compared() -> None:
    numbers = np.array([0] * 40 + [1] * 40 + [2] * 9 + [3] * 40)
    found = by(classes(129, 0.8), numbers, mixed=frozenset("d"))
    assert [one.apart for one in found.subgroups] == [True, True, False, False]
    assert {name for gap in found.gaps for name in gap.between} == {"a", "b"}
    assert found.compared == 1
    assert by(classes(9, 0.8), np.arange(9) % 2).gaps == []


def test_all_comparisons_of_all_columns_count() -> None:
    scored = classes(400, np.where(np.arange(400) < 200, 0.9, 0.8), 1)
    halves = np.arange(400) >= 200
    alone = by(scored, halves)
    tally = Tally([ACCURACY])
    tally.add(scored)
    columns = [
        ByColumn("half", ("a", "b"), halves.astype(np.int64)),
        ByColumn("rest", ("a", "b", "c", "d"), np.arange(400) % 4),
    ]
    first, second = divided(tally, columns)
    assert first.compared == second.compared == 7
    assert first.gaps[0].p == alone.gaps[0].p
    assert first.gaps[0].adjusted == pytest.approx(min(1, 7 * alone.gaps[0].p))


def test_with_many_values_a_gap_can_still_be_found() -> None:
    numbers = np.repeat(np.arange(20), 20)
    found = by(classes(400, np.where(numbers == 0, 0.2, 1.0)), numbers, ACCURACY, F1)
    beyond = {gap.between for gap in found.gaps if gap.adjusted < 0.05}
    assert found.compared == 380 and len(beyond) == 19
    assert all("a" in between for between in beyond)


def test_of_losses_the_larger_one_comes_first() -> None:
    gold = np.random.default_rng(0).normal(size=(120, 1))
    noise = np.where(np.arange(120)[:, None] < 60, 0.1, 1.5) * np.random.default_rng(1).normal(
        size=(120, 1)
    )
    squared = find("mean_squared_error")
    found = by(Scored(gold, gold + noise, None, ("y",)), np.arange(120) < 60, squared)
    assert found.gaps[0].between == ("a", "b") and found.gaps[0].adjusted < 0.001
    assert not found.gaps[0].saved()["greater_is_better"]


def test_whole_groups_change_places() -> None:
    """Ten speakers who are all right or all wrong: 200 rows are only ten."""
    random = np.random.default_rng(3)
    groups = np.repeat(np.arange(12), 20)
    right = np.repeat(np.array([1, 1, 1, 1, 0, 1, 1, 0, 1, 0, 0, 1]), 20)
    scored = classes(240, right)
    numbers = (groups >= 6).astype(np.int64)
    assert by(scored, numbers).gaps[0].adjusted < 0.001
    grouped = by(scored, numbers, groups=groups)
    assert grouped.gaps[0].adjusted > 0.1
    assert [one.groups for one in grouped.subgroups] == [6, 6]
    within = random.integers(0, 2, 240)  # Each speaker has rows of both values.
    [gap] = by(scored, within, groups=groups).gaps
    low, high = gap.difference.low, gap.difference.high
    assert low is not None and high is not None and high - low < 0.3


def test_arrangements_of_groups() -> None:
    assert arrangements(np.array([0, 0, 1]), np.array([2, 3])) == 6
    assert arrangements(np.array([0, 1]), np.array([0, 1])) == 4
    assert arrangements(np.array([0, 1, 2]), np.array([2, 3])) == 6


def test_p_values_are_even_where_nothing_differs() -> None:
    random = np.random.default_rng(0)
    p_values = []
    for _ in range(200):
        rows = random.normal(size=(60, 1)) ** 2
        metric = find("mean_squared_error")
        statistics = metric.rows(Scored(rows, np.zeros((60, 1)), None, ("y",)))
        [p] = exchanged(metric, statistics[:20], statistics[20:], most=199)
        assert p is not None
        p_values.append(p)
    shares = [np.mean([p <= level for p in p_values]) for level in (0.05, 0.25, 0.5, 0.75)]
    assert all(before <= after for before, after in pairwise(shares))
    assert shares == pytest.approx([0.05, 0.25, 0.5, 0.75], abs=0.09)


def test_of_many_different_rows_the_interval_decides() -> None:
    random = np.random.default_rng(5)
    gold = random.normal(size=(2000, 1))
    spread = np.where(np.arange(2000)[:, None] < 1000, 1.0, 1.2)
    scored = Scored(gold, gold + spread * random.normal(size=(2000, 1)), None, ("y",))
    squared = find("mean_squared_error")
    statistics = squared.rows(scored)
    assert exchanged(squared, statistics[:1000], statistics[1000:]) == [None]
    [gap] = by(scored, np.arange(2000) >= 1000, squared).gaps
    assert gap.between == ("b", "a") and gap.adjusted < 0.05


def test_the_largest_difference_is_not_that_of_a_few_rows() -> None:
    random = np.random.default_rng(0)
    gold, numbers = random.normal(size=(250, 1)), np.repeat([0, 1, 2], [120, 118, 12])
    sizes = np.array([1.0, 1.1, 5.0])[numbers][:, None]
    scored = Scored(gold, gold + sizes * random.normal(size=(250, 1)), None, ("y",))
    found = by(scored, numbers, find("mean_squared_error"))
    [largest] = [gap for gap in found.gaps if gap.largest]
    assert set(largest.between) == {"a", "b"} and largest.difference.caveat is None
