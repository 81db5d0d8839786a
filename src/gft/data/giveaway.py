"""Columns that give the label away: one simple rule on one column says it for new rows too."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

FEWEST_ROWS = 40
MOST_CLASSES = 200
SURE = 0.9
"""So much better than always saying the most frequent class, or the mean, a rule has to be."""
REPEATED = 3
"""So often a value has to be there on average: a table of what is never met again is no rule."""
MOST_WORDS = 200
"""Of a longer text its first words are looked at, and its last."""
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+|[^\w\s]")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")

Keys: TypeAlias = "list[Hashable]"
"""What a rule sees of each row."""


@dataclass(frozen=True)
class GivenAway:
    """A rule that knows the label: what it looks at, and on which share of new rows it is right.

    For numbers `right` is the share of their variance that it explains.
    """

    rule: str
    right: float


def gives_away(texts: Sequence[str], labels: Sequence[str], numbers: bool) -> GivenAway | None:
    """Return the best rule on one column, if it gives the label away, else None.

    A rule is learned from one half of the rows and tried on the other: a table
    from the value, its number, its length, its first or last word to the most frequent label
    (or the mean), with the nearest known number for a new one; and for classes a word that stands
    in all rows of a class and in no others. It gives the label away if it leaves at most a tenth of
    the errors of the best constant.
    """
    chosen = _shuffled(texts)
    if len(chosen) < FEWEST_ROWS:
        return None
    texts, labels = [texts[n] for n in chosen], [labels[n] for n in chosen]
    rules = _rules_of_numbers(texts, labels) if numbers else _rules_of_classes(texts, labels)
    best = max(rules, key=lambda one: one[1], default=None)
    if best is None or best[1] < SURE:
        return None
    return GivenAway(best[0], best[2])


def _shuffled(texts: Sequence[str]) -> list[int]:
    """Return the numbers of the rows in random order, but one of those that repeat all over."""
    first: dict[str, int] = {}
    for n, text in enumerate(texts):
        first.setdefault(_spelt(text), n)
    rare = len(first) * REPEATED > len(texts)
    every = np.array(list(first.values()) if rare else range(len(texts)), dtype=np.int64)
    return [int(n) for n in np.random.default_rng(0).permutation(every)]


def _rules_of_classes(
    texts: Sequence[str], labels: Sequence[str]
) -> Iterator[tuple[str, float, float]]:
    """Yield each rule with the share of the constant's errors that it avoids, and is right on."""
    if not 2 <= len(set(labels)) <= MOST_CLASSES:
        return
    known, new = labels[::2], labels[1::2]
    usual = Counter(known).most_common(1)[0][0]
    errors = sum(label != usual for label in new)
    if not errors:
        return
    for rule, keys in _tables(texts):
        votes: dict[Hashable, Counter[str]] = defaultdict(Counter)
        for key, label in zip(keys[::2], known, strict=True):
            votes[key][label] += 1
        table = {key: count.most_common(1)[0][0] for key, count in votes.items()}
        wrong = sum(
            table.get(key, usual) != label for key, label in zip(keys[1::2], new, strict=True)
        )
        yield rule, 1 - wrong / errors, 1 - wrong / len(new)
    found = _marks(texts, labels)
    if found is not None:
        marks, wrong = found
        shown = ", ".join(f"{mark!r} for {label}" for label, mark in list(marks.items())[:3])
        yield f"the word {shown}", 1 - wrong / errors, 1 - wrong / len(new)


def _marks(texts: Sequence[str], labels: Sequence[str]) -> tuple[dict[str, str], int] | None:
    """Return the word that marks each class, of which one may have none, and the errors then."""
    sizes = Counter(labels[::2])
    rows: Counter[str] = Counter()
    inside: Counter[tuple[str, str]] = Counter()
    for text, label in zip(texts[::2], labels[::2], strict=True):
        for word in _words(text):
            rows[word] += 1
            inside[word, label] += 1
    best: dict[str, tuple[float, str]] = {}
    for (word, label), count in inside.items():
        overlap = count / (rows[word] + sizes[label] - count)
        best[label] = max(best.get(label, (0.0, "")), (overlap, word))
    marks = {label: word for label, (overlap, word) in best.items() if overlap >= SURE}
    unmarked = [label for label in sizes if label not in marks]
    if not marks or len(unmarked) > 1:
        return None
    wrong = 0
    for text, label in zip(texts[1::2], labels[1::2], strict=True):
        words = _words(text)
        said = next((one for one, mark in marks.items() if mark in words), None)
        wrong += (said or next(iter(unmarked), None)) != label
    return marks, wrong


def _rules_of_numbers(
    texts: Sequence[str], labels: Sequence[str]
) -> Iterator[tuple[str, float, float]]:
    """Yield each rule with the share of the variance of new rows that it explains, twice."""
    gold = np.array([float(label) for label in labels])
    known, new = gold[::2], gold[1::2]
    spread = float(((new - known.mean()) ** 2).sum())
    if not spread > 0 or not math.isfinite(spread):
        return
    for rule, keys in _tables(texts):
        sums: dict[Hashable, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for key, value in zip(keys[::2], known.tolist(), strict=True):
            sums[key][0] += value
            sums[key][1] += 1
        mean = float(known.mean())
        said = [sums[key][0] / sums[key][1] if key in sums else mean for key in keys[1::2]]
        explained = 1 - float(((new - np.array(said)) ** 2).sum()) / spread
        yield rule, explained, explained


def _tables(texts: Sequence[str]) -> Iterator[tuple[str, Keys]]:
    """Yield what a rule may look at, and its key in each row."""
    words = {"its value": [_spelt(text) for text in texts]}
    for rule, place in (("first", 0), ("last", -1)):
        words[f"its {rule} word"] = [_at(text, place) for text in texts]
        words[f"its {rule} letter"] = [text.strip()[place:][:1] for text in texts]
    for rule, keys in words.items():
        if len(set(keys)) * REPEATED <= len(keys):
            yield rule, list(keys)
    yield "its length", _nearest([float(len(text)) for text in texts])
    for rule, place in (("first", 0), ("last", -1)):
        found = [_number_at(text, place) for text in texts]
        if sum(not math.isnan(one) for one in found) > SURE * len(found):
            yield f"the {rule} number in it", _nearest(found)


def _nearest(values: Sequence[float]) -> Keys:
    """Return numbers as keys, those of new rows replaced by the nearest one of the known rows."""
    array = np.array(values)
    known = np.unique(array[::2][np.isfinite(array[::2])])
    if not len(known):
        return list(values)
    above = np.clip(np.searchsorted(known, array), 1, max(1, len(known) - 1))
    low, high = known[above - 1], known[np.minimum(above, len(known) - 1)]
    return list(np.where(array - low <= high - array, low, high).tolist())


def _spelt(text: str) -> str:
    return " ".join(text.casefold().split())


def _words(text: str) -> set[str]:
    found = _WORD.findall(text.casefold())
    return {*found[:MOST_WORDS], *found[-MOST_WORDS:]}


def _at(text: str, place: int) -> str:
    parts: Any = text.casefold().split()
    return str(parts[place]) if parts else ""


def _number_at(text: str, place: int) -> float:
    found = _NUMBER.findall(text)
    return float(found[place].replace(",", ".")) if found else math.nan
