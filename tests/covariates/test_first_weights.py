"""What covariates weigh before a net learns: effects as they are, noise next to nothing."""

from __future__ import annotations

import numpy as np
import pytest

from gft.covariates.first_weights import components, of_classes, of_labels, of_numbers

RNG = np.random.default_rng(0)
ROWS = 1_000
AGE = RNG.normal(size=(ROWS, 1))
PARTY = np.eye(3)[RNG.integers(3, size=ROWS)] - 1 / 3
NOISE = np.eye(30)[RNG.integers(30, size=ROWS)] - 1 / 30
NUMBERS = np.hstack([AGE, PARTY, NOISE])
WIDTHS = (1, 3, 30)
SUMS = 1.5 * AGE[:, 0] + PARTY @ [-1.0, 0.0, 1.0]


def test_two_classes() -> None:
    gold = (RNG.random(ROWS) < 1 / (1 + np.exp(-SUMS))).astype(int)
    found = of_classes(NUMBERS, WIDTHS, gold, 2)
    assert (found.shape, found.dtype) == ((2, 34), np.float32)
    weights = found[1] - found[0]
    assert weights[:4] == pytest.approx([1.5, -1, 0, 1], abs=0.25)
    assert np.abs(weights[4:]).max() < 0.1
    assert found.sum(0) == pytest.approx(np.zeros(34), abs=1e-5)


def test_more_classes_than_two() -> None:
    sums = np.stack([0 * SUMS, SUMS, -SUMS], 1)
    chances = np.exp(sums) / np.exp(sums).sum(1, keepdims=True)
    gold = (RNG.random(ROWS)[:, None] > chances.cumsum(1)).sum(1)
    found = of_classes(NUMBERS, WIDTHS, gold, 3)
    assert (found[1] - found[2])[:4] == pytest.approx([3, -2, 0, 2], abs=0.5)
    assert np.abs(found[:, 4:]).max() < 0.1


def test_labels_and_numbers() -> None:
    there = RNG.random((ROWS, 2)) < 1 / (1 + np.exp(-np.stack([SUMS, 0 * SUMS], 1)))
    found = of_labels(NUMBERS, WIDTHS, there)
    assert found[0, :4] == pytest.approx([1.5, -1, 0, 1], abs=0.3)
    assert np.abs(found[1]).max() < 0.35
    gold = 500 + 100 * (SUMS + RNG.normal(size=ROWS))[:, None]
    found = of_numbers(NUMBERS, WIDTHS, gold)
    assert found[0, :4] == pytest.approx([150, -100, 0, 100], abs=15)
    assert np.abs(found[0, 4:]).max() < 15


def test_where_nothing_is_to_be_learned() -> None:
    assert not of_classes(NUMBERS, WIDTHS, np.zeros(ROWS, int), 1).any()
    assert not of_numbers(NUMBERS, WIDTHS, np.ones((ROWS, 1))).any()
    separable = of_classes(AGE, (1,), (AGE[:, 0] > 0).astype(int), 2)
    assert np.isfinite(separable).all()
    assert separable[1, 0] > 2


def test_terms_too_wide_begin_at_nothing() -> None:
    wide = np.hstack([AGE, np.eye(1_024)[RNG.integers(1_024, size=ROWS)]])
    found = of_numbers(wide, (1, 1_024), AGE)
    assert found[0, 0] == pytest.approx(1, abs=0.01)
    assert not found[0, 1:].any()


def test_what_the_text_tells_too_is_left_to_the_text() -> None:
    """A genre that the states of a text show, and an age that they do not."""
    genre = RNG.integers(3, size=ROWS)
    states = np.hstack([2 * np.eye(3)[genre], RNG.normal(size=(ROWS, 20))])
    numbers = np.hstack([AGE, np.eye(3)[genre] - 1 / 3])
    sums = AGE[:, 0] + np.array([-1.0, 0.0, 1.0])[genre]
    gold = (sums + RNG.normal(size=ROWS))[:, None]
    alone = of_numbers(numbers, (1, 3), gold)
    beside = of_numbers(numbers, (1, 3), gold, components(states))
    assert alone[0] == pytest.approx([1, -1, 0, 1], abs=0.15)
    assert beside[0, 0] == pytest.approx(1, abs=0.15)
    assert np.abs(beside[0, 1:]).max() < 0.5
    classes = (gold[:, 0] > 0).astype(int)
    alone, beside = (of_classes(numbers, (1, 3), classes, 2, one)[1]
                     for one in (None, components(states)))  # fmt: skip
    assert np.ptp(beside[1:]) < 0.6 * np.ptp(alone[1:]) and beside[0] > 0.8 * alone[0]


@pytest.mark.parametrize("shape", [(200, 30), (50, 400)])
def test_components_are_those_of_the_largest_variance(shape: tuple[int, int]) -> None:
    states = RNG.normal(size=shape).astype(np.float32) + 5
    states[:, 0] *= 30
    found = components(states)
    assert found.shape == (shape[0], min(*shape, 128))
    assert found.var(0).sum() == pytest.approx(1)
    assert abs(np.corrcoef(found[:, 0], states[:, 0])[0, 1]) > 0.99


def test_texts_that_are_all_the_same_have_no_components() -> None:
    assert components(np.ones((9, 4), np.float32)).shape == (9, 0)
