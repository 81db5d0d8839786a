"""Encoded rows, kept compactly: flat arrays instead of millions of Python lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gft.data.table import Rows
from gft.tasks.protocol import Feature, Task

WINDOW = 1024
"""Rows that are read, encoded and sorted by length together."""

Array = np.ndarray[Any, Any]


class FeatureStore:
    """Features of one split, in row order; each comes back as a dict of arrays.

    Lists of integers (token ids) are stored end to end with offsets; other values as they are.
    """

    def __init__(self) -> None:
        self._parts: dict[str, list[Array]] = {}
        self._flat: dict[str, Array] = {}
        self._offsets: dict[str, Array] = {}
        self._values: dict[str, list[Any]] = {}
        self._lengths: dict[str, list[int]] = {}
        self._count = 0

    def extend(self, features: Sequence[Feature]) -> None:
        """Append features; all have the same names."""
        for name in features[0] if features else ():
            values = [feature[name] for feature in features]
            if isinstance(values[0], list) and name != "labels":
                self._parts.setdefault(name, []).append(
                    np.fromiter((x for value in values for x in value), dtype=np.int32)
                )
                self._lengths.setdefault(name, []).extend(len(value) for value in values)
            else:
                self._values.setdefault(name, []).extend(values)
        self._count += len(features)

    def close(self) -> FeatureStore:
        """Join what was appended; nothing is appended after."""
        for name, parts in self._parts.items():
            self._flat[name] = np.concatenate(parts)
            self._offsets[name] = np.concatenate([[0], np.cumsum(self._lengths[name])])
        self._parts.clear()
        return self

    def lengths(self) -> Array:
        """Return the number of tokens of each row."""
        return np.diff(self._offsets["input_ids"])

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, row: int) -> Feature:
        feature: Feature = {
            name: flat[self._offsets[name][row] : self._offsets[name][row + 1]]
            for name, flat in self._flat.items()
        }
        for name, values in self._values.items():
            feature[name] = values[row]
        return feature


def encode_split(
    task: Task, processor: Any, rows: Rows, max_length: int
) -> tuple[FeatureStore, int]:
    """Return the features of a labelled split, with `labels`, and how many rows were cut."""
    store, cut = FeatureStore(), 0
    for part in rows.batches((*task.inputs, *task.outputs), WINDOW):
        encoded = task.encode(processor, part, max_length)
        for feature, gold in zip(encoded.features, task.golds(part), strict=True):
            feature["labels"] = gold
        store.extend(encoded.features)
        cut += sum(encoded.cut)
    return store.close(), cut
