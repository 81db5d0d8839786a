"""Error rates of words and characters: edits over the length of the references."""

from __future__ import annotations

import random
from functools import lru_cache

import numpy as np
import pytest

from gft.metrics.intervals import values_with_intervals
from gft.metrics.protocol import Scored
from gft.metrics.table import choose_metrics
from gft.metrics.texts import edits, find
from gft.targets.texts import Texts


def distance(gold: str, found: str) -> int:
    """Return the Levenshtein distance as its definition says."""

    @lru_cache(None)
    def between(i: int, j: int) -> int:
        if min(i, j) == 0:
            return max(i, j)
        changed = between(i - 1, j - 1) + (gold[i - 1] != found[j - 1])
        return min(between(i - 1, j) + 1, between(i, j - 1) + 1, changed)

    return between(len(gold), len(found))


def test_edits_are_the_fewest() -> None:
    generator = random.Random(0)
    for _ in range(200):
        gold, found = ("".join(generator.choices("abc", k=generator.randint(0, 9))) for _ in "ab")
        assert edits(gold, found) == distance(gold, found), (gold, found)


def test_rates_are_of_all_rows_together() -> None:
    gold = ["the cat sat", "a  dog ", "no"]
    found = ["the cat sat down", "dog", ""]
    metrics = choose_metrics((), ("wer", "cer"), Texts(), False)
    results = values_with_intervals(metrics, Scored(gold, found, None, ()))
    wer, cer = results
    assert (wer.name, wer.value) == ("wer", pytest.approx((1 + 1 + 1) / (3 + 2 + 1)))
    assert cer.value == pytest.approx((5 + 3 + 2) / (11 + 6 + 2))
    assert wer.low <= wer.value <= wer.high
    assert not wer.greater_is_better


def test_each_row_has_its_edits_and_its_length() -> None:
    metric = find("wer", None)
    assert metric is not None
    rows = metric.rows(Scored(["a b", "c", ""], ["a", "c d", "e"], None, ()))
    assert rows.tolist() == [[1, 2], [1, 1], [1, 0]]
    [score] = metric.reduce(rows, np.array([[1, 1, 1], [0, 3, 0], [0, 0, 1]]))
    assert score[:2].tolist() == [1.0, 1.0]
    assert np.isnan(score[2])
    assert find("accuracy", None) is None
