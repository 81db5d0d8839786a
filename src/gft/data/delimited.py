"""Files of cells: csv and tsv, read as text, with the line of every mistake."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gft import notes
from gft.data.opening import open_bytes
from gft.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa

BOM = "\ufeff"
ROWS_PER_CHUNK = 50_000
PEEKED_LINES = 200


def read_delimited(path: Path, tab: bool) -> pa.Table:
    """Return a csv or tsv file as a table of text columns named by its first line.

    Cells are text: `007`, `null` and `NA` stay what they are, an empty cell is ''. A csv follows
    RFC 4180; a tsv has no quoting unless it is quoted. Raises `UserError` with file and line.
    """
    import pyarrow as pa

    with open_bytes(path) as raw:
        lines = io.TextIOWrapper(_Utf8(raw, path), encoding="utf-8", newline="")
        rows = _rows(path, lines, tab)
        header = _header(path, next(rows, None))
        chunks: list[list[pa.Array]] = [[] for _ in header]
        for block in _blocks(rows, len(header)):
            for column, cells in zip(chunks, block, strict=True):
                column.append(pa.array(cells, pa.large_string()))
    columns = [pa.chunked_array(column, pa.large_string()) for column in chunks]
    return pa.table(columns, names=header)


def _blocks(rows: Iterator[list[str]], width: int) -> Iterator[list[list[str]]]:
    block: list[list[str]] = [[] for _ in range(width)]
    for count, row in enumerate(rows, 1):
        for column, cell in zip(block, row, strict=True):
            column.append(cell)
        if count % ROWS_PER_CHUNK == 0:
            yield block
            block = [[] for _ in range(width)]
    if block[0]:
        yield block


def _rows(path: Path, lines: io.TextIOWrapper, tab: bool) -> Iterator[list[str]]:
    """Yield the rows, the header first; each is as wide as the header."""
    peeked = [line for _, line in zip(range(PEEKED_LINES), lines, strict=False)]
    if peeked:
        peeked[0] = peeked[0].removeprefix(BOM)
    delimiter = "\t" if tab else _comma(path, peeked[0] if peeked else "")
    quoted = not tab or _is_quoted(peeked)
    reader = csv.reader(
        _chain(peeked, lines),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        strict=quoted,
    )
    width, began = 0, 1
    try:
        for row in reader:
            if row and (width or any(row)):
                width = width or len(row)
                if len(row) != width:
                    raise UserError(
                        f"{path}, line {began}: {len(row)} fields, expected {width} "
                        f"as in the header"
                    )
                yield row
            elif width == 1:
                yield [""]
            began = reader.line_num + 1
    except csv.Error as problem:
        raise UserError(f"{path}, line {began}: {_explained(str(problem))}") from None


def _explained(problem: str) -> str:
    if "field larger" in problem or "unexpected end" in problem:
        return "a quotation mark is opened here and never closed"
    if "expected after" in problem:
        return 'text after a closing quotation mark; write a quotation mark in a cell as ""'
    return problem


def _chain(peeked: list[str], lines: io.TextIOWrapper) -> Iterator[str]:
    yield from peeked
    yield from lines


def _comma(path: Path, header: str) -> str:
    if "," not in header and ";" in header:
        notes.note(f"{path}: the cells are separated by ';'")
        return ";"
    return ","


def _is_quoted(lines: list[str]) -> bool:
    """Say whether a tsv is quoted: every cell that begins with a quotation mark also ends with one.

    One lone mark, as in GLUE's files, means that marks are plain text.
    """
    cells = [
        cell
        for line in lines[: PEEKED_LINES - 1]
        for cell in line.rstrip("\r\n").split("\t")
        if cell.startswith('"')
    ]
    balanced = [
        len(cell) > 1 and cell.endswith('"') and '"' not in cell[1:-1].replace('""', "")
        for cell in cells
    ]
    return bool(cells) and all(balanced)


def _header(path: Path, header: list[str] | None) -> list[str]:
    if header is None:
        raise UserError(f"{path} is empty; expected a first line with the names of the columns")
    names = [name.strip() for name in header]
    for place, name in enumerate(names, 1):
        if not name:
            raise UserError(f"{path}, line 1: column {place} has no name")
        if name in names[: place - 1]:
            raise UserError(f"{path}, line 1: two columns are called {name!r}")
    return names


class _Utf8(io.BufferedIOBase):
    """Bytes that are checked to be UTF-8 text as they are read, so that an error has its line."""

    def __init__(self, raw: io.BufferedIOBase, path: Path) -> None:
        self.raw_file = raw
        self.path = path
        self.line = 1
        self.rest = b""

    def readable(self) -> bool:
        return True

    def read1(self, size: int = -1, /) -> bytes:
        """Return whole characters only, read so far."""
        block = self.raw_file.read(max(size, 1 << 16))
        data = self.rest + block
        try:
            data.decode("utf-8")
            self.rest = b""
        except UnicodeDecodeError as problem:
            if block and len(data) - problem.start < 4:
                data, self.rest = data[: problem.start], data[problem.start :]
            else:
                raise not_utf8(self.path, data, problem, self.line) from None
        if b"\0" in data:
            line = self.line + data[: data.index(b"\0")].count(b"\n")
            raise UserError(f"{self.path}, line {line}: a zero byte; this is no text file")
        self.line += data.count(b"\n")
        return data

    def read(self, size: int | None = -1, /) -> bytes:
        """Return bytes; text files are read through `read1`."""
        return self.read1(-1 if size is None else size)


def not_utf8(path: Path, data: bytes, problem: UnicodeDecodeError, line: int = 1) -> UserError:
    """Return the error for text that is not UTF-8; `line` is where `data` begins."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return UserError(
            f"{path} is UTF-16; convert it: iconv -f UTF-16 -t UTF-8 {path.name} > new.{path.name}"
        )
    at = line + data[: problem.start].count(b"\n")
    return UserError(
        f"{path}, line {at}: byte 0x{data[problem.start]:02x} is not UTF-8; if the file is Latin-1, "
        f"convert it: iconv -f LATIN1 -t UTF-8 {path.name} > new.{path.name}"
    )
