"""Rows of standard input whose columns have names: csv and tsv with a header, or lines of JSON."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from gft import notes, processes
from gft.data.cells import text_of
from gft.data.lines import LONGEST_LINE
from gft.data.spelling import composed
from gft.engine.features import WINDOW
from gft.errors import UserError, counted, listed, no_such
from gft.functions.streams import windows
from gft.language.json_text import parsed_json

SEPARATORS = {"csv": ",", "tsv": "\t"}
JSONL = "jsonl"
STDIN = "standard input"
SHOWN = 8


@dataclass(frozen=True)
class NamedLines:
    """Some rows of standard input: their cells by column, and the number of the first line.

    `cells` has the inputs, the gold columns that there are, and what is kept.
    """

    cells: dict[str, list[Any]]
    rows: int


def named_lines(
    stream: IO[bytes],
    form: str,
    needed: Sequence[str],
    wanted: Sequence[str],
    kept: Sequence[str] | None,
) -> Iterator[NamedLines]:
    """Yield the rows of a stream in csv, tsv or jsonl.

    Every row has the columns that are `needed`; those of `wanted` are read where they are there,
    and those that are `kept`, `all` for every one. Raises `UserError` that names the line.
    """
    rows = _of_json(stream) if form == JSONL else _of_table(stream, SEPARATORS[form])
    names: dict[str, str] = {}
    for window in rows:
        cells: dict[str, list[Any]] = {}
        for line, row in window:
            if not names:
                names = _names(row, needed, wanted, kept)
                cells = {name: [] for name in names}
            elif not cells:
                cells = {name: [] for name in names}
            for name, own in names.items():
                if own not in row and name in needed:
                    raise UserError(
                        f"line {line:,} of {STDIN} has no {name!r}; it has {listed(row, SHOWN)}"
                    )
                cells[name].append(row.get(own))
        if window:
            yield NamedLines(cells, len(window))


def _names(
    row: Mapping[str, Any],
    needed: Sequence[str],
    wanted: Sequence[str],
    kept: Sequence[str] | None,
) -> dict[str, str]:
    """Return the columns to read, with what the first row calls them. Raises `UserError`."""
    alike = {composed(name): name for name in row}
    absent = [name for name in needed if composed(name) not in alike]
    if absent:
        raise UserError(*(no_such("column", name, row, STDIN) for name in absent))
    carried = [] if kept is None else list(row) if "all" in kept else list(kept)
    wrong = [name for name in carried if composed(name) not in alike]
    if wrong:
        raise UserError(*(f"--keep: {no_such('column', name, row, STDIN)}" for name in wrong))
    there = [name for name in wanted if composed(name) in alike]
    return {name: alike[composed(name)] for name in (*needed, *there, *carried)}


def _of_json(stream: IO[bytes]) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    """Yield windows of rows of JSON, each with the number of its line; empty lines are skipped."""
    number = 0
    for lines in windows(stream, WINDOW * processes.count()):
        rows = []
        for line in lines:
            number += 1
            if line.strip():
                rows.append((number, _object(line, number)))
        yield rows


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        row = parsed_json(line)
    except ValueError as problem:
        raise UserError(f"line {number:,} of {STDIN} is not JSON: {problem}") from None
    if not isinstance(row, dict) or not row:
        raise UserError(
            f"line {number:,} of {STDIN} holds {text_of(line):.40}, expected an object with the "
            'columns of a row: {"text": ..., ...}'
        )
    return row


def _of_table(stream: IO[bytes], separator: str) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    """Yield windows of rows of a table, by the names in its first row; empty lines are skipped."""
    number, first, waiting = 0, 0, ""
    header: list[str] = []
    for lines in windows(stream, WINDOW * processes.count()):
        rows = []
        for line in lines:
            number += 1
            first = first if waiting else number
            waiting = f"{waiting}\n{line}" if waiting else line
            if waiting.count('"') % 2:  # A quoted cell goes on in the next line.
                if len(waiting) > LONGEST_LINE:
                    raise UserError(f"line {first:,} of {STDIN}: its quotation mark is not closed")
                continue
            if not header and separator == ",":
                separator = _separator(waiting)
            fields, waiting = next(csv.reader([waiting], delimiter=separator), []), ""
            if not fields:
                continue
            if not header:
                header = _header(fields)
                continue
            if len(fields) != len(header):
                raise UserError(_ragged(first, fields, header))
            rows.append((first, dict(zip(header, fields, strict=True))))
        yield rows
    if waiting:
        raise UserError(f"line {first:,} of {STDIN}: its quotation mark is not closed")


def _separator(header: str) -> str:
    """Return what separates the cells of a csv, as its header shows: a comma, else a semicolon."""
    if "," in header or ";" not in header:
        return ","
    notes.note(f"{STDIN}: the cells are separated by ';'")
    return ";"


def _header(fields: Sequence[str]) -> list[str]:
    names = [name.strip() for name in fields]
    twice = next((name for n, name in enumerate(names) if name in names[:n]), None)
    if twice is not None:
        raise UserError(f"the header of {STDIN} has the column {twice!r} twice")
    return names


def _ragged(number: int, fields: Sequence[str], header: Sequence[str]) -> str:
    message = f"line {number:,} of {STDIN} has {counted(len(fields), 'cell')}"
    lacking = header[len(fields) :]
    if lacking:
        missing = listed(map(repr, lacking), SHOWN)
        return f"{message} and lacks {missing}; the header names {len(header)}"
    return f"{message}, the header names {len(header)}: {listed(header, SHOWN)}"
