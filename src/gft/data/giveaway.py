"""Columns that give the label away: one simple rule on one column says it for new rows too."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gft.data.looks import REPEATED, Look, has_values, looks, normalized, words_of

Array = np.ndarray[Any, Any]

FEWEST_ROWS = 40
MOST_CLASSES = 200
MOST_LABELS = 30
"""So many labels of lists are tried one by one, the most frequent ones."""
SURE = 0.9
"""So much better than always saying the most frequent class, or the mean, a rule on texts is."""
SURE_OF_VALUES = 0.7
"""The same of a rule on values, such as codes and numbers: no wording makes these predict well."""
FEWEST_OF_A_CLASS, FEWEST_WITH_VALUES = 15, 8
"""So many new rows of one class there have to be to say that texts, or values, give it away."""
KAPPA_OF_TEXTS, KAPPA_OF_VALUES, KAPPA_OF_WORDS = 0.85, 0.7, 0.95
"""Agreement beyond chance (Cohen 1960) of a rule with one class: with so much it gives it away.

What texts are about makes some of their words nearly as good, so these have to be better.
"""
NEARLY_ALL, NEARLY_ALL_OF_NUMBERS = 0.95, 0.99
"""What a covariate that is the label itself avoids of the errors, or explains of the variance."""
SPREADS = 0.1
"""A number is right that is off by no more of a standard deviation."""


@dataclass(frozen=True)
class GivenAway:
    """A rule that knows the label: what it looks at, and on which share of new rows it is right.

    For numbers `right` is the share of their variance that it explains, or if the rule is `exact`
    of the rows on which it is. Where it knows one class alone, `of` is that class, `right` the
    share of the rows that it takes for it which are, and `finds` the share of the class found.
    """

    rule: str
    right: float
    of: str | None = None
    finds: float = 1.0
    exact: bool = False


def gives_away(
    texts: Sequence[str], labels: Sequence[str], numbers: bool, beside: bool = False
) -> GivenAway | None:
    """Return the best rule on one column, if it gives the label away, else None.

    A rule is learned from one half of the rows and tried on the other: a table from what it looks
    at (`looks`) to the most frequent label, or the median; and for classes a word. It gives the
    label away if it avoids `SURE` of the errors of the best constant, in a column of values
    `SURE_OF_VALUES`; and it gives one class away if it agrees with it better than any
    honest wording does. A number or a category `beside` the texts may say much of a label, and
    gives it away if next to nothing is left to say. Linear in the cells.
    """
    chosen = _shuffled(texts)
    if len(chosen) < FEWEST_ROWS:
        return None
    texts, labels = [texts[n] for n in chosen], [labels[n] for n in chosen]
    found = _of_numbers(texts, labels) if numbers else _of_classes(texts, labels)
    if beside:
        least = NEARLY_ALL_OF_NUMBERS if numbers else NEARLY_ALL
        found = (one for one in found if (one[0] - 1 if one[0] > 1 else one[0]) >= least)
    return max(found, key=lambda one: one[0], default=(0.0, None))[1]


def gives_each_away(texts: Sequence[str], lists: Sequence[Sequence[str]]) -> list[GivenAway]:
    """Return the labels, of rows that have any number of them, that one column gives away.

    Each is the class of its rows, against all others, with the best rule on it; the most frequent
    first, of at most `MOST_LABELS`. A rule is learned and tried as in `gives_away`.
    """
    chosen = _shuffled(texts)
    if len(chosen) < FEWEST_ROWS:
        return []
    texts, lists = [texts[n] for n in chosen], [lists[n] for n in chosen]
    values, words = has_values(texts), _words(texts[::2], lists[::2])
    inside = [words_of(text) for text in texts[1::2]]
    every = list(looks(texts, values))
    rules = []
    for name, _ in Counter(one for of in lists for one in {*of}).most_common(MOST_LABELS):
        has = np.array([name in of for of in lists], dtype=np.int64)
        new = has[1::2] == 1
        if new.sum() < (FEWEST_WITH_VALUES if values else FEWEST_OF_A_CLASS):
            continue
        found: list[Found] = []
        enough = KAPPA_OF_VALUES if values else KAPPA_OF_TEXTS
        for look in every:
            found += _one_class(look.rule, _by_table(look, has, 2) == 1, new, name, enough)
        if word := words.get(name):
            predicted = np.array([word in one for one in inside])
            found += _one_class(f"the word {word!r} in it", predicted, new, name, KAPPA_OF_WORDS)
        rules += [one for _, one in sorted(found, key=lambda one: -one[0])[:1]]
    return rules


Found = tuple[float, GivenAway]
"""How sure a rule is, and what it gives away."""


def _shuffled(texts: Sequence[str]) -> list[int]:
    """Return the numbers of the rows in random order, but one of those that repeat all over."""
    first: dict[str, int] = {}
    for n, text in enumerate(texts):
        first.setdefault(normalized(text), n)
    rare = len(first) * REPEATED > len(texts)
    every = np.array(list(first.values()) if rare else range(len(texts)), dtype=np.int64)
    return [int(n) for n in np.random.default_rng(0).permutation(every)]


def _of_classes(texts: Sequence[str], labels: Sequence[str]) -> Iterator[Found]:
    """Yield the rules that give a label away, or one class of it."""
    names = sorted(set(labels))
    if not 2 <= len(names) <= MOST_CLASSES:
        return
    numbers = {name: n for n, name in enumerate(names)}
    golds = np.array([numbers[label] for label in labels])
    values = has_values(texts)
    for label, word in _words(texts[::2], [(one,) for one in labels[::2]]).items():
        predicted = np.array([word in words_of(text) for text in texts[1::2]])
        gold = golds[1::2] == numbers[label]
        if gold.sum() >= FEWEST_OF_A_CLASS:
            yield from _one_class(
                f"the word {word!r} in it", predicted, gold, label, KAPPA_OF_WORDS
            )
    for look in looks(texts, values):
        predicted = _by_table(look, golds, len(names))
        yield from _judged(look.rule, predicted, golds, names, values)


def _by_table(look: Look, golds: Array, classes: int) -> Array:
    """Return the class of each new row: the usual one of what is seen, else of all."""
    known, new = look.keys[::2], look.keys[1::2]
    size = int(look.keys.max(initial=0)) + 1
    votes = np.bincount(known * classes + golds[::2], minlength=size * classes)
    votes = votes.reshape(size, classes)
    table = votes.argmax(1)
    table[votes.sum(1) == 0] = votes.sum(0).argmax()
    return np.asarray(table[new])


def _judged(
    rule: str, predicted: Array, golds: Array, names: Sequence[str], values: bool
) -> Iterator[Found]:
    new = golds[1::2]
    usual = np.bincount(golds[::2]).argmax()
    errors, wrong = int((new != usual).sum()), int((predicted != new).sum())
    if not errors:
        return
    avoided = 1 - wrong / errors
    if avoided >= (SURE_OF_VALUES if values else SURE):
        yield 1 + avoided, GivenAway(rule, 1 - wrong / len(new))
    enough = KAPPA_OF_VALUES if values else KAPPA_OF_TEXTS
    fewest = FEWEST_WITH_VALUES if values else FEWEST_OF_A_CLASS
    for number in np.flatnonzero(np.bincount(new) >= fewest).tolist():
        yield from _one_class(rule, predicted == number, new == number, names[number], enough)


def _one_class(
    rule: str, predicted: Array, gold: Array, name: str, enough: float
) -> Iterator[Found]:
    """Yield a rule that predicts one class: `predicted` and `gold` mark the rows that have it."""
    rows, found, there = len(gold), int(predicted.sum()), int(gold.sum())
    if there == rows or not found:
        return
    agreed = float((predicted == gold).mean())
    expected = (found * there + (rows - found) * (rows - there)) / rows**2
    kappa = (agreed - expected) / (1 - expected)
    if kappa >= enough:
        both = int((predicted & gold).sum())
        yield kappa, GivenAway(rule, both / found, name, both / there)


def _words(texts: Sequence[str], lists: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return the word of each class that marks it best, by its F1; a row may have several."""
    sizes = Counter(one for of in lists for one in {*of})
    rows: Counter[str] = Counter()
    inside: Counter[tuple[str, str]] = Counter()
    for text, of in zip(texts, lists, strict=True):
        for word in words_of(text):
            rows[word] += 1
            inside.update((word, label) for label in {*of})
    best: dict[str, tuple[float, str]] = {}
    for (word, label), count in inside.items():
        f1 = 2 * count / (rows[word] + sizes[label])
        best[label] = max(best.get(label, (0.0, "")), (f1, word))
    return {label: word for label, (_, word) in best.items()}


