"""Classes as tables have them: one a row, lists of them, or a column of 0 and 1 for each."""

from __future__ import annotations

from typing import Any

from gft.cells import indicators, label_lists, spellings
from gft.cells.columns import Columns


def read(columns: Columns) -> Columns:
    """Return columns in which lists are lists, and a class has one spelling in all splits.

    Where several columns are labels each holds true and false. Raises `UserError` for lists of 0
    and 1, for cells that may be several labels or one, and for other values in columns of labels.
    """
    if len(columns.equation.left) > 1:
        return indicators.read(columns)
    for name in columns.equation.left:
        columns = _with_dates_as_texts(columns, name)
        columns = spellings.read(label_lists.read(columns, name), name)
    return columns


def _with_dates_as_texts(columns: Columns, name: str) -> Columns:
    """Return columns in which dates and times are ISO texts, which can be classes."""
    import pyarrow as pa

    for split, rows in columns.splits_of(name):
        if pa.types.is_temporal(rows.table.schema.field(name).type):
            columns = columns.mapped(split, name, _iso, pa.string())
    return columns


def _iso(cell: Any) -> str | None:
    return None if cell is None else str(cell)
