"""Several columns of labels: each says in every row whether one label applies."""

from __future__ import annotations

from collections import Counter
from typing import Any

from gft.cells.columns import READ_ROWS, Columns
from gft.data.cells import UNLABELLED, with_class_names
from gft.data.problem import shown
from gft.data.spelling import spelling
from gft.data.table import Column
from gft.errors import UserError, counted, listed

MEANT = {
    "1": True, "1.0": True, "true": True, "yes": True, "y": True, "t": True,
    "0": False, "0.0": False, "false": False, "no": False, "n": False, "f": False,
    "": None, str(UNLABELLED): None, f"{UNLABELLED}.0": None,
}  # fmt: skip
"""What a cell says of a label; nothing, where it is missing."""
UNKNOWN = {str(UNLABELLED), f"{UNLABELLED}.0"}


def read(columns: Columns) -> Columns:
    """Return columns with true, false or nothing in each column on the left of the equation.

    Raises `UserError` for the first cell that is none of `MEANT`, and where all that is given is
    yes: a model would learn to say it always.
    """
    import pyarrow as pa

    names = tuple(dict.fromkeys(columns.equation.left))
    for name in names:
        for split, rows in columns.splits_of(name):
            column = rows.columns[name]
            if column.kind == "boolean":
                continue
            written = {_written(column, cell) for cell in rows.labels([name]).different(name)}
            if not written <= MEANT.keys():
                raise UserError(_refused(columns, split, name))
            if column.classes is None and written & UNKNOWN:
                where = f"{split} of {columns.data.name}"
                columns = columns.noting(
                    f"-1 in column {name!r} of {where} is read as an unknown label"
                )

            def made(cell: Any, column: Column = column) -> bool | None:
                return MEANT[_written(column, cell)]

            columns = columns.mapped(split, name, made, pa.bool_())
    answers = {name: _counted(columns, name) for name in names}
    only_yes = [name for name in names if answers[name][None] and not answers[name][False]]
    if only_yes == list(names) and any(answers[name][True] for name in names):
        raise UserError(
            f"columns {listed(map(repr, names), 4)} of {columns.data.name} say yes or nothing, "
            "never no; an empty cell means an unknown label: write 0 where the label does not apply"
        )
    return columns.warning(
        *(
            f"column {name!r} of {columns.data.name} says yes or nothing, never no: an empty cell "
            f"({counted(answers[name][None], 'row')}) means an unknown label; write 0 where the "
            "label does not apply"
            for name in only_yes
            if answers[name][True]
        )
    )


def _counted(columns: Columns, name: str) -> Counter[bool | None]:
    """Return how many cells of a column say yes, no and nothing, in all splits."""
    answers: Counter[bool | None] = Counter()
    for _, rows in columns.splits_of(name):
        counts = rows.table.column(name).value_counts().to_pylist()
        answers.update({one["values"]: one["counts"] for one in counts})
    return answers


def _written(column: Column, cell: Any) -> str:
    if isinstance(cell, list | dict):
        return repr(cell)
    return spelling(with_class_names(column, cell)).casefold()


def _refused(columns: Columns, split: str, name: str) -> str:
    """Return what is wrong with the first cell of a column that says neither yes nor no."""
    rows, task = columns.data.splits[split], columns.task
    column = rows.columns[name]
    cells = (cell for part in rows.batches([name], READ_ROWS) for cell in part[name])
    row, cell = next(
        (row, cell) for row, cell in enumerate(cells, 1) if _written(column, cell) not in MEANT
    )
    inputs = " + ".join(map(str, columns.equation.right))
    return (
        f"column {name!r} of {columns.data.name} holds {shown(str(with_class_names(column, cell)))}"
        f" in row {row:,} of {split}; several columns on the left of {task} hold 0 or 1 (true or "
        "false, yes or no) for a label each, or nothing where it is not known; for classes in one "
        f"column write '{task}: {name} ~ {inputs}'"
    )
