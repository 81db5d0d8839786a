"""Which rows belong together: those with the same value in a column."""

from __future__ import annotations

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
    cells = rows.column(name)
    keys = [("row", n) if cell is None else ("cell", str(cell)) for n, cell in enumerate(cells)]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
