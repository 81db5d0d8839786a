"""What is in the sheets of a workbook, counted before a reader makes room for its cells.

A reader lays a sheet out from its first cell to its last, so that two cells far apart would take
all memory; and it says nothing of errors and of formulas without a value. Both are seen here, in
one pass over the XML in which nothing is kept.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

from gft.errors import UserError, counted

MOST_BYTES = 1 << 29
"""Of XML in a workbook, unpacked."""
MOST_CELLS = 1 << 24
"""From the first cell of a sheet to the last that holds something."""
BLOCK = 1 << 20
CONTENT = "content.xml"
BOOK = "xl/workbook.xml"


@dataclass
class Sheet:
    """One sheet: how many of its cells hold something, and in how many rows and columns they are.

    `errors` counts cells like #N/A, `uncomputed` formulas without a value.
    """

    name: str
    is_hidden: bool = False
    cells: int = 0
    errors: int = 0
    uncomputed: int = 0
    rows: int = 0
    columns: int = 0

    def add(self, row: int, column: int, rows: int = 1, columns: int = 1) -> None:
        """Count cells that hold something: a block of them from a position on, counted from 0."""
        self.cells += rows * columns
        self.rows = max(self.rows, row + rows)
        self.columns = max(self.columns, column + columns)

    def check_size(self, path: Path) -> None:
        """Raise `UserError` if the sheet takes more room than there should be."""
        if self.rows * self.columns > MOST_CELLS:
            raise UserError(
                f"{path}, sheet {self.name!r}: its cells lie in {counted(self.rows, 'row')} and "
                f"{counted(self.columns, 'column')}, and at most {MOST_CELLS:,} cells are read; "
                "delete what lies far from the table, or save it as csv"
            )


def sheets_in(plain: Path, path: Path) -> list[Sheet]:
    """Return the sheets of an xlsx or ods workbook; `path` is its name in errors.

    Raises `UserError` if it is none, is encrypted or too large.
    """
    with zipfile.ZipFile(plain) as archive:
        parts = {one.filename: one for one in archive.infolist()}
        size = sum(one.file_size for name, one in parts.items() if name.endswith((".xml", ".rels")))
        if size > MOST_BYTES:
            raise UserError(
                f"{path} holds {size >> 20:,} MiB of XML, and at most {MOST_BYTES >> 20} MiB are "
                "read; save the sheet as csv"
            )
        if any(one.flag_bits & 1 for one in parts.values()):
            raise encrypted(path)
        if CONTENT in parts:
            return _sheets_of_ods(archive)
        if BOOK not in parts:
            raise UserError(f"{path} is a zip archive and no workbook: it has no {BOOK}")
        # Read to the end, so that no part is longer than it says.
        for name in parts.keys() & {"xl/sharedStrings.xml", "xl/styles.xml"}:
            _parse(archive, name)
        return _sheets_of_xlsx(archive)


def encrypted(path: Path) -> UserError:
    """Return the error for a workbook with a password."""
    return UserError(f"{path} is encrypted; save it without a password")


def _parse(
    archive: zipfile.ZipFile,
    name: str,
    start: Callable[[str, dict[str, str]], Any] | None = None,
    end: Callable[[str], Any] | None = None,
) -> None:
    """Read a part to its end, and call `start` and `end` for its elements."""
    parser = _parser()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    _feed(archive, name, parser)


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_entities
    return parser


def _feed(archive: zipfile.ZipFile, name: str, parser: expat.XMLParserType) -> None:
    with archive.open(name) as file:
        while block := file.read(BLOCK):
            parser.Parse(block)
    parser.Parse(b"", True)


def _local(tag: str) -> str:
    """Return the name of an element without its namespace."""
    return tag.rpartition(":")[2]


def _refuse_entities(*declaration: Any) -> None:
    raise expat.ExpatError("a document type, which no spreadsheet program writes")


def _sheets_of_xlsx(archive: zipfile.ZipFile) -> list[Sheet]:
    entries: list[dict[str, str]] = []
    targets: dict[str, str] = {}

    def entry(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "sheet":
            entries.append(attributes)

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship":
            targets[attributes["Id"]] = posixpath.join("/xl", attributes["Target"]).lstrip("/")

    _parse(archive, BOOK, entry)
    _parse(archive, "xl/_rels/workbook.xml.rels", relation)
    sheets = []
    for attributes in entries:
        sheet = Sheet(attributes["name"], attributes.get("state", "visible") != "visible")
        found = [targets.get(attributes[key], "") for key in attributes if key.endswith(":id")]
        part = next(iter(found), "")
        if "worksheets/" in part:  # The others are charts and dialogues.
            counter = _XlsxCells(sheet)
            _feed(archive, posixpath.normpath(part), counter.parser)
            counter.close()
            sheets.append(sheet)
    return sheets


class _XlsxCells:
    """Counts the cells of a worksheet: `c` with a value `v` or `is`, and perhaps a formula `f`.

    The value of a formula may be there and empty, so that its text is looked at.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.parser = _parser()
        self.parser.StartElementHandler = self.start
        self.row, self.column = -1, -1
        self.kind: str | None = None
        self.has_value = self.has_formula = self.is_inside = False
        self.letters: dict[str, int] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take an element."""
        match _local(tag):
            case "v" | "is":
                self.has_value = not self.has_formula or self.kind == "str"
                self.is_inside = True
            case "f":
                self.has_formula = True
                self.parser.CharacterDataHandler = self.text
            case "c":
                self.close()
                reference = attributes.get("r")
                self.column = self._column(reference) if reference else self.column + 1
                self.kind = attributes.get("t")
            case "row":
                self.close()
                self.row = int(attributes.get("r", self.row + 2)) - 1
                self.column = -1

    def text(self, data: str) -> None:
        """Take text in a cell with a formula, which is its value if it does not belong to `f`."""
        self.has_value = self.has_value or (self.is_inside and bool(data.strip()))

    def close(self) -> None:
        """Count the cell that was begun."""
        if self.has_formula:
            self.parser.CharacterDataHandler = None
        if self.has_value:
            self.sheet.add(self.row, self.column)
            self.sheet.errors += self.kind == "e"
        elif self.has_formula:
            self.sheet.uncomputed += 1
        self.has_value = self.has_formula = self.is_inside = False

    def _column(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        if letters not in self.letters:
            number = 0
            for letter in letters:
                number = number * 26 + ord(letter) - ord("A") + 1
            self.letters[letters] = number - 1
        return self.letters[letters]


def _sheets_of_ods(archive: zipfile.ZipFile) -> list[Sheet]:
    counter = _OdsCells()
    _parse(archive, CONTENT, counter.start, counter.end)
    return counter.sheets


class _OdsCells:
    """Counts the cells of an ods; rows and cells may be repeated, empty ones a million times."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self.hidden: set[str] = set()
        self.style = ""
        self.row = self.column = 0
        self.rows = 1

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        match _local(tag):
            case "style":
                self.style = attributes.get("style:name", "")
            case "table-properties":
                if attributes.get("table:display") == "false":
                    self.hidden.add(self.style)
            case "table" if "table:name" in attributes:
                is_hidden = attributes.get("table:style-name") in self.hidden
                self.sheets.append(Sheet(attributes["table:name"], is_hidden))
                self.row = 0
            case "table-row":
                self.rows = int(attributes.get("table:number-rows-repeated", 1))
                self.column = 0
            case "table-cell" | "covered-table-cell" if self.sheets:
                self._cell(attributes)

    def _cell(self, attributes: dict[str, str]) -> None:
        columns = int(attributes.get("table:number-columns-repeated", 1))
        sheet = self.sheets[-1]
        if "office:value-type" in attributes:
            sheet.add(self.row, self.column, self.rows, columns)
            if attributes.get("calcext:value-type") == "error":
                sheet.errors += self.rows * columns
        elif "table:formula" in attributes:
            sheet.uncomputed += self.rows * columns
        self.column += columns

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if _local(tag) == "table-row":
            self.row += self.rows
