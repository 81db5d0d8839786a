"""Some rows for all of them, and how long things are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gft.data.table import Rows

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Lengths:
    """The median, the 95th percentile and the largest of some lengths."""

    median: int
    most: int
    longest: int


def lengths_of(values: Sequence[int]) -> Lengths:
    """Return what is typical of lengths, by nearest rank; zeros when there are none."""
    ranked = sorted(values) or [0]
    last = len(ranked) - 1
    return Lengths(ranked[last // 2], ranked[round(0.95 * last)], ranked[-1])


def spread(rows: Rows, most: int) -> Rows:
    """Return all rows, or `most` of them at even distances: the same ones each time."""
    return rows if len(rows) <= most else rows.select(spread_over(len(rows), most))


def spread_over(count: int, most: int) -> Array:
    """Return the numbers of all rows, or of `most` of them at even distances."""
    import numpy as np

    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).astype(np.int64)


def at(values: Any, numbers: Array) -> Any:
    """Return the values of rows by their numbers, which may recur; None of None."""
    import numpy as np

    if values is None or isinstance(values, np.ndarray):
        return None if values is None else values[numbers]
    return [values[n] for n in numbers.tolist()]
