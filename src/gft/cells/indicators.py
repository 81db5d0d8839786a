"""Several columns of labels: each says in every row whether one label applies."""

from __future__ import annotations

from typing import Any

from gft.cells.columns import READ_ROWS, Columns
from gft.data.cells import UNLABELLED, with_class_names
from gft.data.problem import shown
from gft.data.spelling import spelling
from gft.data.table import Column
from gft.errors import UserError

MEANT = {
    "1": True, "1.0": True, "true": True, "yes": True, "y": True, "t": True,
    "0": False, "0.0": False, "false": False, "no": False, "n": False, "f": False,
    "": None, str(UNLABELLED): None, f"{UNLABELLED}.0": None,
}  # fmt: skip
"""What a cell says of a label; nothing, where it is missing."""


def read(columns: Columns) -> Columns:
    """Return columns with true, false or nothing in each column on the left of the equation.

    Raises `UserError` for the first cell that is none of `MEANT`.
    """
    import pyarrow as pa

    for name in dict.fromkeys(columns.equation.left):
        for split, rows in columns.places(name):
            column = rows.columns[name]
            if column.kind == "boolean":
                continue
            wrong = [
                cell
                for cell in rows.labels([name]).different(name)
                if _spelt(column, cell) not in MEANT
            ]
            if wrong:
                raise UserError(_refused(columns, split, name))

            def made(cell: Any, column: Column = column) -> bool | None:
                return MEANT[_spelt(column, cell)]

            columns = columns.mapped(split, name, made, pa.bool_())
    return columns


def _spelt(column: Column, cell: Any) -> str:
    if isinstance(cell, list | dict):
        return repr(cell)
    return spelling(with_class_names(column, cell)).casefold()


def _refused(columns: Columns, split: str, name: str) -> str:
    """Return what is wrong with the first cell of a column that says neither yes nor no."""
    rows, task = columns.data.splits[split], columns.task
    column = rows.columns[name]
    cells = (cell for part in rows.batches([name], READ_ROWS) for cell in part[name])
    row, cell = next(
        (row, cell) for row, cell in enumerate(cells, 1) if _spelt(column, cell) not in MEANT
    )
    inputs = " + ".join(map(str, columns.equation.right))
    return (
        f"column {name!r} of {columns.data.name} holds {shown(str(with_class_names(column, cell)))}"
        f" in row {row:,} of {split}; several columns on the left of {task} hold 0 or 1 (true or "
        "false, yes or no) for a label each, or nothing where it is not known; for classes in one "
        f"column write '{task}: {name} ~ {inputs}'"
    )
