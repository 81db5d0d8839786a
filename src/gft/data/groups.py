"""Which rows belong together: those with the same value in a column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gft.data.table import Rows
from gft.errors import UserError, no_such


def groups_of(rows: Rows, name: str | None, split: str) -> np.ndarray[Any, Any] | None:
    """Return the number of each row's group, shape (rows,); None without `--group`.

    A row whose cell is missing is a group by itself. Raises `UserError` if the split has no such
    column, though others have.
    """
    if name is None:
        return None
    if name not in rows.columns:
        raise UserError(f"--group: {no_such('column', name, rows.columns, split)}")
    numbers: dict[Any, int] = {}
    keys = [("row", n) if cell is None else cell for n, cell in enumerate(_names(rows, name))]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def groups_in_both(rows: Rows, others: Rows, name: str) -> tuple[np.ndarray[Any, Any], int]:
    """Return which rows are of a group that other rows have too, shape (rows,), and their number.

    That number counts groups. A row whose cell is missing is of no group.
    """
    mine, theirs = list(_names(rows, name)), set(_names(others, name)) - {None}
    found = np.fromiter((one in theirs for one in mine), bool, len(mine))
    return found, len(theirs.intersection(mine))


def _names(rows: Rows, name: str) -> Iterator[str | None]:
    return (None if cell is None else str(cell) for cell in rows.column(name))
