"""Files of cells: csv and tsv, read as text, with the line of every mistake."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pyarrow as pa

from gft import notes
from gft.data.headers import checked_names
from gft.data.numbers import is_number
from gft.data.opening import open_bytes, text_lines
from gft.data.scratch import Spool
from gft.errors import UserError, counted, listed

ROWS_PER_CHUNK = 10_000
LONGEST_CELL = 1 << 26
"""In characters. A quotation mark that is never closed is found at last here."""
COMPARED_ROWS = 1000


def read_delimited(path: Path, tab: bool = False) -> pa.Table:
    """Return a csv or tsv file as a table of text columns named by its first line.

    Cells are text: `007`, `null` and `NA` stay what they are, an empty cell is ''. A csv follows
    RFC 4180; a tsv (`tab`) has no quoting unless `is_quoted` finds some. Raises `UserError` with
    file and line.
    """
    delimiter = "\t" if tab else _delimiter(path)
    with _long_cells():
        if delimiter != "\t" or is_quoted(path):
            rows = _quoted_rows(path, delimiter)
        else:
            rows = _plain_rows(path)
        header = next(rows, None)
        if header is None:
            raise UserError(f"{path} is empty; expected a first line with the names of the columns")
        schema = pa.schema([(name, pa.large_string()) for name in header])
        spool = Spool()
        while block := list(islice(rows, ROWS_PER_CHUNK)):
            arrays = [pa.array(cells, pa.large_string()) for cells in zip(*block, strict=True)]
            spool.add(pa.table(arrays, schema=schema))
    table = pa.concat_tables([schema.empty_table(), *spool.tables()])
    _note_data_in_header(path, header, table.columns)
    return table


def is_quoted(path: Path) -> bool:
    """Say whether a tsv is quoted: its marks have a meaning, and are not plain text as in GLUE.

    It is when every cell of the header is in quotation marks. It is when every cell that begins
    with a mark is whole, as RFC 4180 writes it, and holds a doubled mark, the only reason to
    quote it. A file whose lines are not all equally wide without quoting is quoted if it can be
    read so: tabs and line ends are then inside quotation marks. No lone mark swallows a row.
    """
    tabs: int | None = None
    marked, whole = False, True
    with open_bytes(path) as file:
        for line in file:
            row = line.rstrip(b"\r\n").removeprefix(b"\xef\xbb\xbf")
            if tabs is None and row:
                tabs = row.count(b"\t")
                if all(_is_whole(cell) for cell in row.split(b"\t")):
                    return True
            if row and row.count(b"\t") != tabs:
                return _reads_quoted(path)
            if whole and b'"' in row:
                begun = [cell for cell in row.split(b"\t") if cell.startswith(b'"')]
                marked = marked or bool(begun)
                whole = all(_is_whole(cell) and b'""' in cell[1:-1] for cell in begun)
    return marked and whole


def _is_whole(cell: bytes) -> bool:
    """Say whether a cell is in quotation marks, with those inside doubled."""
    within = cell[1:-1]
    marks = len(cell) > 1 and cell.startswith(b'"') and cell.endswith(b'"')
    return marks and b'"' not in within.replace(b'""', b"")


def _reads_quoted(path: Path) -> bool:
    try:
        for _ in _quoted_rows(path, "\t"):
            pass
    except UserError:
        return False
    return True


def _delimiter(path: Path) -> str:
    """Return what separates the cells of a file that is called a csv."""
    header = next(text_lines(path), "")
    for mark, name in ((",", ""), (";", "';'"), ("\t", "tabs")):
        if mark in header:
            if name:
                notes.note(f"{path}: the cells are separated by {name}")
            return mark
    return ","


def _plain_rows(path: Path) -> Iterator[list[str]]:
    """Yield the rows of a tsv without quoting, the header first; blank lines are left out."""
    width = 0
    for number, line in enumerate(text_lines(path), 1):
        row = line.rstrip("\r\n").split("\t")
        if len(row) != width:
            if row == [""]:
                continue
            if width:
                raise _ragged(path, number, len(row), width, "\t")
            row = _header(path, number, row)
            width = len(row)
        yield row


def _quoted_rows(path: Path, delimiter: str) -> Iterator[list[str]]:
    """Yield the rows of a quoted file, the header first; blank lines are left out.

    In a file of one column a blank line is an empty cell, but not at the end.
    """
    reader = csv.reader(text_lines(path), delimiter=delimiter, strict=True)
    width, blank, began = 0, 0, 1
    try:
        for row in reader:
            if blank and row:
                yield from ([""] for _ in range(blank))
                blank = 0
            if not row:
                blank += width == 1
            elif len(row) == width:
                yield row
            elif width:
                raise _ragged(path, began, len(row), width, delimiter)
            else:
                header = _header(path, began, row)
                width = len(header)
                yield header
            began = reader.line_num + 1
    except csv.Error as problem:
        raise UserError(f"{path}, line {began}: {_explained(str(problem))}") from None


def _ragged(path: Path, line: int, found: int, expected: int, delimiter: str) -> UserError:
    advice = ""
    if found > expected and delimiter != "\t":
        advice = f"; a cell with {delimiter!r} in it must be in quotation marks"
    return UserError(
        f"{path}, line {line}: found {counted(found, 'field')}, "
        f"expected {expected} as in the header{advice}"
    )


def _explained(problem: str) -> str:
    if "field larger" in problem or "unexpected end" in problem:
        return "a quotation mark is opened in this row and never closed"
    if "expected after" in problem:
        return 'text after a closing quotation mark; a quotation mark inside a cell is written ""'
    if "new-line" in problem:
        return "a carriage return inside a cell that is not in quotation marks"
    return problem


def _header(path: Path, line: int, cells: Iterable[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    where = f"{path}, line {line}"
    if any("\r" in name for name in names):
        raise UserError(
            f"{where}: lines end in carriage returns alone; "
            f"convert it: tr '\\r' '\\n' < {path.name} > new.{path.name}"
        )
    return checked_names(names, where)


def _note_data_in_header(path: Path, header: list[str], columns: list[pa.ChunkedArray]) -> None:
    """Tell the user when the first line is probably a row: a number, or a value of its column."""
    for name, column in zip(header, columns, strict=True):
        if is_number(name) or name in column.slice(0, COMPARED_ROWS).to_pylist():
            shown = listed([repr(one if len(one) < 40 else one[:39] + "…") for one in header], 4)
            notes.note(
                f"{path}: the first line is taken as the names of the columns, and looks like "
                f"a row of data: {shown}; if it is one, put a line with names before it"
            )
            return


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let the csv module read cells longer than 131,072 characters: whole documents."""
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
