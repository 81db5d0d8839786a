"""Files in the cells of a table, such as a hub's images and sounds: read when they are wanted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class StoredFile:
    """The file in one cell of a column: bytes, or a struct of `bytes` and `path`.

    It keeps an index into the column and no copy, so that a split of any size stays where it is.
    """

    column: pa.ChunkedArray
    row: int

    @property
    def path(self) -> str | None:
        """The name of the file, None if the cell has none."""
        if "path" not in _members(self.column.type):
            return None
        name = self.column[self.row]["path"].as_py()
        return str(name) if name else None

    @property
    def has_bytes(self) -> bool:
        """Whether the content is in the table, and not only the name."""
        return bool(self._data().is_valid)

    def read(self) -> bytes:
        """Return the bytes of the file, none if they are not in the table."""
        return bytes(self._data().as_py() or b"")

    def _data(self) -> Any:
        cell = self.column[self.row]
        return cell["bytes"] if _members(self.column.type) else cell

    def __str__(self) -> str:
        return self.path or "the file in this cell"  # Who says it names the row.


def stored(content: bytes) -> StoredFile:
    """Return a file that consists of some bytes."""
    import pyarrow as pa

    return StoredFile(pa.chunked_array([pa.array([content], pa.large_binary())]), 0)


def holds_files(arrow_type: pa.DataType) -> bool:
    """Say whether the cells of a column hold files, as `datasets` stores images and sounds."""
    import pyarrow as pa

    if pa.types.is_struct(arrow_type):
        index = arrow_type.get_field_index("bytes")
        return index >= 0 and _is_binary(arrow_type.field(index).type)
    return _is_binary(arrow_type)


def stored_files(column: pa.ChunkedArray, rows: Iterable[int]) -> list[StoredFile | None]:
    """Return the files in some rows of a column, None for a cell that is missing."""
    return [StoredFile(column, row) if column[row].is_valid else None for row in rows]


def _is_binary(arrow_type: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_binary(arrow_type) or pa.types.is_large_binary(arrow_type))


def _members(arrow_type: pa.DataType) -> list[str]:
    import pyarrow as pa

    if not pa.types.is_struct(arrow_type):
        return []
    return [arrow_type.field(n).name for n in range(arrow_type.num_fields)]
