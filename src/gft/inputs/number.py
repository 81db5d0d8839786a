"""Numbers beside a text: `num(age)`, `log(income)`, `log1p(visits)`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from gft.data.cells import text_of
from gft.data.missing_marks import missing_marks
from gft.data.numbers import COMMA, MARKS, POINT, is_missing, number_in, why_no_number, with_point
from gft.data.problem import shown as shown_text
from gft.errors import UserError
from gft.inputs.kind import InputKind

LARGEST = 1e19
"""The largest covariate, an integer of 64 bits: models compute in 32, where the square of one that
is larger is infinite, and predictions are not numbers then."""
LARGEST_WHOLE = 1e15
"""Up to here every whole number is a float, and written without an exponent."""


@dataclass(frozen=True)
class Number(InputKind):
    """Numbers, those above `above` alone, in files with a `decimal` mark; a cell may be missing.

    Where the mark is not `certain`, being that of other data, `1.234` is refused, not 1234.
    """

    above: float = -math.inf
    decimal: str = POINT
    certain: bool = True

    what: ClassVar[str] = "numbers in num(), log() or log1p()"
    needs: ClassVar[str] = "numbers"
    takes: ClassVar[tuple[str, ...]] = ("integer", "float", "boolean", "text", "class")
    length_of: ClassVar[str] = ""
    unit: ClassVar[str] = "numbers"
    is_covariate: ClassVar[bool] = True
    in_json: ClassVar[Mapping[str, Any]] = {"type": ["number", "null"]}

    def joined(self, other: InputKind) -> InputKind:
        """Return the kind of a column in two terms: a number that both of them take."""
        above = other.above if isinstance(other, Number) else self.above
        return replace(self, above=max(self.above, above))

    def written(self, decimal: str, certain: bool = True) -> Self:
        """Return the kind for cells in which numbers have a decimal mark."""
        return replace(self, decimal=decimal, certain=certain)

    def read(self, cells: Sequence[Any]) -> list[Any]:
        """Return the numbers, None where a cell is missing. Raises `UserError`."""
        found = []
        for cell in cells:
            number, wrong = self.number(cell)
            if wrong:
                raise UserError(f"a cell holds {wrong}{self._advice(cell)}")
            found.append(number)
        return found

    def check(self, cells: Sequence[Any], first: int, row: str) -> None:
        """Raise `UserError` for the first cell that is no such number."""
        for n, cell in enumerate(cells, first):
            _, wrong = self.number(cell)
            if wrong:
                raise UserError(f"{row} {n:,} holds {wrong}{self._advice(cell)}")

    def bare(self, cells: Sequence[Any]) -> list[str]:
        """Return what cells of one number have in common, '' of a missing one."""
        numbers = [self.number(cell)[0] for cell in cells]
        return ["" if one is None else repr(one) for one in numbers]

    def shown(self, cell: Any) -> str:
        """Return a number as text: a whole one without decimals."""
        return text_of(_whole(cell))

    def as_json(self, cell: Any) -> Any:
        """Return the number, None where it is missing; what is none stays as it is."""
        number, wrong = self.number(cell)
        return cell if wrong else _whole(number)

    def from_json(self, value: Any) -> Any:
        """Return a number, None for a missing one."""
        plain = value is None or (isinstance(value, int | float) and not isinstance(value, bool))
        if not plain or self.number(value)[1]:
            limit = "" if math.isinf(self.above) else f" above {self.above:g}"
            if plain and not limit and abs(value) not in (0, math.inf):
                limit = f" up to {LARGEST:g}"
            raise ValueError(f"a number{limit}, or null where it is missing")
        return value

    def number(self, cell: Any) -> tuple[float | None, str]:
        """Return a cell as a number, None for a missing one, and what is wrong with it if any."""
        if is_missing(cell) or (isinstance(cell, str) and not cell.strip()):
            return None, ""
        if self.decimal == COMMA and not self.certain and isinstance(cell, str):
            either = _readings(cell)
            if POINT in cell and len(either) > 1:
                message = f"{cell!r}, which may be {' or '.join(either)}"
                return None, f"{message}: choose --decimal , or --decimal ."
        number = self._parsed(cell)
        if number is None or not math.isfinite(number):
            if not isinstance(cell, str):
                return None, f"{text_of(cell):.60}, which is not a number"
            return None, f"{shown_text(cell)}, which {why_no_number(cell)}"
        if math.isinf(self.above) and abs(number) > LARGEST:
            return None, f"{text_of(cell):.60}, and num() takes numbers up to {LARGEST:g}"
        if number <= self.above:
            function = "log1p" if self.above else "log"
            return None, f"{text_of(cell)}, and {function}() takes numbers above {self.above:g}"
        return number, ""

    def _advice(self, cell: Any) -> str:
        """Return what to write where a cell means nothing, or has the other decimal mark."""
        if isinstance(cell, str) and missing_marks([cell]):
            return ": leave the cell empty if it means a missing value"
        other = COMMA if self.decimal == POINT else POINT
        if self._parsed(cell) is not None or not isinstance(cell, str):
            return ""
        if with_point(cell, other) is None:
            return ""
        mark = "point" if self.decimal == POINT else "comma"
        return f" with a decimal {mark}: --decimal {other} reads it"

    def _parsed(self, cell: Any) -> float | None:
        if isinstance(cell, str):
            plain = cell if self.decimal == POINT else with_point(cell, self.decimal)
            number = None if plain is None else number_in(plain)
            return None if number is None else float(number)
        try:
            return float(cell)
        except (TypeError, ValueError, OverflowError):  # The last: a whole number of 400 digits.
            return None


def _readings(cell: str) -> list[str]:
    """Return what a cell is with a decimal point and with a comma, where it is a number."""
    return [plain for mark in MARKS if (plain := with_point(cell, mark)) is not None]


def _whole(number: Any) -> Any:
    """Return a number of a float column as people write it: 34.0 is 34."""
    if isinstance(number, float) and number.is_integer() and abs(number) < LARGEST_WHOLE:
        return int(number)
    return number


NUMBER = Number()
LOG = Number(above=0.0)
LOG1P = Number(above=-1.0)
