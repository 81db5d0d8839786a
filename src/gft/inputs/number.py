"""Numbers beside a text: `num(age)`, `log(income)`, `log1p(visits)`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from gft.data.cells import text_of
from gft.data.numbers import is_missing, number_in, with_point
from gft.errors import UserError
from gft.inputs.kind import InputKind

LARGEST_WHOLE = 1e15
"""Up to here every whole number is a float, and written without an exponent."""


@dataclass(frozen=True)
class Number(InputKind):
    """Numbers, those above `above` alone, in files with a `decimal` mark; a cell may be missing."""

    above: float = -math.inf
    decimal: str = "."

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

    def written(self, decimal: str) -> Self:
        """Return the kind for cells in which numbers have a decimal mark."""
        return replace(self, decimal=decimal)

    def read(self, cells: Sequence[Any]) -> list[Any]:
        """Return the numbers, None where a cell is missing. Raises `UserError`."""
        found = []
        for cell in cells:
            number, wrong = self.number(cell)
            if wrong:
                raise UserError(f"a cell holds {wrong}")
            found.append(number)
        return found

    def check(self, cells: Sequence[Any], first: int, row: str) -> None:
        """Raise `UserError` for the first cell that is no such number."""
        for n, cell in enumerate(cells, first):
            _, wrong = self.number(cell)
            if wrong:
                raise UserError(f"{row} {n:,} holds {wrong}")

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
            raise ValueError(f"a number{limit}, or null where it is missing")
        return value

    def number(self, cell: Any) -> tuple[float | None, str]:
        """Return a cell as a number, None for a missing one, and what is wrong with it if any."""
        if is_missing(cell) or (isinstance(cell, str) and not cell.strip()):
            return None, ""
        number = self._parsed(cell)
        if number is None or not math.isfinite(number):
            shown = repr(cell) if isinstance(cell, str) else text_of(cell)
            return None, f"{shown:.60}, which is no number"
        if number <= self.above:
            function = "log1p" if self.above else "log"
            return None, f"{text_of(cell)}, and {function}() takes numbers above {self.above:g}"
        return number, ""

    def _parsed(self, cell: Any) -> float | None:
        if isinstance(cell, str):
            plain = cell if self.decimal == "." else with_point(cell, self.decimal)
            number = None if plain is None else number_in(plain)
            return None if number is None else float(number)
        try:
            return float(cell)
        except (TypeError, ValueError):
            return None


def _whole(number: Any) -> Any:
    """Return a number of a float column as people write it: 34.0 is 34."""
    if isinstance(number, float) and number.is_integer() and abs(number) < LARGEST_WHOLE:
        return int(number)
    return number


NUMBER = Number()
LOG = Number(above=0.0)
LOG1P = Number(above=-1.0)
