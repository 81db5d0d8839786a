"""Columns that are no texts: numbers, categories, ids; the term that an equation has them by.

Nothing is decided by it but what `.` stands for, and what notes and suggestions say: a bare name
in an equation is a text whatever its column holds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gft.data.cells import named_cell
from gft.data.missing_marks import missing_marks
from gft.data.numbers import as_numbers, is_amount, is_date, is_missing
from gft.data.sampling import spread
from gft.data.table import Rows
from gft.language.terms import CATEGORY, Term

LOOKED_AT = 3_000
"""So many rows are looked at, at even distances."""
FEWEST = 20
"""Of fewer cells nobody can say whether their values recur."""
RECUR = 5
"""So often a level is there on average."""
MOST_LEVELS = 1_000
LONGEST_LEVEL, MOST_WORDS = 40, 4
"""Characters and words of a level; a longer value is a text."""
_CODE = re.compile(r"0[0-9]+")
"""A number that begins with 0 is a name: a postcode, a code of a census."""
_ID = re.compile(r"(.*[_ ]|.*[a-z](?=I))?(ids?|idx|index|guid|uuid|nr|key)", re.IGNORECASE)


@dataclass(frozen=True)
class BesideText:
    """A column that is no text: what it holds, in words, and the term for it.

    `term` is None for what tells nothing of other rows: an id, dates, one value alone.
    """

    holds: str
    term: Term | None


def beside_text(rows: Rows, name: str) -> BesideText | None:
    """Return what a column holds that is no text, None where it may be one, or a list or a file."""
    column = rows.columns[name]
    if column.kind not in ("text", "class", "integer", "float", "boolean"):
        return None
    found = [named_cell(column, cell) for cell in spread(rows, LOOKED_AT).column(name)]
    cells = [one for one in found if not is_missing(one) and str(one).strip()]
    texts = [str(one).strip() for one in cells]
    counts = Counter(texts)
    if not counts:
        return None
    if all(map(is_date, counts)):
        return BesideText("dates", None)
    if all(map(is_amount, counts)):
        return BesideText("amounts with a sign", None)
    numbers = _numbers(cells, texts)
    if numbers is None and column.kind not in ("class", "boolean") and not _are_levels(counts):
        return BesideText("an id", None) if _is_id(name, texts) else None
    if len(counts) == 1:
        return BesideText("one value", None)
    if numbers is None or column.kind in ("class", "boolean"):
        return BesideText(f"{len(counts)} short values", Term(name, CATEGORY))
    if _ID.fullmatch(name) or _counts_rows(numbers):
        return BesideText("an id", None)
    return BesideText("numbers", Term(name, "num"))


def _numbers(cells: Sequence[Any], texts: Sequence[str]) -> list[float] | None:
    """Return cells as numbers, None where one is none or a code; `NA` and the like are left out."""
    if all(isinstance(one, int | float) and not isinstance(one, bool) for one in cells):
        return [float(one) for one in cells]
    marks = {*missing_marks(texts)}
    if any(map(_CODE.fullmatch, texts)):
        return None
    return as_numbers(one for one in texts if one not in marks) or None


def _are_levels(counts: Counter[str]) -> bool:
    """Say whether texts are short and recur, as levels of a category do."""
    if counts.total() < FEWEST or not 1 <= len(counts) <= MOST_LEVELS:
        return False
    if counts.total() < RECUR * len(counts):
        return False
    return all(map(is_short, counts))


def is_short(text: str) -> bool:
    """Say whether a text is no longer than the level of a category."""
    return len(text) <= LONGEST_LEVEL and len(text.split()) <= MOST_WORDS


def _is_id(name: str, texts: Sequence[str]) -> bool:
    """Say whether texts are names of rows: one word each, and called so or different in each."""
    if any(len(one.split()) > 1 or len(one) > LONGEST_LEVEL for one in texts):
        return False
    if _ID.fullmatch(name):
        return True
    numbered = all(any(map(str.isdecimal, one)) for one in texts)
    return len(texts) >= FEWEST and numbered and len(set(texts)) == len(texts)


def _counts_rows(numbers: Sequence[float]) -> bool:
    """Say whether whole numbers only go up, as those that number rows do."""
    if len(numbers) < FEWEST or any(one != int(one) for one in numbers):
        return False
    return all(one < other for one, other in pairwise(numbers))
