"""Rows in blocks: bounded by their number, and by their bytes where rows are long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

BYTES_PER_BLOCK = 1 << 25
"""A block of so many bytes has no more rows. A single row may be longer."""

T = TypeVar("T")


def blocks(rows: Iterable[T], most: int, size_of: Callable[[T], int]) -> Iterator[list[T]]:
    """Yield lists of up to `most` rows, in order: fewer once they have `BYTES_PER_BLOCK`."""
    block: list[T] = []
    held = 0
    for row in rows:
        block.append(row)
        held += size_of(row)
        if held >= BYTES_PER_BLOCK or len(block) == most:
            yield block
            block, held = [], 0
    if block:
        yield block


def size_of_cells(row: Sequence[str]) -> int:
    """Return about how many bytes a row of texts has."""
    return sum(map(len, row))


def size_of_value(value: Any) -> int:
    """Return about how many bytes a value has that JSON can write."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, dict):
        return sum(map(size_of_value, value.values()))
    if isinstance(value, list) and value and _are_numbers(value[0], value[-1]):
        return 8 * len(value)  # Numbers, of which there may be many: they are not looked at.
    if isinstance(value, list | tuple):
        return sum(map(size_of_value, value))
    return 8


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(one, int | float) for one in values)


def bounds(
    tables: Sequence[tuple[pa.Table, np.ndarray[Any, Any] | None]], count: int, most: int
) -> Iterator[tuple[int, int]]:
    """Yield the first row of each block and the row after its last, of `count` rows in all.

    `tables` lie side by side: with indices, the rows are those of the table at the indices. A
    block has up to `most` rows, fewer once the tables together have `BYTES_PER_BLOCK` in them.
    """
    import numpy as np

    long = [one for one in tables if _may_be_long(one[0])]
    lengths = [None if indices is None else _row_bytes(table)[indices] for table, indices in long]
    start = 0
    while start < count:
        stop = min(start + most, count)
        sizes = np.zeros(stop - start, dtype=np.int64)
        for (table, _), known in zip(long, lengths, strict=True):
            if known is not None:
                sizes += known[start:stop]
            elif _may_be_long(part := table.slice(start, stop - start), len(long)):
                sizes += _row_bytes(part)
        fitting = int(np.searchsorted(np.cumsum(sizes), BYTES_PER_BLOCK)) + 1
        yield start, min(start + fitting, stop)
        start = min(start + fitting, stop)


def _may_be_long(table: pa.Table, beside: int = 1) -> bool:
    """Say whether rows may be more than a block: all of them have more bytes, or repeat cells."""
    import pyarrow as pa

    repeats = any(pa.types.is_dictionary(field.type) for field in table.schema)
    return repeats or table.nbytes > BYTES_PER_BLOCK // beside


def _row_bytes(table: pa.Table) -> np.ndarray[Any, Any]:
    """Return about how many bytes each row of a table has, shape (rows,)."""
    import numpy as np

    sizes = np.zeros(table.num_rows, dtype=np.int64)
    for column in table.columns:
        start = 0
        for chunk in column.chunks:
            sizes[start : start + len(chunk)] += _cell_bytes(chunk)
            start += len(chunk)
    return sizes


def _cell_bytes(array: pa.Array) -> Any:
    """Return about how many bytes each cell has; of lists, by how many members they have."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    types = pa.types
    if isinstance(array.type, pa.BaseExtensionType):
        return _cell_bytes(array.storage)
    if any(
        of(array.type)
        for of in (types.is_string, types.is_large_string, types.is_binary, types.is_large_binary)
    ):
        return pc.fill_null(pc.binary_length(array), 0).to_numpy(zero_copy_only=False)
    if types.is_dictionary(array.type):
        sizes = np.broadcast_to(_cell_bytes(array.dictionary), len(array.dictionary))
        return pc.fill_null(pa.array(sizes).take(array.indices), 0).to_numpy(zero_copy_only=False)
    if types.is_list(array.type) or types.is_large_list(array.type):
        members = array.flatten()
        lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
        return lengths * (members.nbytes // max(len(members), 1))
    return array.nbytes // max(len(array), 1)
