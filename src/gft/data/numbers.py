"""Cells of text that are written as numbers.

A number is digits with a sign, a decimal mark and an exponent, as csv files have them: what
Python's `float` takes beside these (`1_000`, `nan`, digits of other scripts) is a name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass


def is_missing(value: object) -> bool:
    """Say whether a cell holds nothing, or not-a-number, which is nothing too."""
    return value is None or value != value  # noqa: PLR0124  (not-a-number alone differs from itself)


POINT, COMMA = ".", ","
MARKS = (POINT, COMMA)
"""What may stand before the decimals."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WITH = {
    mark: re.compile(
        rf"[+-]?(?:(?P<groups>[1-9][0-9]{{0,2}}(?:{re.escape(other)}[0-9]{{3}})+)|[0-9]*)"
        rf"(?P<decimals>{re.escape(mark)}[0-9]*)?(?:[eE][+-]?[0-9]+)?"
    )
    for mark, other in (MARKS, MARKS[::-1])
}
_DATE = re.compile(
    r"\d{4}([-/.])\d{1,2}\1\d{1,2}([T ]\d.*)?|\d{1,2}([-/.])\d{1,2}\3(\d{2}|\d{4})([T ]\d.*)?"
)
_SPACED = re.compile(r"[+-]?\d{1,3}(?:[\s'’]\d{3})+(?:[.,]\d+)?")
_PERCENT, _CURRENCY = re.compile(r"[%‰]"), re.compile(r"[$€£¥₹₽₩₺]|\b(?:USD|EUR|GBP|CHF)\b")


def number_in(text: str) -> float | None:
    """Return the number that a cell is written as, whitespace around it aside; None: it is none.

    The number is finite, and an integer where it is written as one.
    """
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        return None
    number = float(stripped)
    if not math.isfinite(number):
        return None
    return int(stripped) if stripped.lstrip("+-").isdigit() else number


def is_number(text: str) -> bool:
    """Say whether a cell is written as a finite number: `-1.5`, `2e3`; `1_000` is a name."""
    return number_in(text) is not None


def with_point(text: str, decimal: str) -> str | None:
    """Return a number written with a decimal mark as one with a point; None: it is none.

    The other mark may stand between thousands: with a comma, `1.234,5` is `1234.5`.
    """
    stripped = text.strip()
    if not _WITH[decimal].fullmatch(stripped):
        return None
    other = COMMA if decimal == POINT else POINT
    plain = stripped.replace(other, "").replace(decimal, POINT)
    return plain if is_number(plain) else None


def why_no_number(text: str) -> str:
    """Return why a cell is no number, for a sentence: "has a percent sign"."""
    if is_date(text):
        return "is a date"
    if _SPACED.fullmatch(text.strip()):
        return "has whitespace or quotes between its digits"
    if _PERCENT.search(text):
        return "has a percent sign"
    if _CURRENCY.search(text):
        return "has a currency"
    too_large = _NUMBER.fullmatch(text.strip()) and not is_number(text)
    return "is too large a number" if too_large else "is not a number"


def is_amount(text: str) -> bool:
    """Say whether a cell is a number with something that `number_in` does not read.

    That is a percent sign, a currency, or whitespace between thousands: `12 %`, `€ 1,200`, `1 200`.
    """
    plain = _CURRENCY.sub("", _PERCENT.sub("", text)).strip()
    if _SPACED.fullmatch(plain):
        return True
    return plain != text.strip() and any(with_point(plain, mark) for mark in MARKS)


def is_date(text: str) -> bool:
    """Say whether a cell is a date in digits, a time behind it or not: `2024-01-31`, `31.1.24`."""
    return _DATE.fullmatch(text.strip()) is not None


@dataclass(frozen=True)
class Notation:
    """How the numbers of a column are written.

    `decimal` is the mark before decimals; `marked` a cell that shows it, `grouped` one that has
    the other mark between thousands; each None where there is none. `odds` are two cells that do
    not go together, or one that can be read in two ways.
    """

    decimal: str
    marked: str | None = None
    grouped: str | None = None
    odds: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether every number stands as `float` takes it."""
        return self.decimal == POINT and self.grouped is None


def how_written(texts: Iterable[str]) -> Notation:
    """Return how the numbers among some cells are written; other cells are passed over.

    A comma before other than three digits is a decimal comma, as are several dots; two commas, or
    one before a point, are between thousands. A lone `1.234` has decimals, as it has for R and
    Python; a lone `1,234` can be read in two ways, and is reported among the `odds` unless other
    cells show which is meant.
    """
    shows: dict[str, str] = {}
    groups: dict[str, str] = {}
    either: dict[str, str] = {}
    for text in texts:
        if not (COMMA in text or POINT in text):
            continue
        found = {mark: _WITH[mark].fullmatch(text.strip()) for mark in MARKS}
        read = [mark for mark in MARKS if found[mark] and with_point(text, mark)]
        if len(read) == 1:
            match = found[read[0]]
            assert match is not None
            shows.setdefault(read[0], text.strip())
            if match["groups"]:
                groups.setdefault(read[0], text.strip())
        elif read:
            either.setdefault(COMMA if COMMA in text else POINT, text.strip())
    return _decided(shows, groups, either)


def _decided(shows: dict[str, str], groups: dict[str, str], either: dict[str, str]) -> Notation:
    """Return how numbers are written.

    `shows` has a cell for each decimal mark that it shows for certain, `groups` those of them with
    thousands; `either` cells with one comma, or one point, that may be either.
    """
    if len(shows) == len(MARKS):
        return Notation(POINT, odds=tuple(shows.values()))
    if not shows:
        if COMMA not in either:
            return Notation(POINT)
        return Notation(
            POINT, odds=tuple(either[mark] for mark in (COMMA, POINT) if mark in either)
        )
    [(decimal, marked)] = shows.items()
    other = COMMA if decimal == POINT else POINT
    if other in either and decimal not in groups:  # Thousands that nothing else shows.
        return Notation(decimal, marked, odds=(marked, either[other]))
    return Notation(decimal, marked, groups.get(decimal))


def as_numbers(texts: Iterable[str]) -> list[float] | None:
    """Return cells as numbers, decimal commas and thousands too; None where one is no number."""
    cells = list(texts)
    written = how_written(cells)
    plain = [with_point(text, written.decimal) for text in cells]
    if len(written.odds) > 1 or None in plain:
        return None
    return [float(text) for text in plain if text is not None]
