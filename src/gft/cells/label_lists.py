"""Lists of labels: in columns of lists, in cells of text, with a delimiter between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any

from gft.cells.columns import READ_ROWS, Columns
from gft.cells.lists import list_in
from gft.cells.options import CellForms
from gft.data.cells import UNLABELLED
from gft.data.numbers import is_number
from gft.data.problem import shown
from gft.data.spelling import spelling
from gft.data.table import Column
from gft.errors import UserError, counted
from gft.targets.several import Several

DELIMITERS = (";", "|", ",")
MOST_KINDS = 20_000
"""A column with more different cells than that is not looked at for delimiters."""
ON_OR_OFF = frozenset({"0", "1", "0.0", "1.0", "true", "false"})
SINGLE = ("text", "class", "integer", "float", "boolean")
"""The kinds of columns whose cells are one label each."""


@dataclass
class _Found:
    """What the cells of a column are made of: lists of labels, each by its text or number.

    It counts what was done on the way.
    """

    delimiter: str | None
    as_text: bool
    parted: int = 0
    single: int = 0
    nulls: int = 0
    no_label: int = 0
    lists: dict[str, list[Any] | None] = field(default_factory=dict)

    def made(self, cell: Any) -> list[Any] | None:
        """Return the labels of a cell, None where it says nothing of them."""
        nothing = f" \t{self.delimiter or ''}"
        if cell is None or (isinstance(cell, str) and not cell.strip().strip(nothing)):
            return None
        members = cell if isinstance(cell, list) else self._members(cell)
        labels = [one for one in members if spelling(one)]
        self.nulls += len(members) - len(labels)
        if members and not labels:
            self.no_label += 1
            return None
        return [spelling(one) for one in labels] if self.as_text else labels

    def _members(self, cell: Any) -> list[Any]:
        if isinstance(cell, str):
            if cell not in self.lists:
                self.lists[cell] = list_in(cell)
            written = self.lists[cell]
            if written is not None:
                return written
            if self.delimiter is not None:
                self.parted += self.delimiter in cell
                return _parts(cell, self.delimiter)
        self.single += 1
        return [cell]


def read(columns: Columns, name: str) -> Columns:
    """Return columns in which a column of labels holds lists in every split, or in none.

    Raises `UserError` for lists of 0 and 1, of lists or of objects, and where cells beside lists
    look like several labels.
    """
    delimiter = columns.options.of(CellForms).label_delimiter
    if delimiter is not None and not delimiter.strip(" "):
        raise UserError(f"--label_delimiter {delimiter!r}: expected what stands between labels")
    kinds = {split: rows.columns[name] for split, rows in columns.places(name)}
    if not all(column.kind in (*SINGLE, "list") for column in kinds.values()):
        return columns
    counts = _texts(columns, name)
    written = {text: members for text in counts if (members := list_in(text)) is not None}
    held = [column.kind for column in kinds.values()]
    _check_members(columns, name, written)
    model_gives_several = isinstance(columns.target, Several)
    if not ("list" in held or written or delimiter or model_gives_several):
        return columns.warning(_told_delimiter(columns, name, counts))
    plain = Counter({text: n for text, n in counts.items() if text not in written})
    several = _several_beside(columns, name, plain, written) if delimiter is None else None
    if several is not None:
        raise UserError(several)
    found = _Found(delimiter, as_text="text" in held)
    for split, column in kinds.items():
        if column.kind != "list" or found.as_text or _has_nulls(columns, split, name):
            columns = _with_lists(columns, split, name, column, found)
    return _without_indicators(columns.noting(*_told(columns, name, found, bool(written))), name)


def _texts(columns: Columns, name: str) -> Counter[str]:
    """Return the different texts in a column, and in how many rows each is."""
    counts: Counter[str] = Counter()
    for _, rows in columns.places(name):
        if rows.columns[name].kind == "text":
            for cell, count in rows.labels([name]).counts(name):
                if spelling(cell):
                    counts[cell] += count
    return counts


def _check_members(columns: Columns, name: str, written: Mapping[str, Sequence[Any]]) -> None:
    """Raise `UserError` for lists of anything else than labels."""
    lists = [rows for _, rows in columns.places(name) if rows.columns[name].kind == "list"]
    natively = (one for rows in lists for one in rows.labels([name]).different(name))
    in_texts = chain.from_iterable(written.values())
    if any(isinstance(one, list | dict) for one in chain(natively, in_texts)):
        raise UserError(
            f"column {name!r} of {columns.data.name} holds lists of lists or objects; "
            f"{columns.task} needs lists of labels"
        )


def _has_nulls(columns: Columns, split: str, name: str) -> bool:
    members = columns.data.splits[split].labels([name]).different(name)
    return any(not spelling(one) for one in members)


def _with_lists(columns: Columns, split: str, name: str, column: Column, found: _Found) -> Columns:
    """Return columns with lists in a split's column; numbers of classes stay what they are."""
    import pyarrow as pa

    made: Callable[[Any], Any] = found.made
    if found.as_text:
        if column.classes is not None:
            made = partial(_named, column.classes, found)
        return columns.mapped(split, name, made, pa.list_(pa.string()))
    kind = columns.data.splits[split].table.schema.field(name).type
    kind = kind if column.kind == "list" else pa.list_(kind)
    return columns.mapped(split, name, made, kind, column.classes)


