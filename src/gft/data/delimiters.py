"""What separates the cells of a file, and whether they are quoted: what parses every line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from gft import notes
from gft.data.lines import text_lines

DELIMITERS = {",": "','", ";": "';'", "\t": "tabs", "|": "'|'", " ": "spaces"}
"""What may separate cells, and what it is called; what comes first wins where all is equal."""
USUAL = ",;\t"
"""What separates cells in a file where no delimiter fits every line."""
SAMPLED_LINES = 1000
SAMPLED_CHARACTERS = 1 << 20
FEWEST_MARKED = 3
"""In so few rows of a tsv marks around all cells of a column may well be speech."""
LONGEST_CELL = 1 << 26
"""In characters. A quotation mark that is never closed is found at last here."""
CARRIAGE_RETURN = "\udc0d"
"""Stands for one inside a cell while the csv module reads, which takes it for the end of a row."""
_DECLARED = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
_SEPARATING_COMMA = re.compile(r"(?<!\d),(?! )|,(?![\d ])")
"""A comma that belongs neither to an amount (1,5) nor to a sentence."""


@dataclass(frozen=True)
class Separation:
    """How the cells of a file are written.

    `skipped` lines come before the header. Cells that are not `quoted` hold their marks as text.
    In a file with `row_names` each row has one cell more than the header, the first.
    """

    delimiter: str
    quoted: bool = True
    skipped: int = 0
    row_names: bool = False


@dataclass(frozen=True)
class _Parse:
    """What becomes of a sample with one delimiter: the columns, and how many rows have as many."""

    delimiter: str
    columns: int
    fitting: int
    whole: bool
    row_names: bool = False


def layout_of(path: Path, tab: bool = False, encoding: str | None = None) -> Separation:
    """Return how a csv is written, or a tsv (`tab`); tell the user where it is not as usual.

    Raises `UserError` for what is no text.
    """
    sample, ended = _sample(path, encoding)
    declared = _DECLARED.fullmatch(sample[0]) if sample else None
    skipped = 0
    if declared is not None:
        skipped = 1
        shown = DELIMITERS.get(declared[1], repr(declared[1]))
        notes.note(f"{path}: the cells are separated by {shown}, as its first line says (sep=)")
    candidates = declared[1] if declared is not None else "\t" if tab else "".join(DELIMITERS)
    chosen = _chosen([_parse(sample[skipped:], ended, one) for one in candidates], sample)
    if declared is None and not tab and chosen.delimiter != ",":
        notes.note(f"{path}: the cells are separated by {DELIMITERS[chosen.delimiter]}")
    quoted = chosen.delimiter != "\t" or is_quoted(path, encoding, skipped)
    return Separation(chosen.delimiter, quoted, skipped, chosen.row_names)


def _sample(path: Path, encoding: str | None) -> tuple[list[str], bool]:
    """Return the first lines of a file, and whether these are all."""
    sample: list[str] = []
    characters = 0
    for line in text_lines(path, encoding):
        if len(sample) == SAMPLED_LINES or characters > SAMPLED_CHARACTERS:
            return sample, False
        sample.append(line)
        characters += len(line)
    return sample, True


def _chosen(parses: Sequence[_Parse], sample: Sequence[str]) -> _Parse:
    """Return the parse that reads a file best.

    It is the one with the most columns of those that fit every line; where two have as many, a
    comma does not separate cells if it always stands within amounts or sentences. Blanks and `|`
    separate only where nothing else does. Where none fits every line it is the one that most fit.
    """
    if len(parses) == 1:
        return parses[0]
    whole = [one for one in parses if one.whole and one.columns > 1]
    usual = [one for one in whole if one.delimiter in USUAL] or whole
    if not usual:
        broken = [one for one in parses if one.delimiter in USUAL and one.columns > 1]
        return max(broken, key=lambda one: one.fitting, default=parses[0])
    most = max(one.columns for one in usual)
    best = [one for one in usual if one.columns == most]
    if len(best) > 1 and not any(map(_SEPARATING_COMMA.search, sample[1:])):
        best = [one for one in best if one.delimiter != ","]
    return best[0]


def _parse(sample: Sequence[str], ended: bool, delimiter: str) -> _Parse:
    """Return what becomes of a sample; one that is not the whole file may end within a row."""
    if delimiter == " " and not (sample and _all_marked(sample[0], delimiter)):
        return _Parse(delimiter, 0, 0, False)
    rows: list[list[str]] = []
    whole = True
    try:
        rows.extend(row for row in csv_rows(sample, delimiter) if row)
    except csv.Error as problem:
        whole = not ended and "unexpected end" in str(problem)
    if not whole and delimiter == "\t":
        plain = [line.rstrip("\r\n") for line in sample]
        rows, whole = [line.split("\t") for line in plain if line], True
    if not rows:
        return _Parse(delimiter, 0, 0, False)
    columns, after = len(rows[0]), rows[1:]
    # Without marks a comma more is one inside a text; R writes marks, or tabs.
    lacks = delimiter == "\t" or _all_marked(sample[0], delimiter)
    if lacks and after and all(len(row) == columns + 1 for row in after) and _numbered(after):
        return _Parse(delimiter, columns + 1, len(after), whole, row_names=True)
    fitting = sum(len(row) == columns for row in after)
    return _Parse(delimiter, columns, fitting, whole and fitting == len(after))


def _all_marked(line: str, delimiter: str) -> bool:
    """Say whether all cells of a line are in quotation marks, as in a header that R writes."""
    return all(map(_is_whole, line.rstrip("\r\n").split(delimiter)))


def _numbered(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether each row begins with a number of its own, as R writes the names of rows."""
    first = [row[0] for row in rows]
    return all(cell.isdecimal() for cell in first) and len(set(first)) == len(first)


