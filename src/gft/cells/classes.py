"""Classes as tables have them: one a row, lists of them, or a column of 0 and 1 for each."""

from __future__ import annotations

from gft.cells import indicators, label_lists, spellings
from gft.cells.columns import Columns


def read(columns: Columns) -> Columns:
    """Return columns in which lists are lists, and a class has one spelling in all splits.

    Where several columns are labels each holds true and false. Raises `UserError` for lists of 0
    and 1, for cells that may be several labels or one, and for other values in columns of labels.
    """
    if len(columns.equation.left) > 1:
        return indicators.read(columns)
    [name] = columns.equation.left
    return spellings.read(label_lists.read(columns, name), name)
