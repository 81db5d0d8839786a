"""Numbers as a file's writer wrote them: decimal commas, and marks between thousands.

Cells of text become the same numbers with a decimal point, `1.234,5` is `1234.5`; every other cell
stays as it is. How a column is written is found in all splits together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from gft.cells.columns import Columns
from gft.cells.options import CellForms
from gft.data.numbers import COMMA, POINT, Notation, how_written, with_point
from gft.data.table import Rows
from gft.errors import UserError


def read(columns: Columns) -> Columns:
    """Return the columns with numbers on the left that have a decimal point.

    Raises what `read_numbers` does.
    """
    return read_numbers(columns, columns.equation.left, "decimal")


def read_numbers(columns: Columns, names: Iterable[str], finds: str) -> Columns:
    """Return the columns with numbers in those of some names that have a decimal point.

    That they all have a comma is found under the name `finds`.
    Raises `UserError` for a column whose numbers are written in two ways, or can be read in two,
    unless `--decimal` says which.
    """
    asked = columns.options.of(CellForms).decimal
    found: dict[str, str] = {}
    for name in dict.fromkeys(names):
        written = how_written(text for rows in _texts(columns, name) for text in _cells(rows, name))
        if asked is None and written.odds:
            raise UserError(_at_odds(columns, name, written.odds))
        if asked is not None:
            _check(columns, name, asked)
            written = Notation(asked, *_shown(columns, name, asked))
        if written.marked is not None:
            found[name] = written.decimal
        shown = written.grouped or written.marked
        if shown is not None and not written.is_plain:
            columns = _with_points(columns, name, written, shown)
    if found and set(found.values()) == {COMMA}:
        columns = columns.finding(**{finds: COMMA})
    return columns


def _texts(columns: Columns, name: str) -> Iterator[Rows]:
    """Yield the splits in which a column is one of texts."""
    return (rows for _, rows in columns.splits_of(name) if rows.columns[name].kind == "text")


def _cells(rows: Rows, name: str) -> Iterator[str]:
    return (text for text in rows.labels([name]).different(name) if text is not None)


def _shown(columns: Columns, name: str, decimal: str) -> tuple[str | None, str | None]:
    """Return a cell with a decimal mark, and one with the other mark between thousands."""
    other = COMMA if decimal == POINT else POINT
    read = [
        text
        for rows in _texts(columns, name)
        for text in _cells(rows, name)
        if with_point(text, decimal) is not None
    ]
    marked = next((text for text in read if decimal in text), None)
    return marked, next((text for text in read if other in text), None)


def _check(columns: Columns, name: str, asked: str) -> None:
    """Raise `UserError` for a number that is not written as `--decimal` says."""
    other = COMMA if asked == POINT else POINT
    for rows in _texts(columns, name):
        for text in _cells(rows, name):
            if with_point(text, asked) is None and with_point(text, other) is not None:
                where = _where(columns, name, text)
                raise UserError(
                    f"column {name!r} of {columns.data.name}: {where} holds {text.strip()!r}, "
                    f"which is not a number with {_called(asked)} (--decimal {asked}); with "
                    f"{_called(other)} it is: --decimal {other}"
                )


def _with_points(columns: Columns, name: str, written: Notation, shown: str) -> Columns:
    """Return the columns with numbers that have a decimal point, and a note that shows one."""
    plain = partial(_plain, written.decimal)
    for split, rows in columns.splits_of(name):
        if rows.columns[name].kind == "text":
            arrow_type = rows.table.schema.field(name).type
            columns = columns.mapped(split, name, plain, arrow_type)
    marks = f"with {_called(written.decimal)}"
    if written.grouped:
        marks += f" and {'commas' if written.decimal == POINT else 'points'} between thousands"
    return columns.noting(
        f"column {name!r}: numbers {marks}, such as {shown.strip()!r}, "
        f"read as {with_point(shown, written.decimal)}"
    )


def _plain(decimal: str, cell: Any) -> Any:
    plain = None if cell is None else with_point(cell, decimal)
    return cell if plain is None else plain


def _at_odds(columns: Columns, name: str, odds: tuple[str, ...]) -> str:
    shown = [f"{text!r} ({_where(columns, name, text)})" for text in odds]
    message = f"column {name!r} of {columns.data.name}: "
    if len(odds) > 1:
        message += f"numbers are written in two ways: {' and '.join(shown)}"
    else:
        [whole] = (with_point(text, POINT) for text in odds)
        [part] = (with_point(text, COMMA) for text in odds)
        message += f"{shown[0]} may be {part} or {whole}"
    return f"{message}; choose --decimal , (a decimal comma) or --decimal . (a decimal point)"


def _called(mark: str) -> str:
    return "a decimal comma" if mark == COMMA else "a decimal point"


def _where(columns: Columns, name: str, text: str) -> str:
    """Return where a cell is, without whitespace around it, for a sentence."""
    for split, rows in columns.splits_of(name):
        labels = rows.labels([name])
        for cell in labels.different(name):
            if isinstance(cell, str) and cell.strip() == text.strip():
                return f"row {1 + labels.first(name, cell):,} of {split}"
    return "a row"