def csv_rows(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Yield the rows of quoted lines as the csv module reads them, empty ones as [].

    A carriage return inside a cell stays, in quotation marks or not. Raises `csv.Error`.
    """
    marked = False

    def shielded() -> Iterator[str]:
        nonlocal marked
        for line in lines:
            body = line.rstrip("\r\n")
            if "\r" in body:
                marked = True
                yield body.replace("\r", CARRIAGE_RETURN) + line[len(body) :]
            else:
                yield line

    with _long_cells():
        for row in csv.reader(shielded(), delimiter=delimiter, strict=True):
            yield [cell.replace(CARRIAGE_RETURN, "\r") for cell in row] if marked else row


def is_quoted(path: Path, encoding: str | None = None, skipped: int = 0) -> bool:
    """Say whether a tsv is quoted: its marks have a meaning, and are not plain text as in GLUE.

    It is when every cell of the header is in quotation marks. It is when every cell that begins
    with a mark is whole, as RFC 4180 writes it, and holds a doubled mark, the only reason to
    quote it, or stands in a column whose cells all are; a note says so. A file whose lines are not
    all equally wide without quoting is quoted if it can be read so: tabs and line ends are then
    inside quotation marks. No lone mark swallows a row.
    """
    tabs: int | None = None
    rows, whole, doubled = 0, True, False
    bare: set[int] = set()
    always: set[int] = set()
    for line in islice(text_lines(path, encoding), skipped, None):
        row = line.rstrip("\r\n")
        if not row:
            continue
        if tabs is None:
            tabs = row.count("\t")
            always.update(range(tabs + 1))
            if _all_marked(row, "\t"):
                return True
        elif row.count("\t") != tabs:
            return _reads_quoted(path, encoding, skipped)
        elif whole:
            cells = dict(enumerate(row.split("\t"))) if '"' in row else {}
            begun = {n: cell for n, cell in cells.items() if cell.startswith('"')}
            of_one = {n for n, cell in begun.items() if '""' not in cell[1:-1]}
            rows, doubled = rows + 1, doubled or len(of_one) < len(begun)
            bare |= of_one
            always &= begun.keys()
            whole = all(map(_is_whole, begun.values())) and bare <= always
    if not whole or not (doubled or (bare and rows >= FEWEST_MARKED)):
        return False
    if bare:
        shown = "in quotation marks are read without them"
        notes.note(f"{path}: columns whose cells are all {shown}")
    return True


def _is_whole(cell: str) -> bool:
    """Say whether a cell is in quotation marks, with those inside doubled."""
    within = cell[1:-1]
    marks = len(cell) > 1 and cell.startswith('"') and cell.endswith('"')
    return marks and '"' not in within.replace('""', "")


def _reads_quoted(path: Path, encoding: str | None, skipped: int) -> bool:
    """Say whether all rows of a tsv are equally wide once marks are read."""
    widths: set[int] = set()
    try:
        for row in csv_rows(islice(text_lines(path, encoding), skipped, None), "\t"):
            if row:
                widths.add(len(row))
            if len(widths) > 1:
                return False
    except csv.Error:
        return False
    return True


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let the csv module read cells longer than 131,072 characters: whole documents."""
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
