"""The estimate of how many labels are wrong, where that is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gft.baselines.label_noise import wrong_labels

Array = np.ndarray[Any, Any]


def drawn(
    rows: int, classes: int, rate: float, seed: int, uneven: bool = False
) -> tuple[Array, Array, int]:
    """Return what a model says of rows, their labels, and how many of these are wrong.

    Rows are easy or hard; the model is not quite sure enough, and errs here and there.
    """
    random = np.random.default_rng(seed)
    logits = random.normal(0, 1, (rows, classes)) * random.gamma(2.0, 2.0, (rows, 1))
    true = np.exp(logits - logits.max(1, keepdims=True))
    true /= true.sum(1, keepdims=True)
    right = (true.cumsum(1) > random.random((rows, 1))).argmax(1)
    rates = np.full(classes, rate)
    if uneven:
        rates = rate * np.linspace(0.2, 1.8, classes)
    golds = right.copy()
    hit = random.random(rows) < rates[right]
    golds[hit] = (right[hit] + random.integers(1, classes, hit.sum())) % classes
    said = true**0.85 * np.exp(random.normal(0, 0.3, (rows, classes)))
    return said / said.sum(1, keepdims=True), golds, int((golds != right).sum())


@pytest.mark.parametrize(
    ("rows", "classes", "rate", "uneven"),
    [(2000, 2, 0.1, False), (2000, 4, 0.0, False), (2000, 4, 0.15, True), (400, 3, 0.1, False)],
)
def test_the_interval_holds_the_truth(rows: int, classes: int, rate: float, uneven: bool) -> None:
    held = 0
    for seed in range(20):
        said, golds, wrong = drawn(rows, classes, rate, seed, uneven)
        found = wrong_labels(said, golds, np.arange(rows))
        assert found is not None
        assert found.low <= found.wrong <= found.high
        held += found.low <= wrong <= found.high
    assert held >= 18


def test_it_is_near_and_narrow_with_many_rows() -> None:
    said, golds, wrong = drawn(20_000, 4, 0.1, 3)
    found = wrong_labels(said, golds, np.arange(20_000))
    assert found is not None
    assert abs(found.wrong - wrong) < 0.2 * wrong
    assert found.high - found.low < wrong


def test_copies_count_once() -> None:
    said, golds, _ = drawn(600, 3, 0.1, 1)
    once = wrong_labels(said, golds, np.arange(600))
    copies = wrong_labels(np.tile(said, (5, 1)), np.tile(golds, 5), np.tile(np.arange(600), 5))
    assert once is not None and copies is not None
    assert copies.rows == 3000
    width = (once.high - once.low) / once.rows
    assert (copies.high - copies.low) / copies.rows == pytest.approx(width, rel=0.25)


def test_of_few_rows_nothing_is_said() -> None:
    said, golds, _ = drawn(150, 3, 0.1, 1)
    assert wrong_labels(said, golds, np.arange(150)) is None


def test_it_is_of_all_rows_where_some_were_examined() -> None:
    said, golds, _ = drawn(1000, 3, 0.1, 1)
    found = wrong_labels(said, golds, np.arange(1000))
    assert found is not None
    assert found.of(5000).wrong == 5 * found.wrong and found.of(5000).rows == 5000
