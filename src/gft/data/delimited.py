"""Files of cells: csv and tsv, read as text, with the line of every mistake."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa

from gft import notes
from gft.data.blocks import blocks, size_of_cells
from gft.data.delimiters import Separation, csv_rows, layout_of
from gft.data.headers import further_headers, named
from gft.data.lines import text_lines
from gft.data.numbers import is_number
from gft.data.spool import Spool
from gft.errors import UserError, counted, listed

ROWS_PER_CHUNK = 10_000
COMPARED_ROWS = 1000
BESIDE_HEADER = 4
"""Rows that are looked at to see whether the first of them are headers too."""


def read_delimited(path: Path, tab: bool = False, encoding: str | None = None) -> pa.Table:
    """Return a csv or tsv file as a table of text columns named by its first line.

    Cells are text: `007`, `null` and `NA` stay what they are, an empty cell is ''. A csv follows
    RFC 4180; a tsv (`tab`) has no quoting unless `is_quoted` finds some. `encoding` is UTF-8 where
    nothing is said. A column of row names is numbers, where it holds such. Raises `UserError` with
    file and line.
    """
    layout = layout_of(path, tab, encoding)
    lines = islice(text_lines(path, encoding), layout.skipped, None)
    rows = _quoted_rows(path, lines, layout) if layout.quoted else _plain_rows(path, lines, layout)
    header = next(rows, None)
    if header is None:
        raise UserError(f"{path} is empty; expected a first line with the names of the columns")
    first = list(islice(rows, BESIDE_HEADER))
    left_out = further_headers(header, first, str(path))
    rows = chain(first[left_out:], rows)
    schema = pa.schema([(str(index), pa.large_string()) for index in range(len(header))])
    spool = Spool()
    for block in blocks(rows, ROWS_PER_CHUNK, size_of_cells):
        arrays = [pa.array(cells, pa.large_string()) for cells in zip(*block, strict=True)]
        spool.add(pa.table(arrays, schema=schema))
    table = pa.concat_tables([schema.empty_table(), *spool.tables()])
    table = named(table, header, f"{path}, line {layout.skipped + 1}")
    _note_data_in_header(path, table)
    return table


def _plain_rows(path: Path, lines: Iterator[str], layout: Separation) -> Iterator[list[str]]:
    """Yield the rows of a tsv without quoting, the header first; empty lines are left out."""
    width = 0
    for number, line in enumerate(lines, layout.skipped + 1):
        row = line.rstrip("\r\n").split("\t")
        if len(row) != width:
            if row == [""]:
                continue
            if width:
                raise _ragged(path, number, len(row), width, layout)
            row = _header(path, number, row, layout)
            width = len(row)
        yield row


def _quoted_rows(path: Path, lines: Iterator[str], layout: Separation) -> Iterator[list[str]]:
    """Yield the rows of a quoted file, the header first; empty lines are left out.

    In a file of one column an empty line is an empty cell, but not at the end.
    """
    taken = 0

    def counted_lines() -> Iterator[str]:
        nonlocal taken
        for taken, line in enumerate(lines, 1):  # noqa: B007  (it says how far the reader is)
            yield line

    width, empty_lines, began = 0, 0, layout.skipped + 1
    try:
        for row in csv_rows(counted_lines(), layout.delimiter):
            if empty_lines and row:
                yield from ([""] for _ in range(empty_lines))
                empty_lines = 0
            if not row:
                empty_lines += width == 1
            elif len(row) == width:
                yield row
            elif width:
                raise _ragged(path, began, len(row), width, layout)
            else:
                header = _header(path, began, row, layout)
                width = len(header)
                yield header
            began = layout.skipped + taken + 1
    except csv.Error as problem:
        raise UserError(f"{path}, line {began}: {_explained(str(problem))}") from None


def _header(path: Path, line: int, cells: list[str], layout: Separation) -> list[str]:
    """Return the first row, with a cell for the names of rows where it lacks one."""
    if any("\r" in cell.strip() for cell in cells):
        raise UserError(
            f"{path}, line {line}: some lines end in carriage returns alone, others do not; "
            f"convert it: tr '\\r' '\\n' < {path.name} > new.{path.name}"
        )
    return ["", *cells] if layout.row_names else cells


def _ragged(path: Path, line: int, found: int, expected: int, layout: Separation) -> UserError:
    advice = ""
    if found > expected and layout.quoted:
        mark = "a tab" if layout.delimiter == "\t" else repr(layout.delimiter)
        advice = f"; a cell with {mark} in it must be in quotation marks"
    return UserError(
        f"{path}, line {line}: found {counted(found, 'field')}, "
        f"expected {expected} as in the header{advice}"
    )


def _explained(problem: str) -> str:
    if "field larger" in problem or "unexpected end" in problem:
        return "a quotation mark is opened in this row and never closed"
    if "expected after" in problem:
        return 'text after a closing quotation mark; a quotation mark inside a cell is written ""'
    return problem


def _note_data_in_header(path: Path, table: pa.Table) -> None:
    """Tell the user when the first line is probably a row: a number, or a value of its column."""
    header = table.column_names
    first = table.slice(0, COMPARED_ROWS)
    for name, column in zip(header, first.columns, strict=True):
        if is_number(name) or name in column.to_pylist():
            shown = listed([repr(one if len(one) < 40 else one[:39] + "…") for one in header], 4)
            notes.note(
                f"{path}: the first line is read as the column names, but looks like data: "
                f"{shown}; if it is, add a line of column names before it"
            )
            return