def _named(classes: Sequence[str], found: _Found, cell: Any) -> list[Any] | None:
    """Return the labels of a cell of numbers of classes, by their names."""
    numbers = cell if isinstance(cell, list) else [cell]
    if cell is None or numbers == [UNLABELLED]:
        return None
    found.single += not isinstance(cell, list)
    return [classes[n] for n in numbers if n is not None and 0 <= n < len(classes)]


def _told(columns: Columns, name: str, found: _Found, written: bool) -> Iterator[str]:
    where = f"column {name!r} of {columns.data.name}"
    if written:
        yield f"{where} has lists written as text: each is read as a list of labels"
    if found.parted:
        cells = counted(found.parted, "cell")
        yield f"--label_delimiter: {cells} of {where} taken apart at {found.delimiter!r}"
    if found.single and found.delimiter is None:
        cells = counted(found.single, "cell")
        yield f"{where} has lists of labels, and {cells} with one label by itself: a list of one"
    if found.nulls:
        only = f"; {counted(found.no_label, 'row')} had nothing else, and no label" * (
            found.no_label > 0
        )
        yield f"{where}: {counted(found.nulls, 'missing value')} within lists left out{only}"


# Several labels in a cell, with a delimiter between them.


def likely_delimiter(counts: Mapping[str, int], of_lists: Iterable[str] = ()) -> str | None:
    """Return what seems to stand between several labels in cells, None where nothing does.

    `counts` says in how many rows each cell is; `of_lists` are labels known from lists. The parts
    of such cells recur as labels, alone or beside others; `Food, drink` is always whole.
    """
    if len(counts) > MOST_KINDS:
        return None
    known = set(of_lists)
    for delimiter in DELIMITERS:
        parts = {text: _parts(text, delimiter) for text in counts}
        joint = [text for text, several in parts.items() if len(several) > 1]
        if not joint or (sum(counts[text] for text in joint) < 2 and not known):
            continue
        if delimiter == "," and all(is_number(text.replace(",", ".")) for text in counts):
            continue
        cells = Counter(part for several in parts.values() for part in set(several))
        cells.update(known)
        recurring = all(cells[part] > 1 for text in joint for part in parts[text])
        fewer = len(cells) < len(parts) and any(cells[one] > 1 for t in joint for one in parts[t])
        if recurring or (fewer and not known):
            return delimiter
        if known and any(part in known for text in joint for part in parts[text]):
            return delimiter
    return None


def _parts(text: str, delimiter: str) -> list[str]:
    return [part.strip() for part in text.split(delimiter) if part.strip()]


def _told_delimiter(columns: Columns, name: str, counts: Mapping[str, int]) -> str | None:
    """Return a warning where cells look like several labels."""
    delimiter = likely_delimiter(counts)
    if delimiter is None:
        return None
    joint = [text for text in counts if len(_parts(text, delimiter)) > 1]
    rows = counted(sum(counts[text] for text in joint), "row")
    return (
        f"column {name!r} of {columns.data.name} looks like several labels with {delimiter!r} "
        f"between them, such as {shown(joint[0])} ({rows}); each combination is taken as a class "
        f"of its own: --label_delimiter {_quoted(delimiter)} takes them apart"
    )


def _several_beside(
    columns: Columns, name: str, plain: Mapping[str, int], written: Mapping[str, Sequence[Any]]
) -> str | None:
    """Return what is wrong where cells beside lists look like several labels."""
    members = {spelling(one) for found in written.values() for one in found}
    delimiter = likely_delimiter(plain, members)
    if delimiter is None:
        return None
    joint = next(text for text in plain if len(_parts(text, delimiter)) > 1)
    a_list = f"lists, such as {shown(next(iter(written)))}, and " if written else ""
    return (
        f"column {name!r} of {columns.data.name} has {a_list}cells that look like several labels, "
        f"such as {shown(joint)}: give --label_delimiter {_quoted(delimiter)} if they are, or "
        "write every row as a list"
    )


def _quoted(delimiter: str) -> str:
    return delimiter if delimiter == "," else f"'{delimiter}'"


# Lists of 0 and 1.


def _without_indicators(columns: Columns, name: str) -> Columns:
    """Return columns in which lists of 0 and 1 for named classes are lists of those classes.

    Raises `UserError` for those whose classes have no names.
    """
    splits = [rows for _, rows in columns.places(name)]
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
    for split, rows in columns.places(name):
        parts = (part[name] for part in rows.batches([name], READ_ROWS))
        for row, cell in enumerate(chain.from_iterable(parts), 1):
            if cell is not None:
                yield split, row, cell


def _of_named(columns: Columns, name: str, classes: Sequence[str]) -> Columns:
    def made(cell: Any) -> list[int] | None:
        return None if cell is None else [n for n, one in enumerate(cell) if int(one)]

    for split, rows in list(columns.places(name)):
        kind = rows.table.schema.field(name).type
        columns = columns.mapped(split, name, made, kind, rows.columns[name].classes)
    return columns.noting(
        f"column {name!r} of {columns.data.name} holds lists of 0 and 1, one for each of its "
        f"{len(classes)} named classes: each 1 is read as the class at its place"
    )
