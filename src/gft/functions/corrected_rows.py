"""The rows of the data that a table of corrections is about, and what does not fit between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile

from gft.data.corrections import MARK, Corrections, Line
from gft.data.marks import row_marks, shown_cell
from gft.data.same_cell import is_same_cell
from gft.data.table import DataSet
from gft.errors import UserError, counted, no_such

RowKey = tuple[str, int]
"""A split and the number of a row in it, from 0."""
SHOWN = 5
"""The number of wrong rows that a message names."""
SHOWN_TEXT = 40
"""The number of characters of a text that are shown."""


class RowMistakes:
    """Mistakes in rows of a table, in the order of the rows: the first ones, and their number."""

    def __init__(self, path: object) -> None:
        """Take the table's path."""
        self._path = path
        self._found: list[tuple[int, str]] = []

    def add(self, index: int, message: str) -> None:
        """Add the mistake in a row of the table; its message begins after the row's number."""
        self._found.append((index, message))

    def raise_any(self, cause: str) -> None:
        """Raise the mistakes as one `UserError`; with many rows the likely `cause` comes first."""
        if not self._found:
            return
        self._found.sort()
        lines = [
            f"--corrections {self._path}, row {n}{message}" for n, message in self._found[:SHOWN]
        ]
        more = len(self._found) - SHOWN
        if more > 0:
            lines.insert(0, f"--corrections {self._path}: {cause}")
            lines.append(f"and {counted(more, 'more row')} of {self._path}")
        raise UserError(*lines)


def placed(
    found: Corrections, data: DataSet, usual: str, inputs: Sequence[str]
) -> dict[RowKey, Line]:
    """Return the lines of a table by the rows of the data that they correct.

    `usual` is the split of lines that name none. Raises `UserError` where there is no such row,
    where two lines contradict each other, where the inputs have changed since the table was written
    (by its hashes), or where the table has the inputs of another row: a column was sorted on its
    own.
    """
    lines = _by_row_key(found, data, usual)
    _check_marks(lines, data, inputs, found)
    _check_inputs(lines, data, inputs, found)
    return lines


def _by_row_key(found: Corrections, data: DataSet, usual: str) -> dict[RowKey, Line]:
    lines: dict[RowKey, Line] = {}
    absent, twice = RowMistakes(found.path), RowMistakes(found.path)
    for line in found.lines:
        split = line.split or usual
        if split not in data.splits:
            absent.add(line.file_row, f": {no_such('split', split, data.splits, data.name)}")
        elif line.row >= len(data.splits[split]):
            rows = counted(len(data.splits[split]), "row")
            absent.add(line.file_row, f": there is no row {line.row + 1:,}; {split} has {rows}")
        else:
            other = lines.setdefault((split, line.row), line)
            if (other.corrected, other.labels) != (line.corrected, line.labels):
                twice.add(
                    line.file_row,
                    f" and row {other.file_row} give different labels for row {line.row + 1:,} of "
                    f"{split}",
                )
    absent.raise_any(f"this table belongs to other data than {data.name}, which has no such rows")
    twice.raise_any("this table has rows more than once, with different labels")
    return lines


def _numbers(lines: Mapping[RowKey, Line]) -> dict[str, list[int]]:
    """Return the rows of each split that lines are about, ascending."""
    splits = dict.fromkeys(split for split, _ in lines)
    return {split: sorted(row for name, row in lines if name == split) for split in splits}


def _check_marks(
    lines: Mapping[RowKey, Line], data: DataSet, inputs: Sequence[str], found: Corrections
) -> None:
    wrong = RowMistakes(found.path)
    for split, numbers in _numbers(lines).items():
        marks = row_marks(data.splits[split].select(numbers), inputs)
        for number, mark in zip(numbers, marks, strict=True):
            line = lines[split, number]
            if line.mark != mark:
                wrong.add(
                    line.file_row,
                    f": row {number + 1:,} of {split} of {data.name} has other inputs than when "
                    f"the table was written ({MARK}); the data has changed, or row numbers have",
                )
    wrong.raise_any(
        f"this table belongs to other data than {data.name}, or to other inputs, or its column "
        f"'row' or {MARK!r} was sorted by itself"
    )


def _check_inputs(
    lines: Mapping[RowKey, Line], data: DataSet, inputs: Sequence[str], found: Corrections
) -> None:
    wrong = RowMistakes(found.path)
    for split, numbers in _numbers(lines).items():
        some = data.splits[split].select(numbers)
        for n, name in enumerate(inputs):
            column = some.columns[name]
            if column.kind in ("file", "boolean"):  # Their text depends on paths and language.
                continue
            for number, cell in zip(numbers, some.column(name), strict=True):
                line, own = lines[split, number], shown_cell(column, cell)
                text = line.inputs[n]
                if text is not None and not is_same_cell(text, own, found.guessed):
                    wrong.add(
                        line.file_row,
                        f": the {name} of row {number + 1:,} of {split} is not that of the data "
                        f"({_where_they_differ(text, own)}): was a column sorted by itself, or "
                        f"edited? Leave {name!r} as it was written, or take that column out",
                    )
    wrong.raise_any(
        "its inputs and row numbers do not belong together: was a column sorted by itself?"
    )


def _where_they_differ(found: str, own: str) -> str:
    """Return the parts of two texts where they begin to differ, for a sentence."""
    texts = [" ".join(text.split()) for text in (found, own)]
    same = takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False))
    start = max(0, len(list(same)) - SHOWN_TEXT // 2)
    parts = [text[start : start + SHOWN_TEXT] for text in texts]
    shown = [
        f"{'...' if start else ''}{part}{'...' if len(text) > start + SHOWN_TEXT else ''}"
        for text, part in zip(texts, parts, strict=True)
    ]
    return f"{shown[0]!r}, not {shown[1]!r}"
