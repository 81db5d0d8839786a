"""The labels of a split, read from its table once and handed on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gft.data.compact import Cells
from gft.data.scratch import GrowingArray

if TYPE_CHECKING:
    from gft.data.table import Rows

READ_ROWS = 10_000
MOST_KINDS = 1 << 16
"""With more different cells than these, each row keeps its own."""

Array = np.ndarray[Any, Any]
Parted = Callable[[Any], Sequence[Any]]
"""Returns the parts of a cell, such as the words between its spaces."""


@dataclass(frozen=True, eq=False)
class Golds:
    """The gold values of some rows: `known` says which rows have one, `values` are those."""

    known: Array
    values: Cells

    def of(self, numbers: Array | None) -> Cells:
        """Return the values of rows that all have one; of None, those of all rows that do."""
        if numbers is None or len(numbers) == len(self.values):
            return self.values
        ranks = np.cumsum(self.known) - 1
        return self.values.select(ranks[numbers])


class Labels:
    """The cells of label columns, a cell that recurs kept once.

    Of columns of lists, and of cells that are `parted`, it is their members that are kept once.
    Objects, such as the answers of SQuAD, stay in the table.
    """

    def __init__(self, rows: Rows, names: Sequence[str], parted: Parted | None = None) -> None:
        self.count = len(rows)
        self.columns = {name: _column(rows, name, parted) for name in names}

    def select(self, numbers: Array) -> Labels:
        """Return the labels of some rows."""
        some = Labels.__new__(Labels)
        some.count = len(numbers)
        some.columns = {name: one.select(numbers) for name, one in self.columns.items()}
        return some

    def batches(self, size: int = READ_ROWS) -> Iterator[dict[str, list[Any]]]:
        """Yield `size` rows at a time as a dict of Python lists, one per column."""
        for start in range(0, self.count, size):
            stop = min(start + size, self.count)
            yield {name: one.cells(start, stop) for name, one in self.columns.items()}

    def different(self, name: str) -> Iterable[Any]:
        """Return the different cells of a column, or members of its lists, each at least once."""
        return self.columns[name].different()

    def counts(self, name: str) -> Iterator[tuple[Any, int]]:
        """Yield each different cell of a column, or member of its lists, and how often it is there.

        Some may come more than once, each time with a part of the count.
        """
        return self.columns[name].counts()

    def first(self, name: str, value: Any) -> int:
        """Return the first row with a cell, from 0."""
        every = (cell for part in self.batches() for cell in part[name])
        return next(row for row, cell in enumerate(every) if cell is value or cell == value)

    def lengths(self, name: str) -> Array:
        """Return how many members each cell of a column has, shape (rows,)."""
        column = self.columns[name]
        assert isinstance(column, _Lists | _Stored)  # Other columns hold no lists.
        return column.lengths()

    def golds(self, of: Callable[[Mapping[str, Sequence[Any]]], Sequence[Any]]) -> Golds:
        """Return the gold values that `of` makes of cells, None where a row has no label."""
        values = Cells()
        known = np.zeros(self.count, dtype=bool)
        coded = next(iter(self.columns.values())) if len(self.columns) == 1 else None
        if isinstance(coded, _Coded):
            every = of({next(iter(self.columns)): coded.values})
            found = ([every[code] for code in part] for part in _parts(coded.codes))
        else:
            found = (list(of(part)) for part in self.batches())
        start = 0
        for golds in found:
            there = [gold for gold in golds if gold is not None]
            known[start : start + len(golds)] = [gold is not None for gold in golds]
            values.extend(there)
            start += len(golds)
        values.close()
        return Golds(known, values)


def _parts(codes: Array) -> Iterator[list[int]]:
    for start in range(0, len(codes), READ_ROWS):
        yield codes[start : start + READ_ROWS].tolist()


def _counted(values: list[Any], codes: Array) -> Iterator[tuple[Any, int]]:
    counts = np.bincount(codes, minlength=len(values)).tolist()
    return ((value, count) for value, count in zip(values, counts, strict=True) if count)


class _Column(ABC):
    """The cells of one column."""

    @abstractmethod
    def select(self, numbers: Array) -> _Column:
        """Return those of some rows."""

    @abstractmethod
    def cells(self, start: int, stop: int) -> list[Any]:
        """Return those from one row to another."""

    @abstractmethod
    def different(self) -> Iterable[Any]:
        """Return the different cells, or members of lists; some may come more than once."""

    def counts(self) -> Iterator[tuple[Any, int]]:
        """Yield cells, or members of lists, and how often they are there."""
        return ((one, 1) for one in self.different())


@dataclass(frozen=True, eq=False)
class _Coded(_Column):
    """Cells of which many are the same: the different ones, and the number of each row's."""

    values: list[Any]
    codes: Array

    def select(self, numbers: Array) -> _Coded:
        return _Coded(self.values, self.codes[numbers])

    def cells(self, start: int, stop: int) -> list[Any]:
        return [self.values[code] for code in self.codes[start:stop].tolist()]

    def different(self) -> list[Any]:
        return [self.values[code] for code in np.unique(self.codes).tolist()]

    def counts(self) -> Iterator[tuple[Any, int]]:
        return _counted(self.values, self.codes)


