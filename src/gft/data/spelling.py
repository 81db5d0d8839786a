"""Which spellings are one name: of classes within a column, of labels on two sides, of columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from gft.data.numbers import is_missing, is_number

_SPACES = re.compile(r"[\s\u200b\u2060\ufeff]+")
_BETWEEN = re.compile(r"(?<=\w)[\s_\-]+(?=\w)|_")


def spelling(value: Any) -> str:
    """Return a cell of a label column as text, '' when it is missing."""
    if is_missing(value):
        return ""
    return value.strip() if isinstance(value, str) else str(value)


def composed(text: str) -> str:
    """Return a text in Unicode's composed form (NFC), with one space where it has whitespace."""
    return unicodedata.normalize("NFC", _SPACES.sub(" ", text)).strip()


def one_class(label: str) -> str:
    """Return what the spellings of one class have in common: case and whitespace do not count.

    A single letter keeps its case: `s` and `S` are two sounds of SAMPA.
    """
    flat = composed(label)
    return flat if len(flat) < 2 else unicodedata.normalize("NFC", flat.casefold())


def folded(label: str) -> str:
    """Return a label as two sides compare it: spaces, `_` and `-` in it do not count either."""
    flat = composed(label)
    return unicodedata.normalize("NFC", _BETWEEN.sub("", flat).casefold()) or flat


def amount(label: str) -> str:
    """Return what all spellings of a number have in common, such as `1` of `1.0` and `1e0`."""
    from decimal import Decimal

    return str(Decimal(label.strip()).normalize() + 0) if is_number(label) else label


def level_key(level: str) -> str:
    """Return the same key for all spellings of a level, as for labels: `1` and `1.0`, case."""
    return amount(level) if is_number(level) else one_class(level)


def comparing(*lists: Sequence[str]) -> Callable[[str], str]:
    """Return what labels of these lists are compared by: as numbers where all are, else folded.

    As they are where that would make two labels of a list the same, such as `x` and `X`.
    """
    ways = [folded, one_class, composed]
    if all(is_number(label) for one in lists for label in one):
        ways = [amount]
    for way in ways:
        if all(len(set(map(way, one))) == len(set(one)) for one in lists):
            return way
    return str
