"""What a simple rule may look at in the cells of a column: a value, a number, a word, its form."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gft.data.numbers import is_number

Array = np.ndarray[Any, Any]

REPEATED = 3
"""So often a value has to be there on average: a table of what is never met again is no rule."""
IN_A_BLOCK = 20
"""Known rows of neighbouring numbers that are taken together, so that a few odd ones do no harm."""
MOST_MODULO = 100
MOST_MARKS = 40
OFTEN = 0.01
"""In so many rows at least a mark stands whose number is looked at."""
MOST_WORDS = 200
"""Of a longer text its first words are looked at, and its last."""
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+|[^\w\s]")
_TOKEN = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")


@dataclass(frozen=True, eq=False)
class Look:
    """What one rule looks at: a number for what it sees of each row, shape (rows,).

    Every second row is a known one, from the first on; `rule` says what is looked at.
    """

    rule: str
    keys: Array


def looks(texts: Sequence[str], values: bool) -> Iterator[Look]:
    """Yield what a rule may look at in some cells; more of `values` than of texts.

    In which letter a text begins, and so its alphabetical rank, may be its language.
    """
    for rule, found in _values(texts, values):
        codes = _codes(found)
        if (codes.max(initial=0) + 1) * REPEATED <= len(codes):
            yield Look(rule, codes)
    for rule, numbers in _numbers(texts, values):
        yield Look(rule, _nearest(numbers))
        if len(np.unique(numbers)) > IN_A_BLOCK * REPEATED:
            yield Look(f"{rule}, in ranges", _blocks(numbers))
        yield from _modulo(rule, numbers)


def has_values(texts: Sequence[str]) -> bool:
    """Say whether cells are values rather than texts: met again, or numbers, or such as `a_17`."""
    distinct = set(texts)
    if len(distinct) * REPEATED <= len(texts):
        return True
    return sum(map(_is_value, distinct)) >= len(distinct) * (1 - OFTEN)


def words_of(text: str) -> set[str]:
    """Return the words and marks of a text, each character where no spaces separate words."""
    found = _WORD.findall(text.casefold())
    return {*found[:MOST_WORDS], *found[-MOST_WORDS:]}


def normalized(text: str) -> str:
    """Return a text as values are compared: without case, and all whitespace alike."""
    return " ".join(text.casefold().split())


def _is_value(text: str) -> bool:
    return is_number(text) or (any(map(str.isdecimal, text)) and len(text.split()) == 1)


def _values(texts: Sequence[str], values: bool) -> Iterator[tuple[str, list[Hashable]]]:
    yield "its value", [normalized(text) for text in texts]
    yield "whether it is empty", [not text.strip() for text in texts]
    yield "its case", [_case(text) for text in texts]
    for rule, index in (("first", 0), ("last", -1)):
        yield f"its {rule} word", [_token(text, index) for text in texts]
        letters = [text.strip()[index:][:1].casefold() for text in texts]
        yield f"its {rule} letter", [one if values or not one.isalnum() else "" for one in letters]


def _numbers(texts: Sequence[str], values: bool) -> Iterator[tuple[str, Array]]:
    yield "its length", np.array([len(text) for text in texts], dtype=float)
    yield "its number of words", np.array([len(text.split()) for text in texts], dtype=float)
    upper = [sum(map(str.isupper, text)) for text in texts]
    if any(upper):
        yield "its number of capital letters", np.array(upper, dtype=float)
    for rule, index in (("first", 0), ("last", -1)):
        found = np.array([_number_at(text, index) for text in texts])
        if np.isfinite(found).mean() > 1 - 10 * OFTEN:
            yield f"the {rule} number in it", found
    if values:
        ranks = _codes([normalized(text) for text in texts], in_order=True)
        yield "its alphabetical rank", ranks.astype(float)
    marks = Counter(one for text in texts for one in set(text) if not one.isalnum() and one != " ")
    marks["  "] = sum("  " in text for text in texts)
    for mark, rows in marks.most_common(MOST_MARKS):
        if rows >= OFTEN * len(texts):
            found = np.array([text.count(mark) for text in texts])
            yield f"how often {mark!r} is in it", found.astype(float)


def _modulo(rule: str, numbers: Array) -> Iterator[Look]:
    """Yield what is left of whole numbers divided by 2, 3 and so on."""
    whole = np.isfinite(numbers) & (np.abs(numbers) < 2**53)
    if "number in it" not in rule or not whole.all() or (numbers % 1).any():
        return
    many = len(np.unique(numbers)) // REPEATED
    for divisor in range(2, min(MOST_MODULO, many) + 1):
        yield Look(f"{rule} modulo {divisor}", (numbers % divisor).astype(np.int64))


def _codes(values: Sequence[Any], in_order: bool = False) -> Array:
    """Return a number from 0 on for each value, the same for equal ones."""
    distinct = sorted(set(values)) if in_order else dict.fromkeys(values)
    codes = {value: n for n, value in enumerate(distinct)}
    return np.fromiter((codes[value] for value in values), np.int64, len(values))


def _nearest(numbers: Array) -> Array:
    """Return the index of the nearest number of the known rows; of no number that of the last."""
    known = np.unique(numbers[::2][np.isfinite(numbers[::2])])
    if len(known) < 2:
        return np.zeros(len(numbers), dtype=np.int64)
    numbers = np.where(np.isfinite(numbers), numbers, known[-1])
    above = np.clip(np.searchsorted(known, numbers), 1, len(known) - 1)
    return np.asarray(above - (numbers - known[above - 1] <= known[above] - numbers))


def _blocks(numbers: Array) -> Array:
    """Return the number of the range that a number is in: each has as many known rows."""
    known = np.sort(numbers[::2][np.isfinite(numbers[::2])])
    edges = np.unique(known[IN_A_BLOCK // 2 :: IN_A_BLOCK])
    return np.asarray(np.searchsorted(edges, np.where(np.isfinite(numbers), numbers, np.inf)))


def _case(text: str) -> Hashable:
    return text.isupper(), text.islower(), text.istitle(), text.strip()[:1].isupper()


def _token(text: str, index: int) -> str:
    found = _TOKEN.findall(text.casefold())
    return found[index] if found else ""


def _number_at(text: str, index: int) -> float:
    found = _NUMBER.findall(text)
    value = float(found[index].replace(",", ".")) if found else math.nan
    return value if math.isfinite(value) else math.nan
