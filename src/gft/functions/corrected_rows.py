"""The rows of the data that a table of corrections is about, and what does not fit between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile

from gft.data.corrections import MARK, Corrections, Line
from gft.data.marks import row_marks, shown_cell
from gft.data.same_cell import is_same_cell
from gft.data.table import DataSet
from gft.errors import UserError, counted, no_such

Place = tuple[str, int]
"""A split and the number of a row in it, from 0."""
SHOWN = 5
"""So many rows of the table are named that do not fit the data."""
SHOWN_TEXT = 40
"""So many characters of a text are shown."""


class RowMistakes:
    """Mistakes in rows of a table, told in the order of its rows: the first ones, and how many."""

    def __init__(self, path: object) -> None:
        """Take the table's path."""
        self._path = path
        self._found: list[tuple[int, str]] = []

    def add(self, place: int, told: str) -> None:
        """Remember what is wrong with a row of the table, a sentence that begins after its row."""
        self._found.append((place, told))

    def raise_any(self, cause: str) -> None:
        """Raise what there is as one `UserError`; of many rows their likely `cause` comes first."""
        if not self._found:
            return
        self._found.sort()
        lines = [f"--corrections {self._path}, row {n}{told}" for n, told in self._found[:SHOWN]]
        more = len(self._found) - SHOWN
        if more > 0:
            lines.insert(0, f"--corrections {self._path}: {cause}")
            lines.append(f"and {counted(more, 'more row')} of {self._path}")
        raise UserError(*lines)


def placed(
    found: Corrections, data: DataSet, usual: str, inputs: Sequence[str]
) -> dict[Place, Line]:
    """Return the lines of a table by the rows of the data that they are about.

    `usual` is the split where none is said. Raises `UserError` where there is no such row, where
    two lines contradict each other, where the inputs are others than when the table was written
    (its marks), or where the table's own cells of the inputs are those of another row: a column
    that was sorted by itself.
    """
    lines = _by_place(found, data, usual)
    _check_marks(lines, data, inputs, found)
    _check_inputs(lines, data, inputs, found)
    return lines


def _by_place(found: Corrections, data: DataSet, usual: str) -> dict[Place, Line]:
    lines: dict[Place, Line] = {}
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
                    f" and row {other.file_row} say different things of row {line.row + 1:,} of "
                    f"{split}",
                )
    absent.raise_any(f"this table is of other data than {data.name}, which has no such rows")
    twice.raise_any("this table has rows more than once, with different labels")
    return lines


def _numbers(lines: Mapping[Place, Line]) -> dict[str, list[int]]:
    """Return the rows of each split that lines are about, ascending."""
    splits = dict.fromkeys(split for split, _ in lines)
    return {split: sorted(row for name, row in lines if name == split) for split in splits}


def _check_marks(
    lines: Mapping[Place, Line], data: DataSet, inputs: Sequence[str], found: Corrections
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
        f"this table is of other data than {data.name}, or of other inputs, or its column 'row' "
        f"or {MARK!r} was sorted by itself"
    )


def _check_inputs(
    lines: Mapping[Place, Line], data: DataSet, inputs: Sequence[str], found: Corrections
) -> None:
    wrong = RowMistakes(found.path)
    for split, numbers in _numbers(lines).items():
        some = data.splits[split].select(numbers)
        for n, name in enumerate(inputs):
            column = some.columns[name]
            if column.kind in ("file", "boolean"):  # Named by place, and in every language.
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
