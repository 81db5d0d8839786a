"""Cells that mean a missing value, as `--na` says: R's `na.strings`."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gft.cells.columns import READ_ROWS, Columns
from gft.cells.options import CellForms
from gft.data.cells import with_class_names
from gft.data.numbers import is_missing
from gft.data.table import Column, Rows
from gft.errors import UserError, counted, listed
from gft.language.program import Options

_WHOLE = re.compile(r"([+-]?[0-9]+)[.,]0*")


def values_of(given: Sequence[str] | None) -> tuple[str, ...]:
    """Return the values of `--na`, which commas separate; one with a comma is in double quotes."""
    found: list[str] = []
    for text in given or ():
        found += next(csv.reader([text], skipinitialspace=True), [])
    return tuple(dict.fromkeys(code_text(value) for value in found if value.strip()))


def wanted(options: Options) -> tuple[str, ...]:
    """Return the values of `--na`, none where it is not given. Raises `UserError` without any."""
    given = options.of(CellForms).na
    found = values_of(given)
    if given is not None and not found:
        raise UserError(
            "--na: expected the cells that mean a missing value, such as --na NA,99; "
            "an empty cell is missing without it"
        )
    return found


def code_text(cell: Any) -> str:
    """Return a cell as `--na` names it: 99.0 as 99, without whitespace around it."""
    text = str(cell).strip()
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text


def without(columns: Columns, values: Sequence[str]) -> tuple[Columns, Counter[str]]:
    """Return the columns with nothing in cells that mean a missing value, and their counts.

    Classes that are missing values are none any more.
    """
    taken: Counter[str] = Counter()
    for name in dict.fromkeys(columns.equation.columns if values else ()):
        for split, rows in columns.splits_of(name):
            if rows.columns[name].kind in ("text", "integer", "float", "boolean", "class"):
                columns, some = _cleared(columns, split, rows, name, values)
                taken += some
    return columns, taken


def without_members(columns: Columns, values: Sequence[str]) -> tuple[Columns, Counter[str]]:
    """Return the columns with nothing for members of lists on the left that mean a missing value.

    Words of a text are words whatever they are.
    """
    taken: Counter[str] = Counter()
    for name in dict.fromkeys(columns.equation.left if values else ()):
        if name in columns.equation.inputs:
            continue
        for split, rows in columns.splits_of(name):
            if rows.columns[name].kind == "list":
                columns, some = _cleared(columns, split, rows, name, values)
                taken += some
    return columns, taken


def note_of_taken(values: Sequence[str], taken: Counter[str]) -> str | None:
    """Return how many cells were taken as missing, for a note; None where `--na` is not given."""
    if not values:
        return None
    counts = [f"{value!r} ({taken[value]:,})" for value in values if taken[value]]
    none = [repr(value) for value in values if not taken[value]]
    message = f"--na: {counted(taken.total(), 'cell')} taken as missing: {listed(counts, 8)}"
    if not counts:
        return f"--na: no cell of the equation's columns is {' or '.join(none)}"
    return f"{message}; none is {' or '.join(none)}" if none else message


def check_labels(columns: Columns, split: str | None) -> None:
    """Raise `UserError` if `--na` names all that a split has in a column on the left."""
    names = columns.equation.left if wanted(columns.options) else ()
    for name in [one for one in names if split in dict(columns.splits_of(one))]:
        before = (columns.data.original or columns.data).splits[str(split)]
        labels = _present(before, name)
        if labels and not _present(columns.data.splits[str(split)], name):
            raise UserError(
                f"--na: all {labels:,} cells of column {name!r} of {split} are taken as missing, "
                "so nothing is left to train on"
            )


def _present(rows: Rows, name: str) -> int:
    """Return how many cells of a column are not missing."""
    parts = rows.batches([name], READ_ROWS)
    return sum(cell is not None for part in parts for cell in part[name])


@dataclass(frozen=True)
class _Clearing:
    """What becomes of the cells of a column: some values are missing.

    Those of a column of classes are other numbers then: `numbers` has them by the old ones.
    """

    column: Column
    values: frozenset[str]
    numbers: Mapping[int, int]

    def found_in(self, cell: Any) -> list[str]:
        """Return the values that mean a missing one, of a cell or of the members of a list."""
        members = cell if isinstance(cell, list) else (cell,)
        return [name for one in members if (name := self.as_named(one)) in self.values]

    def cell(self, cell: Any) -> Any:
        """Return what becomes of a cell, or of the members of a list.

        A list of which all members mean a missing value is missing itself.
        """
        if isinstance(cell, list):
            members = [self.cell(one) for one in cell]
            return members if not members or any(one is not None for one in members) else None
        if self.as_named(cell) in self.values:
            return None
        return self.numbers.get(cell, cell) if self.numbers else cell

    def as_named(self, cell: Any) -> str:
        """Return a cell as `--na` names it; '' where there is nothing.

        Of a class it is the name; a code that has a label is named by either.
        """
        if isinstance(cell, list | dict) or is_missing(cell):
            return ""
        code = code_text(cell)
        if self.column.labels and code in self.values:
            return code
        return code_text(with_class_names(self.column, cell))


def _cleared(
    columns: Columns, split: str, rows: Rows, name: str, values: Sequence[str]
) -> tuple[Columns, Counter[str]]:
    """Return the columns with nothing for some values of a column in a split, and their counts."""
    column, counts = rows.columns[name], Counter[str]()
    classes, numbers = column.classes, {}
    if column.classes is not None:
        classes = tuple(one for one in column.classes if code_text(one) not in values)
        numbers = {column.classes.index(one): n for n, one in enumerate(classes)}
    clearing = _Clearing(column, frozenset(values), numbers)
    for part in rows.batches([name], READ_ROWS):
        for cell in part[name]:
            counts.update(clearing.found_in(cell))
    if not counts and classes == column.classes:
        return columns, counts
    arrow_type = rows.table.schema.field(name).type
    return columns.mapped(split, name, clearing.cell, arrow_type, classes, labelled=True), counts
