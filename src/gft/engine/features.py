"""Encoded rows in a compact form: flat arrays instead of Python lists, long ones in files."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np

from gft.covariates.unknown import UnknownCells
from gft.data.compact import Cells
from gft.data.scratch import GrowingArray
from gft.data.table import Rows
from gft.inputs.features import Unread
from gft.inputs.windows import WINDOWS, first_windows
from gft.tasks.protocol import Encoded, Feature, Task

TOKENS = "input_ids"
WINDOW = 1024
"""Rows that are read, encoded and sorted by length together."""

SAMPLED = 4
"""Windows of a row that a model is tested with: a row may have thousands."""

Array = np.ndarray[Any, Any]


class FeatureStore:
    """The features of one split, in row order; each is returned as a dict of arrays.

    Lists of numbers (token ids, their labels) and one-dimensional arrays (sound) are concatenated
    and stored with offsets; other values are stored as they are. `golds` are the gold values of
    the rows, and `rows` is the row that each feature belongs to, None with one feature a row.
    """

    def __init__(self, length_of: str, golds: Cells) -> None:
        self.length_of = length_of
        self.golds = golds
        self.rows: Array | None = None
        self._growing: dict[str, tuple[GrowingArray, GrowingArray]] = {}
        self._flat: dict[str, Array] = {}
        self._offsets: dict[str, Array] = {}
        self._values: dict[str, Cells] = {}
        self._row_parts = GrowingArray()
        self._count = 0
        self._picked: Array | None = None

    def extend(self, encoded: Encoded, start: int) -> None:
        """Append the features of rows from row `start` on; all have the same names."""
        for first in range(0, len(encoded.features), WINDOW):
            self._extend(list(encoded.features[first : first + WINDOW]))
        if encoded.rows is not None:
            self._row_parts.extend(np.asarray(encoded.rows, dtype=np.int64) + start)
        self._count += len(encoded.features)

    def _extend(self, features: Sequence[Feature]) -> None:
        for name in features[0]:
            values = [feature[name] for feature in features]
            if name not in self._values and _is_flat(values[0]):
                flat, ends = self._growing.setdefault(name, (GrowingArray(), GrowingArray()))
                flat.extend(_joined(values))
                ends.extend(np.array([len(value) for value in values], dtype=np.int64))
            else:
                self._values.setdefault(name, Cells()).extend(values)

    def close(self) -> FeatureStore:
        """Join what was appended; nothing can be appended afterwards."""
        for name, (flat, lengths) in self._growing.items():
            self._flat[name] = flat.closed()
            self._offsets[name] = _sums(lengths.closed())
        self._growing.clear()
        for cells in self._values.values():
            cells.close()
        rows = self._row_parts.closed()
        self.rows = rows if len(rows) else None
        return self

    def select(self, rows: Array) -> FeatureStore:
        """Return the features of some rows, by ascending index; the stored arrays are shared."""
        some = copy(self)
        some.golds = self.golds.select(rows)
        picked = rows
        if self.rows is not None:
            picked = np.flatnonzero(np.isin(self.rows, rows))
            some.rows = np.searchsorted(rows, self.rows[picked])
        some._picked = picked if self._picked is None else self._picked[picked]
        some._count = len(picked)
        return some

    def lengths(self) -> Array:
        """Return the length of each feature, such as its number of tokens; 0 without one."""
        if self.length_of in self._values:
            found = np.array(self._values[self.length_of], dtype=np.int64)
        elif self.length_of in self._offsets:
            found = np.diff(self._offsets[self.length_of])
        else:
            return np.zeros(self._count, dtype=np.int64)
        return found if self._picked is None else found[self._picked]

    def row_lengths(self) -> Array:
        """Return the length of each row: the sum over its features if it has several."""
        if self.rows is None:
            return self.lengths()
        return np.bincount(self.rows, self.lengths(), len(self.golds)).astype(np.int64)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> Feature:
        row = number if self._picked is None else int(self._picked[number])
        feature: Feature = {
            name: flat[self._offsets[name][row] : self._offsets[name][row + 1]]
            for name, flat in self._flat.items()
        }
        for name, values in self._values.items():
            feature[name] = values[row]
        return feature


def _sums(lengths: Array) -> Array:
    """Return the offsets of concatenated values, and the end of the last one."""
    growing = GrowingArray()
    growing.extend(np.zeros(1, dtype=np.int64))
    growing.extend(np.cumsum(lengths, dtype=np.int64))
    return growing.closed()


def _is_flat(value: Any) -> bool:
    """Say whether a value is a list of numbers or a one-dimensional array."""
    if isinstance(value, np.ndarray):
        return value.ndim == 1
    if isinstance(value, array):
        return True
    return isinstance(value, list) and all(isinstance(one, int | float) for one in value)


def _joined(values: Sequence[Any]) -> Array:
    """Return concatenated lists of numbers: integers as int32, others in their precision."""
    if isinstance(values[0], np.ndarray):
        return np.concatenate(values)
    if any(isinstance(value, array) for value in values):
        return np.concatenate([np.array(value, dtype=np.int32) for value in values])
    numbers = [x for value in values for x in value]
    whole = not any(isinstance(x, float) for x in numbers)
    return np.array(numbers, dtype=np.int32 if whole else np.float64)


def unlabelled(features: Sequence[Feature]) -> list[Feature]:
    """Return features without their labels."""
    return [
        {name: value for name, value in feature.items() if name != "labels"} for feature in features
    ]


def samples(features: Sequence[Feature]) -> list[Feature]:
    """Return features without labels, and of each row no more than `SAMPLED` windows."""
    return [first_windows(feature, SAMPLED) for feature in unlabelled(features)]


def length_of(feature: Feature, name: str) -> int:
    """Return the length of a feature's part of that name."""
    value = feature.get(name, ())
    return value if isinstance(value, int) else len(value)


def each_alone(features: Sequence[Feature], name: str) -> bool:
    """Say whether features of equal length may still differ in length for the model."""
    return name != TOKENS or any(WINDOWS in feature for feature in features)


def of_one_length(features: Sequence[Feature], name: str) -> list[list[Feature]]:
    """Return the features grouped by length, in the order of the lengths' first occurrence.

    Each feature alone if lengths are not counted in tokens, or are those of several windows.
    """
    if each_alone(features, name):
        return [[feature] for feature in features]
    found: dict[int, list[Feature]] = {}
    for feature in features:
        found.setdefault(length_of(feature, name), []).append(feature)
    return list(found.values())


def encode_split(
    task: Task, processor: Any, rows: Rows, golds: Cells, max_length: int
) -> tuple[FeatureStore, Unread, int, UnknownCells]:
    """Return the features of rows with gold values as `labels`, and three counts about them.

    These are what is truncated, how many rows are empty, and which cells of covariates train
    does not have.
    """
    store, unread, empty, start = FeatureStore(task.length_of, golds), Unread(), 0, 0
    unknown = UnknownCells()
    for part in rows.batches(task.inputs, WINDOW):
        stop = start + len(part[task.inputs[0]])
        encoded = task.encode(processor, part, max_length, golds[start:stop])
        store.extend(encoded, start)
        start = stop
        unread += encoded.unread(task.length_of)
        inputs = zip(*(part[name] for name in task.texts), strict=True)
        empty += sum(not any(map(_says, row)) for row in inputs)
        unknown.add(task.unknown_cells(part))
    return store.close(), unread, empty, unknown


def _says(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None
