"""Lists of labels: in columns of lists, in cells of text, with a delimiter between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any

from gft.cells import multi_hot
from gft.cells.columns import Columns
from gft.cells.delimiters import delimiter_warning, parts_of, several_beside
from gft.cells.lists import list_in
from gft.cells.options import CellForms
from gft.data.cells import UNLABELLED
from gft.data.spelling import spelling
from gft.data.table import Column
from gft.errors import UserError, counted
from gft.targets.several import Several

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
                return parts_of(cell, self.delimiter)
        self.single += 1
        return [cell]


def read(columns: Columns, name: str) -> Columns:
    """Return columns in which a column of labels holds lists in every split, or in none.

    Raises `UserError` for lists of 0 and 1, of lists or of objects, and where cells beside lists
    look like several labels.
    """
    delimiter = columns.options.of(CellForms).label_delimiter
    if delimiter is not None and not delimiter.strip(" "):
        raise UserError(f"--label_delimiter {delimiter!r}: expected the delimiter between labels")
    columns = _of_one_form(columns, name)
    kinds = {split: rows.columns[name] for split, rows in columns.splits_of(name)}
    if not all(column.kind in (*SINGLE, "list") for column in kinds.values()):
        return columns
    counts = _texts(columns, name)
    written = {text: members for text in counts if (members := list_in(text)) is not None}
    held = [column.kind for column in kinds.values()]
    _check_members(columns, name, written)
    model_gives_several = isinstance(columns.target, Several)
    if not ("list" in held or written or delimiter or model_gives_several):
        return columns.warning(delimiter_warning(columns, name, counts))
    plain = Counter({text: n for text, n in counts.items() if text not in written})
    several = several_beside(columns, name, plain, written) if delimiter is None else None
    if several is not None:
        raise UserError(several)
    found = _Found(delimiter, as_text="text" in held)
    for split, column in kinds.items():
        if column.kind != "list" or found.as_text or _has_nulls(columns, split, name):
            columns = _with_lists(columns, split, name, column, found)
    return multi_hot.read(columns.noting(*_notes(columns, name, found, bool(written))), name)


def _of_one_form(columns: Columns, name: str) -> Columns:
    """Return columns in which labels of several forms are texts, or lists where some are lists."""
    import pyarrow as pa

    for split, rows in columns.splits_of(name):
        if rows.columns[name].mixed is None:
            continue
        cells = list(rows.labels([name]).different(name))
        lists = [cell for cell in cells if isinstance(cell, list)]
        every = [*cells, *chain.from_iterable(lists)]
        if any(isinstance(one, dict) for one in every):
            continue  # What holds objects is refused, by the row where they begin.
        if lists:
            found = _Found(None, as_text=True)
            columns = columns.mapped(split, name, found.made, pa.list_(pa.string()))
            columns = columns.noting(*_notes(columns, name, found, False))
        else:
            columns = columns.mapped(split, name, _text, pa.string())
    return columns


def _text(cell: Any) -> str | None:
    return spelling(cell) or None


def _texts(columns: Columns, name: str) -> Counter[str]:
    """Return the different texts in a column, and in how many rows each is."""
    counts: Counter[str] = Counter()
    for _, rows in columns.splits_of(name):
        if rows.columns[name].kind == "text":
            for cell, count in rows.labels([name]).counts(name):
                if spelling(cell):
                    counts[cell] += count
    return counts


def _check_members(columns: Columns, name: str, written: Mapping[str, Sequence[Any]]) -> None:
    """Raise `UserError` for lists of anything else than labels."""
    lists = [rows for _, rows in columns.splits_of(name) if rows.columns[name].kind == "list"]
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
    arrow_type = columns.data.splits[split].table.schema.field(name).type
    arrow_type = arrow_type if column.kind == "list" else pa.list_(arrow_type)
    return columns.mapped(split, name, made, arrow_type, column.classes)


def _named(classes: Sequence[str], found: _Found, cell: Any) -> list[Any] | None:
    """Return the labels of a cell of numbers of classes, by their names."""
    numbers = cell if isinstance(cell, list) else [cell]
    if cell is None or numbers == [UNLABELLED]:
        return None
    found.single += not isinstance(cell, list)
    return [classes[n] for n in numbers if n is not None and 0 <= n < len(classes)]


def _notes(columns: Columns, name: str, found: _Found, written: bool) -> Iterator[str]:
    where = f"column {name!r} of {columns.data.name}"
    if written:
        yield f"{where} has lists written as text: each is read as a list of labels"
    if found.parted:
        cells = counted(found.parted, "cell")
        yield f"--label_delimiter: {cells} of {where} split at {found.delimiter!r}"
    if found.single and found.delimiter is None:
        cells = counted(found.single, "cell")
        yield f"{where} has lists of labels, and {cells} with a single label, read as a list of one"
    if found.nulls:
        only = f"; {counted(found.no_label, 'row')} had nothing else, and no label" * (
            found.no_label > 0
        )
        yield f"{where}: {counted(found.nulls, 'missing value')} within lists left out{only}"
