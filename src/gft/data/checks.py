"""Checks of data that hold for every task, made before any weight is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from gft.data.members import member_names
from gft.data.table import DataSet, Rows
from gft.errors import Mistakes, UserError, listed, no_such
from gft.language.equation import EVERYTHING, Equation


def check_named_columns(equation: Equation, data: DataSet, group: str | None = None) -> None:
    """Raise `UserError` for each column of the equation, or of `--group`, that data lacks."""
    mistakes = Mistakes()
    with mistakes.collect():
        check_inputs(equation.columns, data)
    if group is not None and group not in data.columns:
        mistakes.add(f"--group: {no_such('column', group, data.columns, data.name)}")
    mistakes.raise_any()


def expand(
    equation: Equation, data: DataSet, group: str | None = None
) -> tuple[Equation, str | None]:
    """Return the equation with `.` replaced, and a note that names what was taken.

    Raises `UserError` for each column of it, or of `--group`, that data lacks.
    """
    check_named_columns(equation, data, group)
    if EVERYTHING not in equation.right:
        return equation, None
    texts = [column.name for column in data.columns.values() if column.kind == "text"]
    expanded = equation.expanded(texts)
    if not expanded.right:
        raise UserError(f"'.' stands for no column: {data.name} has no other column of text")
    return expanded, f"the equation is {expanded}"


def check_inputs(names: Sequence[str], data: DataSet) -> None:
    """Raise `UserError` for each input column that the data does not have."""
    messages = [
        no_such("column", name, dict.fromkeys([*data.columns, *member_names(data)]), data.name)
        for name in names
        if name not in data.columns
    ]
    if messages:
        raise UserError(*messages)


def lacks_column(split: str, data: str, name: str, rows: Rows) -> str:
    """Return a message for a split of data that has no column of a name."""
    return f"split {split} of {data} has no column {name!r}; it has {listed(rows.columns)}"
