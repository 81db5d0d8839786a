"""Which values of a column are amounts on a scale, which a regression suits better than classes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gft.cells.missing_codes import codes_of
from gft.data.missing_marks import missing_marks
from gft.data.numbers import as_numbers

FEWEST, MANY = 3, 10
"""Two whole numbers are two classes; more than ten are amounts, unless they count from 0 or 1."""
WHOLE_SCALES = frozenset(
    {(1, 5), (1, 6), (1, 7), (1, 9), (1, 10), (0, 10), (-2, 2), (-3, 3), (-5, 5)}
)
"""Least and most of the scales that questionnaires and reviews have, with all between them."""
_AMOUNT = re.compile(
    r"(.*[_. ])?(ratings?|scores?|stars?|grades?|marks?|valence|arousal|dominance|intensity"
    r"|similarity|agreement|satisfaction|likert|age|price|length|count|percent(age)?)([_. ].*)?",
    re.IGNORECASE,
)


def is_scale(values: Iterable[str], name: str = "") -> bool:
    """Say whether the different values of a column are amounts: decimals, ratings or scores.

    Missing values and their codes (`NA`, 99 beside 1 to 5) aside, all are numbers, with decimal
    commas too. Whole ones are amounts where they make up a usual scale, such as 1 to 5, where there
    are many and they do not just count from 0, or where the column's `name` says so.
    """
    every = [value for value in dict.fromkeys(values) if value.strip()]
    marks = missing_marks(every)
    codes = codes_of([value for value in every if value.strip() not in marks])
    rest = [value for value in every if value.strip() not in marks and value not in codes]
    numbers = as_numbers(rest)
    different = len(set(numbers or ()))
    if numbers is None or different < 2:
        return False
    if not all(number.is_integer() for number in numbers):
        return True
    if different < FEWEST:
        return False
    least, most = min(numbers), max(numbers)
    consecutive = different == most - least + 1
    if _AMOUNT.fullmatch(name) or (consecutive and (least, most) in WHOLE_SCALES):
        return True
    return different > MANY and not (consecutive and least in (0, 1))
