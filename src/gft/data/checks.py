"""Checks of data that hold for every task, made before any weight is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from gft.data.beside import BesideText, beside_text
from gft.data.members import member_names
from gft.data.table import DataSet, Rows
from gft.errors import Mistakes, UserError, listed, no_such
from gft.language.equation import EVERYTHING, Equation, Term

SHOWN = 40
"""So many columns are named with the term that takes each in."""


def check_named_columns(equation: Equation, data: DataSet, group: str | None = None) -> None:
    """Raise `UserError` for each column of the equation, or of `--group`, that data lacks."""
    mistakes = Mistakes()
    with mistakes.collect():
        check_inputs(equation.columns, data)
    if group is not None and group not in data.columns:
        mistakes.add(f"--group: {no_such('column', group, data.columns, data.name)}")
    mistakes.raise_any()


def expand(
    equation: Equation, data: DataSet, group: str | None = None, covariates: bool = False
) -> tuple[Equation, str | None]:
    """Return the equation with `.` replaced, and a note that names what was taken, and what not.

    Where the task takes `covariates`, columns that hold numbers, categories or ids are no texts.
    Raises `UserError` for each column of it, or of `--group`, that data lacks.
    """
    check_named_columns(equation, data, group)
    if EVERYTHING not in equation.right:
        return equation, None
    rows = next(iter(data.splits.values()))
    others = [name for name in data.columns if name not in equation.columns]
    found = {name: beside_text(rows, name) for name in others} if covariates else {}
    texts = [
        name for name in others if data.columns[name].kind == "text" and found.get(name) is None
    ]
    expanded = equation.expanded(texts)
    left_out = [_left_out(name, one) for name, one in found.items() if one is not None]
    if not texts:
        why = f"; it leaves out {listed(left_out, SHOWN)}" if left_out else ""
        raise UserError(f"'.' stands for no column: {data.name} has no other column of text{why}")
    message = f"the equation is {expanded}"
    if left_out:
        message += f"; '.' leaves out {listed(left_out, SHOWN)}"
    return expanded, message


def _left_out(name: str, found: BesideText) -> str:
    """Return a column that is no text with what it holds, and the term that takes it."""
    return f"{name} ({found.holds})" if found.term is None else f"{name} ({found.term})"


def bare_columns(equation: Equation, data: DataSet) -> list[str]:
    """Return a note for each bare column that holds numbers or a few short values: what to write.

    A bare name is a text whatever its column holds.
    """
    rows, message = next(iter(data.splits.values())), []
    for term in equation.right:
        if not isinstance(term, Term) or term.function or term.everything:
            continue
        found = beside_text(rows, term.column) if term.column in rows.columns else None
        if found is not None and found.term is not None:
            what = "a number" if found.term.is_number else "a category"
            message.append(
                f"column {term.column!r} holds {found.holds}, and is read as text: write "
                f"{found.term} to have it as {what}"
            )
    return message


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
