"""Covariates as files have them: cells become numbers, or levels as text; a missing one is null."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from gft.cells import decimals
from gft.cells.columns import READ_ROWS, Columns
from gft.cells.missing_codes import look_missing, na_argument
from gft.cells.options import COVARIATES_DECIMAL
from gft.data.beside import is_short
from gft.data.cells import named_cell
from gft.data.missing_marks import missing_marks
from gft.data.numbers import POINT, is_amount, is_date, is_number
from gft.data.spelling import spelling
from gft.data.table import Rows
from gft.errors import UserError
from gft.inputs.category import Category
from gft.inputs.number import Number
from gft.language.terms import Term

LOOKED_AT = 1_000
"""So many cells say whether a column that is read as numbers holds words."""


def number_names(columns: Columns) -> tuple[str, ...]:
    """Return the columns on the right that are numbers."""
    pairs = zip(columns.equation.inputs, columns.kinds, strict=True)
    return tuple(name for name, kind in pairs if isinstance(kind, Number))


def has_any(columns: Columns) -> bool:
    """Say whether a column on the right is a covariate."""
    return any(kind.is_covariate for kind in columns.kinds)


def read(columns: Columns) -> Columns:
    """Return columns in which covariates hold numbers (float64) or levels (text).

    A class is its name. A column of another kind stays as it is: the task refuses it. Raises
    `UserError` that names split and row for a cell that is no such number.
    """
    columns = decimals.read_numbers(columns, number_names(columns), COVARIATES_DECIMAL)
    for name, kind in zip(columns.equation.inputs, columns.kinds, strict=True):
        if not isinstance(kind, Number | Category):
            continue
        for split, rows in columns.splits_of(name):
            if rows.columns[name].kind not in kind.takes and not rows.is_empty(name):
                continue
            if isinstance(kind, Number):
                columns = _with_numbers(columns, split, name, kind.written(POINT))
            else:
                columns = _with_levels(columns, split, name)
    return columns


def _with_numbers(columns: Columns, split: str, name: str, kind: Number) -> Columns:
    import pyarrow as pa

    rows, parts, row = columns.data.splits[split], [], 0
    for part in _cells(rows, name):
        found = []
        for cell in part:
            row += 1
            number, wrong = kind.number(cell)
            if wrong:
                where = f"column {name!r} of {columns.data.name}: row {row:,} of {split}"
                raise UserError(f"{where} holds {wrong}{_advice(rows, name, cell, kind)}")
            found.append(number)
        parts.append(pa.array(found, pa.float64()))
    return columns.with_cells(split, name, pa.chunked_array(parts, pa.float64()))


def _with_levels(columns: Columns, split: str, name: str) -> Columns:
    import pyarrow as pa

    rows = columns.data.splits[split]
    order = rows.columns[name].classes or rows.columns[name].order
    text = pa.large_string()
    parts = [
        pa.array([spelling(cell) or None for cell in part], text) for part in _cells(rows, name)
    ]
    columns = columns.with_cells(split, name, pa.chunked_array(parts, text))
    return columns.with_order(split, name, order) if order else columns


def _cells(rows: Rows, name: str) -> Iterator[list[Any]]:
    """Yield the cells of a column, classes by their names."""
    column = rows.columns[name]
    for part in rows.batches([name], READ_ROWS):
        yield [named_cell(column, cell) for cell in part[name]]


def _advice(rows: Rows, name: str, cell: Any, kind: Number) -> str:
    """Return what to write where a cell is no number, as the end of a sentence."""
    if not isinstance(cell, str) or is_number(cell):
        if kind.above == 0.0 and float(cell) > -1:
            return f": {Term(name, 'log1p')} takes those above -1"
        return f": {Term(name, 'num')} takes any number"
    if is_amount(cell):
        return ": write the number alone"
    if is_date(cell):
        return ": make a number of it in the data, such as its year"
    some = [one for part in _cells(rows, name) for one in islice(part, LOOKED_AT)][:LOOKED_AT]
    texts = [one for one in some if isinstance(one, str) and one.strip()]
    marks = {*missing_marks(texts)}
    words = [one for one in texts if one.strip() not in marks]
    if sum(kind.number(one)[1] == "" for one in words) <= len(words) / 2:
        if all(map(is_short, words)):
            return f": {Term(name, 'cat')} takes categories"
        return f": write {Term(name)} to have it as a text"
    if cell.strip() in look_missing([*texts, cell]):
        return f": {na_argument([cell.strip()])} if it means a missing value"
    return "; an empty cell is a missing value"
