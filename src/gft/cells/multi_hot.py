"""Lists of 0 and 1 of one length, which are no lists of labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from gft.cells.columns import READ_ROWS, Columns
from gft.data.spelling import spelling
from gft.errors import UserError

ON_OR_OFF = frozenset({"0", "1", "0.0", "1.0", "true", "false"})


def read(columns: Columns, name: str) -> Columns:
    """Return columns in which lists of 0 and 1 for named classes are lists of those classes.

    Raises `UserError` for those whose classes have no names.
    """
    splits = [rows for _, rows in columns.splits_of(name)]
    members = (one for rows in splits for one in rows.labels([name]).different(name))
    if not {spelling(one).casefold() for one in members} <= ON_OR_OFF:
        return columns
    lengths: Counter[int] = Counter()
    repeats, example = False, None
    for split, row, cell in _lists_of(columns, name):
        lengths[len(cell)] += 1
        repeats = repeats or len(set(map(spelling, cell))) < len(cell)
        example = example or ((split, row, cell) if cell else None)
    widths = lengths.keys() - {0}
    classes = splits[0].columns[name].classes if splits else None
    sure = repeats or not (lengths[0] or classes)
    if example is None or len(widths) != 1 or min(widths) < 2 or not sure:
        return columns
    [width] = widths
    if classes is not None and len(classes) == width:
        return _of_named(columns, name, classes)
    split, row, cell = example
    shortened = f"{cell}" if width <= 12 else f"{cell[:8]}".replace("]", ", ...]")
    raise UserError(
        f"column {name!r} of {columns.data.name} holds lists of {width} values that are 0 or 1, "
        f"such as {shortened} (row {row:,} of {split}), which name no label; give a list of label "
        'names per row, such as ["anger", "fear"], or one column of 0 and 1 for each label: '
        f"'{columns.task}: anger + fear ~ text'"
    )


def _lists_of(columns: Columns, name: str) -> Iterator[tuple[str, int, list[Any]]]:
    """Yield the lists of a column with the split and the row, from 1, that each is in."""
    for split, rows in columns.splits_of(name):
        parts = (part[name] for part in rows.batches([name], READ_ROWS))
        for row, cell in enumerate(chain.from_iterable(parts), 1):
            if cell is not None:
                yield split, row, cell


def _of_named(columns: Columns, name: str, classes: Sequence[str]) -> Columns:
    def made(cell: Any) -> list[int] | None:
        return None if cell is None else [n for n, one in enumerate(cell) if int(one)]

    for split, rows in list(columns.splits_of(name)):
        arrow_type = rows.table.schema.field(name).type
        columns = columns.mapped(split, name, made, arrow_type, rows.columns[name].classes)
    return columns.noting(
        f"column {name!r} of {columns.data.name} holds lists of 0 and 1, one for each of its "
        f"{len(classes)} named classes: each 1 is read as the class at its position"
    )