def _of_numbers(texts: Sequence[str], labels: Sequence[str]) -> Iterator[Found]:
    """Yield the rules that explain the variance of new rows, or are right on most of them."""
    gold = np.array([float(label) for label in labels])
    known, new = gold[::2], gold[1::2]
    spread = float(((new - known.mean()) ** 2).sum())
    if not spread > 0 or not math.isfinite(spread):
        return
    near = SPREADS * math.sqrt(spread / len(new))
    errors = int((np.abs(new - np.median(known)) > near).sum())
    values = has_values(texts)
    for look in looks(texts, values):
        seen, sought = look.keys[::2], look.keys[1::2]
        size = int(look.keys.max(initial=0)) + 1
        rows = np.bincount(seen, minlength=size)
        sums = np.bincount(seen, known, minlength=size)
        means = np.where(rows > 0, sums / np.maximum(rows, 1), known.mean())
        explained = 1 - float(((new - means[sought]) ** 2).sum()) / spread
        if explained >= SURE:
            yield 1 + explained, GivenAway(look.rule, explained)
        wrong = int((np.abs(new - _medians(seen, known, size)[sought]) > near).sum())
        if values and errors and 1 - wrong / errors >= SURE_OF_VALUES:
            right = 1 - wrong / len(new)
            yield 1 - wrong / errors, GivenAway(look.rule, right, exact=True)


def _medians(keys: Array, values: Array, size: int) -> Array:
    """Return the (lower) median of the values of each key, of all where a key has none."""
    order = np.lexsort((values, keys))
    rows = np.bincount(keys, minlength=size)
    starts = np.cumsum(rows) - rows
    middle = np.minimum(starts + np.maximum(rows - 1, 0) // 2, len(values) - 1)
    return np.asarray(np.where(rows > 0, values[order][middle], np.median(values)))
