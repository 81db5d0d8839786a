"""Populations that `coverage.py` draws from: rows with gold values, predictions and scores."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from gft.metrics.protocol import Array, Scored

ROWS = 200_000
GROUP_ROWS = 60
"""Rows of a group in a population; a split takes as many of them as it has."""
WORDS = [f"{first}{second}" for first in "bdfgklmnprst" for second in ("a", "em", "ion", "ust")]


def binary(share: float, rows: int = ROWS, skill: float = 2.0, seed: int = 0) -> Scored:
    """Return rows of two classes, of which the second has a share; probabilities are calibrated."""
    random = np.random.default_rng(seed)
    gold = (random.random(rows) < share).astype(np.int64)
    return _with_scores(gold, random.normal(size=rows) + skill * gold, share, skill)


def two_models(share: float, other: float) -> list[Scored]:
    """Return what two models of different skill say of the same rows, alike in part."""
    random = np.random.default_rng(0)
    gold = (random.random(ROWS) < share).astype(np.int64)
    alike, *own = random.normal(size=(3, ROWS))
    noise = (math.sqrt(0.5) * (alike + one) for one in own)
    return [
        _with_scores(gold, one + skill * gold, share, skill)
        for one, skill in zip(noise, (2.0, other), strict=True)
    ]


def _with_scores(gold: Array, seen: Array, share: float, skill: float) -> Scored:
    odds = math.log(share / (1 - share)) + skill * seen - skill**2 / 2
    return _of_odds(gold, odds)


def _of_odds(gold: Array, odds: Array) -> Scored:
    yes = 1 / (1 + np.exp(-odds))
    return Scored(gold, (yes > 0.5).astype(np.int64), np.stack([1 - yes, yes], 1), ("no", "yes"))


def five_classes() -> Scored:
    """Return rows of five classes, of which the rarest has 5 %."""
    random, shares = np.random.default_rng(0), np.array([0.4, 0.3, 0.15, 0.1, 0.05])
    gold = random.choice(5, ROWS, p=shares)
    seen = random.normal(size=(ROWS, 5))
    seen[np.arange(ROWS), gold] += 2
    odds = np.exp(np.log(shares) + 2 * seen)
    return Scored(gold, odds.argmax(1), odds / odds.sum(1, keepdims=True), tuple("abcde"))


def groups_of_two_classes(share: float, groups: int = 8_000) -> Scored:
    """Return groups of rows: in some the second class is more frequent, or harder to see."""
    random = np.random.default_rng(0)
    often = math.log(share / (1 - share)) + 0.5 * random.normal(size=groups)
    skill = np.repeat(2 + 0.8 * random.normal(size=groups), GROUP_ROWS)
    rows = groups * GROUP_ROWS
    gold = (random.random(rows) < np.repeat(1 / (1 + np.exp(-often)), GROUP_ROWS)).astype(np.int64)
    seen = random.normal(size=rows) + skill * gold
    return _of_odds(gold, math.log(share / (1 - share)) + 2 * seen - 2)


ERRORS: dict[str, Callable[[np.random.Generator, int], Array]] = {
    "normal": lambda random, rows: random.normal(size=rows),
    "skewed": lambda random, rows: random.exponential(size=rows) - 1,
    "heavy": lambda random, rows: random.standard_t(3, size=rows) / math.sqrt(3),
}
"""Errors of numbers, of variance 1: heavy ones are t with three degrees of freedom, whose squares
have no variance."""


def numbers(errors: str, seed: int = 0) -> Scored:
    """Return numbers of variance 2, half of it explained."""
    random = np.random.default_rng(seed)
    known = random.normal(size=ROWS)
    gold = known + ERRORS[errors](random, ROWS)
    return Scored(gold[:, None], known[:, None], None, ("y",))


def two_of_numbers(errors: str) -> list[Scored]:
    """Return what two models say of the same numbers; the second is a little worse."""
    first = numbers(errors)
    worse = first.prediction + 0.4 * ERRORS[errors](np.random.default_rng(5), ROWS)[:, None]
    return [first, Scored(first.gold, worse, None, first.names)]


def groups_of_numbers(errors: str, groups: int = 8_000) -> Scored:
    """Return groups of rows whose errors lean the same way, and are larger in some."""
    random, rows = np.random.default_rng(0), groups * GROUP_ROWS
    known = random.normal(size=rows)
    lean = np.repeat(0.5 * random.normal(size=groups), GROUP_ROWS)
    size = np.repeat(np.exp(0.3 * random.normal(size=groups)), GROUP_ROWS)
    gold = known + lean + size * ERRORS[errors](random, rows)
    return Scored(gold[:, None], known[:, None], None, ("y",))


def labels() -> Scored:
    """Return rows with any of four labels; the rarest is in 10 % of them."""
    random, shares = np.random.default_rng(0), np.array([0.5, 0.3, 0.2, 0.1])
    gold = random.random((ROWS, 4)) < shares
    odds = np.log(shares / (1 - shares)) + 2 * (random.normal(size=(ROWS, 4)) + 2 * gold) - 2
    return Scored(gold, odds > 0, 1 / (1 + np.exp(-odds)), tuple("abcd"))


def tagged(rows: int = 20_000) -> Scored:
    """Return sentences of words with entities of two types, some of them missed or cut short."""
    random = np.random.default_rng(0)
    gold, found = [], []
    for _ in range(rows):
        tags, said = [], []
        for _ in range(random.integers(2, 6)):
            kind, length = random.integers(0, 2), random.integers(1, 4)
            entity = [0] * int(random.integers(1, 4)) + [1 + kind] + [3 + kind] * (length - 1)
            chance, heard = random.random(), list(entity)
            if chance < 0.15:
                heard = [0] * len(entity)
            elif chance < 0.25 and length > 1:
                heard[-1] = 0
            elif chance < 0.3:
                heard = [tag if tag == 0 else tag + 1 - 2 * kind for tag in entity]
            tags += entity
            said += heard
        gold.append(np.array(tags))
        found.append(np.array(said))
    return Scored(gold, found, None, ("O", "B-PER", "B-LOC", "I-PER", "I-LOC"))


def answered(rows: int = 20_000) -> Scored:
    """Return questions, a third without an answer, and answers: right, in part, or wrong."""
    random = np.random.default_rng(0)
    gold, found = [], []
    for _ in range(rows):
        right = list(random.choice(WORDS, random.integers(1, 5)))
        wrong = list(random.choice(WORDS, random.integers(1, 4)))
        chance = random.random()
        said = right if chance < 0.6 else right[:1] + wrong if chance < 0.8 else wrong
        if random.random() < 1 / 3:
            right, said = [], ([] if chance < 0.7 else said)
        gold.append([" ".join(right)] if right else [])
        found.append(" ".join(said))
    return Scored(gold, found, None, ())


def written(rows: int = 4_000) -> Scored:
    """Return texts of ten words or so; most are written with few errors, some with many."""
    random = np.random.default_rng(0)
    gold, found = [], []
    for _ in range(rows):
        text = random.choice(WORDS, random.integers(6, 14))
        wrong = random.random(len(text)) < random.beta(0.5, 2)
        gold.append(" ".join(text))
        found.append(" ".join(np.where(wrong, random.choice(WORDS, len(text)), text)))
    return Scored(gold, found, None, ())


def guessed_tokens() -> Scored:
    """Return the loss of each row over the tokens that were asked for, and their number."""
    random = np.random.default_rng(0)
    tokens = random.integers(5, 60, ROWS)
    loss = random.gamma(4, 0.5, ROWS) * tokens
    return Scored(np.zeros(ROWS), np.zeros(ROWS), np.stack([loss, tokens], 1), ())


def trained_classes(random: np.random.Generator, rows: int, trainings: int) -> list[Scored]:
    """Return what trainings of different skill say of the same rows of two classes, 20 and 80 %."""
    gold = (random.random(rows) < 0.2).astype(np.int64)
    alike = random.normal(size=rows)
    found = []
    for skill in 2 + 0.2 * random.normal(size=trainings):
        own = random.normal(size=rows)
        seen = math.sqrt(0.7) * alike + math.sqrt(0.3) * own + skill * gold
        found.append(_with_scores(gold, seen, 0.2, 2.0))
    return found


def trained_numbers(random: np.random.Generator, rows: int, trainings: int) -> list[Scored]:
    """Return what trainings of different skill say of the same numbers."""
    known, error = random.normal(size=(2, rows))
    found = []
    for size in np.exp(0.1 * random.normal(size=trainings)):
        own = random.normal(size=rows)
        off = size * (math.sqrt(0.7) * error + math.sqrt(0.3) * own)
        found.append(Scored(known[:, None], (known + off)[:, None], None, ("y",)))
    return found
