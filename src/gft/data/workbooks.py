"""Workbooks: a sheet of an xlsx, ods or xls file as a table. Values are read, never formulas."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

import pyarrow as pa

from gft import notes
from gft.data.blocks import blocks, size_of_value
from gft.data.folders import is_split
from gft.data.headers import further_headers, named
from gft.data.objects import Read
from gft.data.readers import library, unpacked
from gft.data.sheets import MOST_BYTES, Sheet, encrypted, sheets_in
from gft.data.spool import Spool
from gft.data.typed import TypedColumn, shown
from gft.errors import UserError, counted, first_line, listed, no_such

ROWS_PER_CHUNK = 10_000
LOOKED_AT = 20
"""The first rows that hold something: titles, names of columns, and headers below them."""
BESIDE_HEADER = 4
OLD_FORM = b"\xd0\xcf\x11\xe0"
"""How an xls begins; an xlsx that was encrypted does too."""
PANIC = "PanicException"
"""What a mistake in a library in Rust raises, which is no `Exception` and has no name to import."""
ERRORS = {"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"}

Row = tuple[int, list[Any]]
"""The number of a row in its sheet, from 1, and its cells, None where one is empty."""


def read_workbook(path: Path, wanted: str | None = None) -> Read:
    """Return a sheet: the one that is `wanted`, else the only one that holds something.

    Where several do, and all are named after splits, it is those by the names of the splits.
    Numbers, dates (ISO text), true and false keep their types; a column that mixes them is text as
    a spreadsheet shows it. The first row that holds something names the columns, after a title.
    Raises `UserError` for a file that is no workbook, is encrypted or too large, and where it is
    not clear which sheet is meant.
    """
    calamine = library("python_calamine", path)
    try:
        with unpacked(path) as plain:
            sheets = _sheets(path, plain, calamine)
            chosen = _chosen(path, sheets, wanted)
            for sheet in chosen:
                sheet.check_size(path)
            with calamine.load_workbook(str(plain)) as book:
                tables = {
                    sheet.name.lower(): _table(f"{path}, sheet {sheet.name!r}", sheet, book)
                    for sheet in chosen
                }
            return tables if len(tables) > 1 else next(iter(tables.values()))
    except calamine.PasswordError:
        raise encrypted(path) from None
    except (calamine.CalamineError, ExpatError, KeyError, ValueError, zipfile.BadZipFile) as wrong:
        raise UserError(f"{path} is not a complete workbook: {first_line(wrong):.120}") from None
    except BaseException as wrong:
        if type(wrong).__name__ != PANIC:
            raise
        raise UserError(f"{path} is damaged: its reader gave up on it") from None


def _sheets(path: Path, plain: Path, calamine: Any) -> list[Sheet]:
    with plain.open("rb") as file:
        start = file.read(len(OLD_FORM))
    if start.startswith(b"PK"):
        return sheets_in(plain, path)
    if start != OLD_FORM:
        what = "a web page" if start.lstrip().startswith(b"<") else "something else"
        raise UserError(
            f"{path} is {what} under the name of a workbook; open it in a spreadsheet program and "
            "save it as xlsx or csv"
        )
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        raise encrypted(path)
    if plain.stat().st_size > MOST_BYTES:
        raise UserError(f"{path} is larger than {MOST_BYTES >> 20} MiB; save the sheet as csv")
    with calamine.load_workbook(str(plain)) as book:
        return [_sheet_of_xls(book, one) for one in book.sheets_metadata]


def _sheet_of_xls(book: Any, known: Any) -> Sheet:
    """Return a sheet of an xls, which holds 65,536 rows of 256 cells at most."""
    sheet = Sheet(known.name, not str(known.visible).endswith(".Visible"))
    cells = book.get_sheet_by_name(known.name)
    if cells.start is not None:
        sheet.add(*cells.end)
    return sheet


def _chosen(path: Path, sheets: list[Sheet], wanted: str | None) -> list[Sheet]:
    names = [sheet.name for sheet in sheets]
    if wanted is not None:
        found = [sheet for sheet in sheets if sheet.name == wanted] or [
            sheet for sheet in sheets if sheet.name.strip().lower() == wanted.strip().lower()
        ]
        if not found:
            raise UserError(no_such("sheet", wanted, names, str(path)))
        if not found[0].cells:
            raise UserError(f"{path}, sheet {found[0].name!r}: no cell holds a value")
        return found[:1]
    full = [sheet for sheet in sheets if sheet.cells]
    seen = [sheet for sheet in full if not sheet.is_hidden] or full
    if len(seen) == 1 or (seen and all(is_split(sheet.name) for sheet in seen)):
        return seen
    if not seen:
        raise UserError(f"{path}: no cell of its sheets ({listed(names, 4)}) holds a value")
    raise UserError(
        f"{path} has {len(seen)} sheets with data: {listed([one.name for one in seen], 8)}; "
        f"name one of them: {path},{seen[0].name}"
    )


@dataclass
class _Layout:
    """Where the table of a sheet is: its titles, the row of names, and the last row before data.

    `columns` say what the cells below hold, `empty_rows` how many rows between them hold nothing.
    """

    titles: list[Row]
    header: Row
    last_header: int
    columns: list[TypedColumn]
    empty_rows: int = 0


def _table(where: str, sheet: Sheet, book: Any) -> pa.Table:
    cells = book.get_sheet_by_name(sheet.name)
    layout = _layout(where, cells)
    number, header = layout.header
    names = _as_text(header)
    _tell(where, sheet, cells, layout, names)
    schema = pa.schema([(str(n), column.type) for n, column in enumerate(layout.columns)])
    rows = (row for number, row in _full_rows(cells) if number > layout.last_header)
    spool = Spool()
    for block in blocks(rows, ROWS_PER_CHUNK, lambda row: sum(map(size_of_value, row))):
        columns = zip(layout.columns, zip(*block, strict=True), strict=True)
        spool.add(pa.table([one.array(values) for one, values in columns], schema=schema))
    tables = spool.tables()
    if not tables:
        raise UserError(f"{where} has a header but no rows")
    return named(pa.concat_tables(tables), names, f"{where}, row {number}")


def _as_text(row: list[Any]) -> list[str]:
    return ["" if cell is None else shown(cell) for cell in row]


def _full_rows(cells: Any) -> Iterator[Row]:
    """Yield the rows that hold something."""
    for number, row in enumerate(cells.iter_rows(), 1):
        values = [None if cell == "" or cell in ERRORS else cell for cell in row]
        if any(value is not None for value in values):
            yield number, values


def _layout(where: str, cells: Any) -> _Layout:
    """Look at every cell: where the header is, and what the columns below it hold."""
    rows = _full_rows(cells)
    first = list(islice(rows, LOOKED_AT))
    titles = []
    merged = {start[0] + 1 for start, _ in cells.merged_cell_ranges or ()}
    while len(first) > 1 and _is_title(first[0], first[1], merged):
        titles.append(first.pop(0))
    header = first.pop(0)
    beside = [_as_text(row) for _, row in first[:BESIDE_HEADER]]
    left_out = further_headers(_as_text(header[1]), beside, where)
    last = first[left_out - 1][0] if left_out else header[0]
    layout = _Layout(titles, header, last, [TypedColumn() for _ in header[1]])
    for number, row in chain(first[left_out:], rows):
        layout.empty_rows += number - last - 1
        last = number
        for column, value in zip(layout.columns, row, strict=True):
            if value is not None:
                column.see(value, number)
    return layout


def _is_title(row: Row, below: Row, merged: set[int]) -> bool:
    """Say whether a row is the title of a table, above names for several columns.

    It is one text, of several words, or in `merged` cells, or apart from the names. A single word
    right above others is the name of a column beside one without.
    """
    (number, cells), (next_number, others) = row, below
    filled = [cell for cell in cells if cell is not None]
    names = [cell for cell in others if cell is not None]
    if len(filled) != 1 or len(names) < 2 or not all(isinstance(one, str) for one in names):
        return False
    [title] = filled
    apart = number in merged or next_number > number + 1
    return isinstance(title, str) and (apart or len(title.split()) > 1)


def _tell(where: str, sheet: Sheet, cells: Any, layout: _Layout, names: list[str]) -> None:
    if layout.titles:
        titles = listed([repr(next(filter(None, row))) for _, row in layout.titles], 3)
        notes.note(f"{where}: {titles} is a title; row {layout.header[0]} names the columns")
    if any(not isinstance(cell, str) for cell in layout.header[1] if cell is not None):
        notes.note(
            f"{where}: row {layout.header[0]} is read as the column names, but looks like data: "
            f"{listed([repr(name) for name in names], 4)}; if it is, add a row of column names "
            "before it"
        )
    if layout.empty_rows:
        notes.note(f"{where}: left out {counted(layout.empty_rows, 'empty row')}")
    if sheet.errors:
        notes.note(
            f"{where}: {counted(sheet.errors, 'cell')} with an error such as #N/A taken as missing"
        )
    if sheet.uncomputed:
        notes.note(
            f"{where}: {counted(sheet.uncomputed, 'formula')} without a stored value taken as "
            "missing; to store the values, open the workbook in a spreadsheet program and save it"
        )
    merged = [end for _, end in cells.merged_cell_ranges or () if end[0] + 1 > layout.last_header]
    if merged:
        notes.note(
            f"{where}: {counted(len(merged), 'merged range')} below the names of the columns; the "
            "value is in the first cell, and the others are missing"
        )
    for name, column in zip(names, layout.columns, strict=True):
        if column.is_rounded:
            notes.note(
                f"{where}: column {name!r} holds numbers of more than 15 digits, of which a "
                "spreadsheet keeps 15; ids must be text there"
            )
        if column.is_mixed:
            rarer = min(column.counts, key=lambda form: column.counts[form])
            found = [f"{form} ({count:,})" for form, count in column.counts.items()]
            notes.note(
                f"{where}: column {name!r} holds {listed(found)}, so it is read as text; "
                f"the first cell with {rarer} is in row {column.firsts[rarer]}"
            )
