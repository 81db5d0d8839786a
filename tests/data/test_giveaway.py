"""Columns that give the label away are found however they do it; honest ones are not accused."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from gft.data.giveaway import gives_away, gives_each_away
from gft.data.problems import given_away
from gft.data.table import Rows

RANDOM = np.random.default_rng(0)
LABELS = [("joy", "fear", "love")[n] for n in RANDOM.integers(0, 3, 600)]
NUMBERS = [f"{value:.2f}" for value in RANDOM.normal(size=600)]
WORDS = [f"word{n}" for n in range(300)]


def plain(n: int) -> str:
    return " ".join(np.random.default_rng(n).choice(WORDS, 12))


def inside(n: int, mark: str) -> str:
    words = plain(n).split()
    words.insert(np.random.default_rng(n + 9000).integers(0, 13), mark)
    return " ".join(words)


RANKS = {n: rank for rank, n in enumerate(sorted(range(600), key=lambda n: LABELS[n]))}
CODES = {"joy": "B", "fear": "A", "love": "C"}


@pytest.mark.parametrize(
    ("column", "rule"),
    [
        (lambda n: CODES[LABELS[n]], "its value"),
        (lambda n: f"row {RANKS[n]}", "number in it"),
        (lambda n: f"{LABELS[n]}: {plain(n)}", "its first word"),
        (lambda n: f"{plain(n)} [{LABELS[n]}]", "its last word"),
        (lambda n: inside(n, f"x{CODES[LABELS[n]]}x"), "the word"),
        (lambda n: inside(n, "mark" + LABELS[n]) if LABELS[n] != "joy" else plain(n), "the word"),
        (lambda n: plain(n)[: 30 + ord(LABELS[n][0]) % 7], "its length"),
    ],
)
def test_classes(column: Callable[[int], str], rule: str) -> None:
    found = gives_away([column(n) for n in range(600)], LABELS, numbers=False)
    assert found is not None and rule in found.rule and found.right > 0.95


@pytest.mark.parametrize(
    "column",
    [lambda n: NUMBERS[n], lambda n: f"{plain(n)} (rated {NUMBERS[n]})",
     lambda n: f"{float(NUMBERS[n]) * 7 - 3:.1f}: {plain(n)}"],
)  # fmt: skip
def test_numbers(column: Callable[[int], str]) -> None:
    found = gives_away([column(n) for n in range(600)], NUMBERS, numbers=True)
    assert found is not None and found.right > 0.95


def test_a_few_wrong_rows_hide_nothing() -> None:
    codes = [CODES[LABELS[n]] if n % 50 else "A" for n in range(600)]
    assert gives_away(codes, LABELS, numbers=False)


RARE = ["spam" if n % 20 == 3 else "ham" if n % 2 else "other" for n in range(2000)]


def uneven(n: int) -> str:
    return " ".join(plain(n).split()[: 4 + n * 7 % 9])


def swapped(share: float, n: int) -> bool:
    return bool(np.random.default_rng(n + 77).random() < share)


def test_a_rare_class() -> None:
    flags = [str(int((label == "spam") != swapped(0.01, n))) for n, label in enumerate(RARE)]
    for rows in (600, 2000):
        found = gives_away(flags[:rows], RARE[:rows], numbers=False)
        assert found is not None and found.of == "spam" and found.rule == "its value"
        assert found.finds > 0.9 and 0.6 < found.right < 1
    marked = [plain(n) + " [x]" * (flag == "1") for n, flag in enumerate(flags)]
    found = gives_away(marked, RARE, numbers=False)
    assert found is not None and found.of == "spam"


@pytest.mark.parametrize(
    ("column", "rule"),
    [
        (lambda n: CODES[LABELS[n]] if swapped(0.9, n) else "A", "its value"),
        (lambda n: str(n * 3 + sorted(CODES).index(LABELS[n])), "modulo 3"),
        (lambda n: f"doc-{RANKS[n] if swapped(0.95, n) else n % 600}", "number in it"),
        (lambda n: plain(n) + "!" * sorted(CODES).index(LABELS[n]), "how often '!' is in it"),
        (lambda n: plain(n).upper() if LABELS[n] == "joy" else plain(n), "its case"),
        (lambda n: uneven(n).replace(" ", "  ") if LABELS[n] == "joy" else uneven(n), "'  ' is"),
        (lambda n: f"{LABELS[n]}_{n}.jpg", "its first word"),
        (lambda n: inside(n, "delighted") if LABELS[n] == "joy" else inside(n, "well"), "the word"),
        (lambda n: f"{RANKS[n] // 5 + 1700}-0{1 + n % 9}-1{n % 9}", "the first number"),
        (
            lambda n: (
                f"{RANKS[n]:04}".translate(str.maketrans("0123456789", "abcdefghij")) + str(n)
            ),
            "alphabetical",
        ),
    ],
)
def test_other_ways(column: Callable[[int], str], rule: str) -> None:
    found = gives_away([column(n) for n in range(600)], LABELS, numbers=False)
    assert found is not None and rule in found.rule


def test_a_copy_of_numbers_that_is_often_wrong() -> None:
    scores = [f"{value:.6f}" for value in RANDOM.normal(size=800)]
    copied = [one if n % 6 else f"{RANDOM.normal():.6f}" for n, one in enumerate(scores)]
    found = gives_away(copied, scores, numbers=True)
    assert found is not None and found.exact and 0.7 < found.right < 0.95


def test_what_a_text_is_about_does_not_give_it_away() -> None:
    """A word in four fifths of a class and nearly nowhere else is honest, as a column it is not."""
    said = [label == "spam" and not swapped(0.2, n) for n, label in enumerate(RARE)]
    texts = [inside(n, "lottery" if one else WORDS[n % 300]) for n, one in enumerate(said)]
    assert gives_away(texts, RARE, numbers=False) is None
    found = gives_away([str(one) for one in said], RARE, numbers=False)
    assert found is not None and found.of == "spam" and found.right == 1


def test_honest_columns() -> None:
    hints = [inside(n, LABELS[n]) if n % 3 else inside(n, "joy") for n in range(600)]
    assert gives_away(hints, LABELS, numbers=False) is None
    assert gives_away([plain(n) for n in range(600)], LABELS, numbers=False) is None
    assert gives_away([plain(n) for n in range(600)], NUMBERS, numbers=True) is None


def test_rows_that_repeat_are_no_rule() -> None:
    texts, labels = ([one for one in each for _ in range(2)] for each in (WORDS, LABELS[:300]))
    assert gives_away(texts, labels, numbers=False) is None


def test_too_few_rows_or_one_class() -> None:
    assert gives_away(["a", "b"] * 10, ["x", "y"] * 10, numbers=False) is None
    assert gives_away(["a", "b"] * 50, ["x"] * 100, numbers=False) is None
    assert gives_away(["1"] * 100, ["2"] * 100, numbers=True) is None


_CHANCE = np.random.default_rng(5)
LISTS = [
    [name for k, name in enumerate(("old", "big", "red")) if _CHANCE.random() < 0.1 + 0.2 * k]
    for _ in range(800)
]


@pytest.mark.parametrize(
    ("column", "name", "rule"),
    [
        (lambda n: plain(n) + " [x]" * ("red" in LISTS[n]), "red", "its last word"),
        (lambda n: inside(n, "crimson" if "red" in LISTS[n] else "word1"), "red", "the word"),
        (lambda n: str(int(("old" in LISTS[n]) != swapped(0.01, n))), "old", "its value"),
    ],
)
def test_a_label_of_several(column: Callable[[int], str], name: str, rule: str) -> None:
    [found] = gives_each_away([column(n) for n in range(800)], LISTS)
    assert found.of == name and rule in found.rule and found.finds > 0.9


def test_honest_columns_of_lists() -> None:
    said = [" ".join([plain(n), *(one for one in LISTS[n] if n % 4)]) for n in range(800)]
    assert gives_each_away([plain(n) for n in range(800)], LISTS) == []
    assert gives_each_away(said, LISTS) == []  # Three of four is what words honestly say.
    assert gives_each_away([plain(n) for n in range(30)], LISTS[:30]) == []


def test_columns_beside_lists_of_labels() -> None:
    codes = [str(int("old" in LISTS[n])) for n in range(800)]
    table = pa.table({"labels": LISTS, "text": [plain(n) for n in range(800)], "code": codes})
    [found] = given_away(Rows(table), ["labels"], ["text", "code"], numbers=False)
    assert found.message.startswith(
        "column 'code' gives the class 'old' of labels away: its value alone finds it with a "
        "recall of 100.0%"
    )


def test_a_number_beside_a_text_gives_a_label_away_if_it_is_the_label() -> None:
    draw = random.Random(0)
    labels = [draw.choice(["no", "yes"]) for _ in range(400)]
    same = ["1" if label == "yes" else "0" for label in labels]
    telling = [one if draw.random() < 0.9 else "2" for one in same]
    assert gives_away(same, labels, numbers=False, beside=True)
    assert gives_away(telling, labels, numbers=False)
    assert gives_away(telling, labels, numbers=False, beside=True) is None
