"""What a text in a spreadsheet means as a cell of labels, and columns with such cells."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from gft.cells.columns import Columns
from gft.cells.delimiters import parts_of
from gft.cells.lists import list_in
from gft.cells.options import CellForms
from gft.data.cells import UNLABELLED, with_class_names
from gft.data.numbers import COMMA, how_written, number_in, with_point
from gft.data.spelling import comparing, spelling
from gft.data.table import Column, DataSet, Rows
from gft.errors import UserError, no_such
from gft.language.program import Options


class LabelReader:
    """Finds the cell of a column that a text from a spreadsheet means."""

    def __init__(self, columns: Columns, data: DataSet, name: str, options: Options) -> None:
        """Take columns as a task has read them, and the data as it was."""
        self.name, self.data = name, data
        self.numeric = columns.target.numeric
        self.of_lists = any(
            rows.columns[name].kind == "list" for _, rows in columns.splits_of(name)
        )
        self.delimiter = options.of(CellForms).label_delimiter
        splits = [rows for rows in data.splits.values() if name in rows.columns]
        self.column: Column = splits[0].columns[name]
        if self.column.kind in ("struct", "file", "other") or self.column.mixed:
            raise UserError(
                f"--corrections: column {name!r} of {data.name} holds {self.column.kind} values, "
                "which cannot be corrected in a table"
            )
        self.comma = self.numeric and self._notation(splits) == COMMA
        self.known = {} if self.numeric else dict(self._known(splits))
        self._key: Callable[[str], str] = comparing(list(self.known)) if self.known else spelling

    def _notation(self, splits: Sequence[Rows]) -> str:
        texts = (
            cell
            for rows in splits
            if rows.columns[self.name].kind == "text"
            for cell in rows.labels([self.name]).different(self.name)
            if cell is not None
        )
        return how_written(texts).decimal

    def _known(self, splits: Sequence[Rows]) -> list[tuple[str, Any]]:
        """Return the labels of the data as they are written, each with its cell or member."""
        found: dict[str, Any] = {}
        for rows in splits:
            column = rows.columns[self.name]
            for cell in rows.labels([self.name]).different(self.name):
                for member in self._members(cell) if self.of_lists else [cell]:
                    text = spelling(with_class_names(column, member))
                    if text and (column.classes is None or member != UNLABELLED):
                        found.setdefault(text, member)
        return list(found.items())

    def _members(self, cell: Any) -> Sequence[Any]:
        if isinstance(cell, str):
            written = list_in(cell)
            if written is not None:
                return written
            return parts_of(cell, self.delimiter) if self.delimiter else [cell]
        return cell if isinstance(cell, list) else [cell]

    def is_same(self, text: str, other: str) -> bool:
        """Say whether two texts mean the same label."""
        if text == other:
            return True
        if self.numeric:
            return self._number(text) is not None and self._number(text) == self._number(other)
        if self.of_lists:
            pair = [{self._key(spelling(one)) for one in self._members(x)} for x in (text, other)]
            return pair[0] == pair[1]
        return self._key(text) == self._key(other)

    def cell(self, text: str) -> Any:
        """Return the cell that a text means. Raises `UserError` for what is no label."""
        if self.numeric:
            return self._of_number(text)
        if not self.of_lists:
            return self._one(text)
        members = [self._one(spelling(one)) for one in self._members(text) if spelling(one)]
        if self.column.kind == "list":
            return members
        if self.delimiter and members:
            return self.delimiter.join(map(str, members))
        return json.dumps(members, ensure_ascii=False)

    def _one(self, text: str) -> Any:
        if text in self.known:
            return self.known[text]
        key = self._key(text)
        alike = [cell for name, cell in self.known.items() if self._key(name) == key]
        if len(alike) == 1:
            return alike[0]
        raise UserError(
            f"{no_such('label', text, self.known, f'column {self.name!r} of {self.data.name}')}; "
            "add a new label to the data first"
        )

    def _number(self, text: str) -> float | None:
        """Return a number as the data writes it, or with a point, or as a spreadsheet does."""
        commas = with_point(text, COMMA)
        for plain in (commas if self.comma else None, text, commas):
            if plain is not None and (number := number_in(plain)) is not None:
                return number
        return None

    def _of_number(self, text: str) -> Any:
        number = self._number(text)
        if number is None:
            raise UserError(f"{text!r} is not a number; expected one for column {self.name!r} has")
        if self.column.kind == "text":
            return str(number).replace(".", COMMA) if self.comma else str(number)
        return number


def with_cells(rows: Rows, name: str, cells: Mapping[int, Any]) -> Rows:
    """Return rows with other cells in a column, by their numbers."""
    if not cells:
        return rows
    column = rows.table.column(name)
    if rows.indices is not None:
        column = column.take(pa.array(rows.indices))
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    fractions = any(isinstance(cell, float) for cell in cells.values())
    if pa.types.is_integer(column.type) and fractions:
        column = column.cast(pa.float64())
    new = pa.array(list(cells.values()), column.type)
    splits = np.arange(len(column))
    splits[list(cells)] = len(column) + np.arange(len(cells))
    whole = pa.chunked_array([*column.chunks, new], column.type).take(pa.array(splits))
    same = column.type == rows.table.schema.field(name).type
    return rows.with_cells(name, whole, rows.classes.get(name), labelled=same)
