"""Cells that have types of their own, one by one, as columns of one type each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

LARGEST_WHOLE = 2**63
"""From here on whole numbers are none of 64 bits."""
ROUNDED = 10**15
"""From here on numbers have more than the 15 digits that spreadsheets keep."""


def iso(value: dt.date | dt.time | dt.timedelta) -> str:
    """Return a date, a time or both as ISO 8601 writes it, to the second; a span as hours."""
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds())
        minutes, seconds = divmod(abs(seconds), 60)
        sign = "-" if value < dt.timedelta(0) else ""
        return f"{sign}{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, dt.datetime | dt.time):
        return value.isoformat(timespec="seconds")
    return value.isoformat()


def shown(value: Any) -> str:
    """Return a cell as a spreadsheet shows it: 7 for 7.0, TRUE for true."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}"
    return value if isinstance(value, str) else iso(value) if _is_time(value) else str(value)


def _is_time(value: Any) -> bool:
    return isinstance(value, dt.date | dt.time | dt.timedelta)


class TypedColumn:
    """What the cells of one column have in common: found cell by cell, then used to write them."""

    def __init__(self) -> None:
        self.firsts: dict[str, int] = {}
        """The first row with each form of cell."""
        self.counts: dict[str, int] = {}
        self.is_rounded = False
        """Whether some whole number is so large that its last digits are lost."""
        self._whole = True
        self._has_hours = False

    def see(self, value: Any, row: int) -> None:
        """Take notice of a cell that holds something."""
        if isinstance(value, str):
            form = "text"
        elif isinstance(value, bool):
            form = "true and false"
        elif isinstance(value, float | int):
            form = "numbers"
            self._whole = self._whole and _is_whole(value)
            self.is_rounded = self.is_rounded or ROUNDED <= abs(value) < LARGEST_WHOLE
        else:
            form = "dates and times"
            self._has_hours = self._has_hours or _hours(value)
        self.firsts.setdefault(form, row)
        self.counts[form] = self.counts.get(form, 0) + 1

    @property
    def is_mixed(self) -> bool:
        """Whether cells of several forms meet, which are text then."""
        return len(self.counts) > 1

    @property
    def type(self) -> pa.DataType:
        """The type that holds all cells: dates are text."""
        if self.counts.keys() == {"true and false"}:
            return pa.bool_()
        if self.counts.keys() == {"numbers"}:
            return pa.int64() if self._whole else pa.float64()
        return pa.large_string()

    def array(self, values: Sequence[Any]) -> pa.Array:
        """Return cells, None where one is empty, as an array of the column's type."""
        if pa.types.is_int64(self.type):
            return pa.array([None if value is None else int(value) for value in values], self.type)
        if self.type == pa.large_string():
            values = [None if value is None else self._text(value) for value in values]
        return pa.array(values, self.type)

    def _text(self, value: Any) -> str:
        # A spreadsheet has no dates beside times: midnight of one column is a time in another.
        if self._has_hours and isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            value = dt.datetime(value.year, value.month, value.day)
        elif not self._has_hours and isinstance(value, dt.datetime):
            value = value.date()
        return shown(value)


def _is_whole(value: float) -> bool:
    return float(value).is_integer() and abs(value) < LARGEST_WHOLE


def _hours(value: Any) -> bool:
    return isinstance(value, dt.datetime) and value.time() != dt.time(0)


def whole_if_possible(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of floats as integers if all of them are, NaN as missing."""
    import pyarrow.compute as pc

    column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    rest = pc.all(pc.and_(pc.equal(column, pc.floor(column)), _in_range(column)))
    if column.null_count == len(column) or not rest.as_py():
        return column
    return column.cast(pa.int64())


def _in_range(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow.compute as pc

    return pc.less(pc.abs(column), float(LARGEST_WHOLE))
