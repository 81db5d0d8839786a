"""One value for each of many rows, kept compactly where they are numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from gft.data.scratch import GrowingArray

Array = np.ndarray[Any, Any]


class Cells(Sequence[Any]):
    """Values that are appended and then read: whole numbers, fractions, or lists of as many each.

    Those become an array, in a file when there are many, and come back as Python's own; any
    other values are kept as they are.
    """

    def __init__(self) -> None:
        self._growing: GrowingArray | None = None
        self._form: tuple[type, int] | None = None
        self._array: Array | None = None
        self._values: list[Any] = []
        self._count = 0

    @classmethod
    def of(cls, values: Sequence[Any]) -> Cells:
        """Return these values."""
        cells = cls()
        cells.extend(values)
        cells.close()
        return cells

    def extend(self, values: Sequence[Any]) -> None:
        """Append values."""
        if not len(values):
            return
        form = _form(values)
        if self._count == 0 and form is not None:
            self._growing, self._form = GrowingArray(), form
        if self._growing is not None and form == self._form:
            self._growing.extend(np.array(values))
        else:
            self._spread()
            self._values.extend(values)
        self._count += len(values)

    def close(self) -> None:
        """Nothing is appended after."""
        if self._growing is not None:
            self._array, self._growing = self._growing.closed(), None

    def select(self, indices: Array) -> Cells:
        """Return some of the values."""
        some = Cells()
        some._count = len(indices)
        if self._array is None:
            some._values = [self._values[index] for index in indices.tolist()]
        else:
            some._array = self._array[indices]
        return some

    def _spread(self) -> None:
        """Keep as they are the values so far: what comes is of another form."""
        if self._growing is not None:
            self._values = self._growing.closed().tolist()
            self._growing = self._form = None

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Any]:
        if self._array is None:
            return iter(self._values)
        return _python(self._array)

    def __getitem__(self, index: Any) -> Any:
        if self._array is None:
            return self._values[index]
        return self._array[index].tolist()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Iterable) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # it can change, so it has none

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        known = self._values if self._array is None else self._array
        return np.array(known, dtype=dtype, copy=copy) if copy else np.asarray(known, dtype=dtype)


def _form(values: Sequence[Any]) -> tuple[type, int] | None:
    """Return the type of all values and how many are in each, 0 if they are no lists."""
    first = values[0]
    width = len(first) if isinstance(first, list) else 0
    if width:
        if not all(isinstance(value, list) and len(value) == width for value in values):
            return None
        kinds = {type(one) for value in values for one in value}
    else:
        kinds = {type(value) for value in values}
    [kind] = kinds if len(kinds) == 1 else [None]
    return (kind, width) if kind in (int, float) else None


def _python(array: Array, block: int = 10_000) -> Iterator[Any]:
    for start in range(0, len(array), block):
        yield from array[start : start + block].tolist()