@dataclass(frozen=True, eq=False)
class _Lists(_Column):
    """Lists: the different members, the numbers of all members end to end, and where rows begin.

    `missing` says which cells are no lists, `chosen` which rows these are.
    """

    values: list[Any]
    codes: Array
    begins: Array
    missing: Array
    chosen: Array

    def select(self, numbers: Array) -> _Lists:
        return _Lists(self.values, self.codes, self.begins, self.missing, self.chosen[numbers])

    def cells(self, start: int, stop: int) -> list[Any]:
        return [
            None if self.missing[row] else [self.values[code] for code in self._codes(row)]
            for row in self.chosen[start:stop].tolist()
        ]

    def _codes(self, row: int) -> list[int]:
        found: list[int] = self.codes[self.begins[row] : self.begins[row + 1]].tolist()
        return found

    def different(self) -> list[Any]:
        if len(self.chosen) == len(self.missing):
            return self.values
        used = np.zeros(len(self.values), dtype=bool)
        for row in self.chosen.tolist():
            used[self.codes[self.begins[row] : self.begins[row + 1]]] = True
        return [self.values[code] for code in np.flatnonzero(used).tolist()]

    def counts(self) -> Iterator[tuple[Any, int]]:
        if len(self.chosen) == len(self.missing):
            return _counted(self.values, self.codes)
        every = [self.codes[self.begins[row] : self.begins[row + 1]] for row in self.chosen]
        return _counted(self.values, np.concatenate([self.codes[:0], *every]))

    def lengths(self) -> Array:
        return np.asarray(np.diff(self.begins)[self.chosen])


@dataclass(frozen=True, eq=False)
class _Own(_Column):
    """Cells of which few are the same, such as texts, each row its own."""

    values: Sequence[Any]

    def select(self, numbers: Array) -> _Own:
        return _Own([self.values[number] for number in numbers.tolist()])

    def cells(self, start: int, stop: int) -> list[Any]:
        return list(self.values[start:stop])

    def different(self) -> Sequence[Any]:
        return self.values


@dataclass(frozen=True, eq=False)
class _Stored(_Column):
    """Cells that stay in the table and are read, and `parted`, when they are asked for."""

    rows: Rows
    name: str
    parted: Parted | None = None

    def select(self, numbers: Array) -> _Stored:
        return _Stored(self.rows.select(numbers), self.name, self.parted)

    def cells(self, start: int, stop: int) -> list[Any]:
        found = self.rows.select(range(start, stop)).column(self.name)
        return found if self.parted is None else [self._parts(cell) for cell in found]

    def _parts(self, cell: Any) -> Any:
        return None if cell is None or self.parted is None else list(self.parted(cell))

    def different(self) -> Iterator[Any]:
        for cell in self._every():
            yield from [cell] if self.parted is None else self._parts(cell) or ()

    def lengths(self) -> Array:
        return np.array([len(self._parts(cell) or ()) for cell in self._every()], dtype=np.int64)

    def _every(self) -> Iterator[Any]:
        for part in self.rows.batches([self.name], READ_ROWS):
            yield from part[self.name]


class _Numbering:
    """Numbers for different values, in the order of their first appearance."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def of(self, value: Any) -> int:
        """Return the number of a value; `0.0` and `-0.0`, or 1 and true, are different."""
        key = value
        if isinstance(value, float):
            key = (float, repr(value))
        elif not isinstance(value, str):
            key = (type(value), value)
        number = self._numbers.setdefault(key, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number


def _column(rows: Rows, name: str, parted: Parted | None) -> _Column:
    kind = rows.columns[name].kind
    if parted is not None or kind == "list":
        return _lists(rows, name, parted or _as_list)
    if kind in ("struct", "other", "file"):
        return _Stored(rows, name)
    numbering, codes = _Numbering(), GrowingArray()
    parts = rows.batches([name], READ_ROWS)
    read = 0
    for part in parts:
        codes.extend(np.array([numbering.of(value) for value in part[name]], dtype=np.int32))
        read += len(part[name])
        if len(numbering.values) > max(MOST_KINDS, read // 2):
            before = codes.closed()
            own = [numbering.values[code] for code in before.tolist()]
            for rest in parts:
                own += rest[name]
            return _Own(own)
    return _Coded(numbering.values, codes.closed())


def _as_list(cell: Any) -> Sequence[Any]:
    found: Sequence[Any] = cell
    return found


def _lists(rows: Rows, name: str, parted: Parted) -> _Column:
    """Return a column of lists; where their members are lists, or hardly recur, it stays there."""
    numbering, codes, lengths = _Numbering(), GrowingArray(), GrowingArray()
    missing, members = [], 0
    for part in rows.batches([name], READ_ROWS):
        cells = [() if cell is None else parted(cell) for cell in part[name]]
        if any(isinstance(one, list | dict) for cell in cells for one in cell):
            return _Stored(rows, name, parted)
        codes.extend(np.array([numbering.of(one) for cell in cells for one in cell], np.int32))
        lengths.extend(np.array([len(cell) for cell in cells], dtype=np.int64))
        members += sum(map(len, cells))
        if len(numbering.values) > max(MOST_KINDS, members // 2):
            return _Stored(rows, name, parted)
        missing.append(np.array([cell is None for cell in part[name]], dtype=bool))
    return _Lists(
        numbering.values,
        codes.closed(),
        np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths.closed())]),
        np.concatenate(missing) if missing else np.zeros(0, dtype=bool),
        np.arange(len(rows)),
    )
