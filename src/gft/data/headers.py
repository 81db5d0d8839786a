"""What a table says of itself before its rows: names of columns, whatever form the file has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import count
from typing import TYPE_CHECKING

from gft import notes
from gft.data.numbers import is_number
from gft.errors import UserError, counted, listed

if TYPE_CHECKING:
    import pyarrow as pa

ROW_NAME = "row_name"
"""What the column is called that holds the names of rows, as R and pandas write them."""
_IMPORT_ID = re.compile(r"""\{\s*["']ImportId["']\s*:""")
"""How the cells of the third row of a survey begin that Qualtrics exported."""
_OF_ANSWERS = {"response", "open-ended response", "other (please specify)"}
"""What the second row of a survey says below the questions that SurveyMonkey exported."""
_OF_QUALTRICS = {
    "startdate", "enddate", "recordeddate", "status", "responsetype", "ipaddress", "progress",
    "durationinseconds", "finished", "responseid", "responseset", "externaldatareference",
    "emailaddress", "recipientemail", "recipientlastname", "recipientfirstname",
    "distributionchannel", "userlanguage", "locationlatitude", "locationlongitude",
}  # fmt: skip
"""What Qualtrics calls its own columns, in one of the rows before the answers."""
_NO_LETTERS = re.compile(r"[\W_]+")
ENOUGH = 3


def checked_names(cells: Sequence[str], where: str) -> list[str]:
    """Return the names in a header, without whitespace around them.

    Raises `UserError`, which begins with `where`, for a column without a name and for a name that
    two columns have.
    """
    names = [cell.strip() for cell in cells]
    before: set[str] = set()
    for index, name in enumerate(names, 1):
        if not name:
            raise _nameless(index, where)
        if name in before:
            raise UserError(
                f"{where}: two columns are called {name!r}; the first line must name the columns"
            )
        before.add(name)
    return names


def _nameless(index: int, where: str) -> UserError:
    return UserError(f"{where}: column {index} has no name; the first line must name the columns")


def named(table: pa.Table, cells: Sequence[str], where: str) -> pa.Table:
    """Return a table whose columns have the names in a header, in their order.

    A first column without a name holds the names of rows if they differ from each other: it is
    called `row_name`, and is numbers where it holds such. Other columns without a name are left
    out if they are empty. A note tells both. Raises `UserError`, which begins with `where`, for
    other columns without a name and for a name that two columns have.
    """
    import pyarrow.compute as pc

    names = [cell.strip() for cell in cells]
    kept, empty = [], 0
    for index, name in enumerate(names):
        column = table.column(index)
        if name:
            kept.append(index)
        elif _is_empty(column):
            empty += 1
        elif index == 0 and len(pc.unique(column)) == len(column):
            names[0] = free_name(names)
            numbers = _numbers(column)
            table = table if numbers is None else table.set_column(0, "0", numbers)
            kept.append(0)
            notes.note(f"{where}: the first column has no name and names the rows: {names[0]}")
        else:
            raise _nameless(index + 1, where)
    if empty:
        notes.note(
            f"{where}: {counted(empty, 'column')} without a name and without values left out"
        )
    return table.select(kept).rename_columns(checked_names([names[n] for n in kept], where))


def _is_empty(column: pa.ChunkedArray) -> bool:
    """Say whether all cells are missing or empty."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_large_string(column.type):
        return bool(column.null_count == len(column))
    empty = pc.equal(pc.utf8_trim_whitespace(column), "")
    return bool(pc.all(pc.fill_null(empty, True)).as_py())


def free_name(names: Iterable[str]) -> str:
    """Return what the column is called that names rows, beside columns of other names."""
    known = set(names)
    return next(name for name in (ROW_NAME + "_" * n for n in count()) if name not in known)


def _numbers(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return cells as whole numbers, None if they are not written as such."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        numbers = column.cast(pa.int64())
    except pa.ArrowInvalid:
        return None
    same = pc.all(pc.equal(numbers.cast(column.type), column)).as_py()
    return numbers if same else None


def further_headers(header: Sequence[str], rows: Sequence[Sequence[str]], where: str) -> int:
    """Return how many of the rows after a header are headers too, and tell the user of them.

    Surveys have one or two: the questions, and what Qualtrics imports by. `rows` are the first
    ones, `where` the file.
    """
    imported = [index for index, row in enumerate(rows[:2]) if _is_of_import(row)]
    if imported:
        left_out = imported[0] + 1
        what = "the questions and Qualtrics' ImportId" if left_out > 1 else "Qualtrics' ImportId"
    elif rows and (_repeats(header, rows[0]) or _is_of_answers(rows[0])):
        left_out, what = 1, f"it begins {rows[0][0][:40]!r}" if rows[0][0] else "names of columns"
    else:
        _warn_of_questions(header, rows, where)
        return 0
    begin = "row 2 is a header too" if left_out == 1 else "rows 2 and 3 are headers too"
    notes.note(f"{where}: {begin} ({what}), and left out")
    return left_out


def _is_of_import(row: Sequence[str]) -> bool:
    cells = [cell for cell in row if cell.strip()]
    return bool(cells) and all(_IMPORT_ID.match(cell.strip()) for cell in cells)


def _repeats(header: Sequence[str], row: Sequence[str]) -> bool:
    """Say whether a row names columns: as the header does, or as Qualtrics does (Start Date)."""
    names, cells = list(map(_plain, header)), list(map(_plain, row))
    if len(names) > 1 and cells == names:
        return True
    return sum(cell in _OF_QUALTRICS for cell in cells) >= ENOUGH and not any(map(is_number, row))


def _is_of_answers(row: Sequence[str]) -> bool:
    cells = [cell.strip().casefold() for cell in row if cell.strip()]
    return bool(cells) and cells[0] in _OF_ANSWERS and len(row) > len(cells)


def _plain(text: str) -> str:
    return _NO_LETTERS.sub("", text).casefold()


def _warn_of_questions(header: Sequence[str], rows: Sequence[Sequence[str]], where: str) -> None:
    """Tell the user of a question that stands in a column of numbers: perhaps it is a header."""
    if len(rows) < 3:
        return
    asked = [
        name
        for name, cell, *others in zip(header, *rows, strict=True)
        if cell.strip().endswith("?") and all(map(is_number, others))
    ]
    if asked:
        notes.note(
            f"{where}: the first row looks like a second header: it asks a question in "
            f"{listed(asked, 3)}, whose other cells are numbers; if it is one, remove it"
        )
