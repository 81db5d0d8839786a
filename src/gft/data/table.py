"""`Rows` and `DataSet`: data in Arrow tables, with what gft knows about each column.

Importing this module imports neither pyarrow nor datasets; whoever makes a `Rows` has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

HASHED_ROWS = 10_000


@dataclass(frozen=True)
class Column:
    """One column: `kind` is text, integer, float, boolean, class, list, struct or other.

    `classes` names the classes of a class column, in the order of its integers.
    """

    name: str
    kind: str
    classes: tuple[str, ...] | None = None

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"


class Rows:
    """The rows of one split, in memory or mapped from a file.

    `table` is a `pyarrow.Table`; `indices`, when given, picks and orders rows of it without a
    copy. `classes` names the classes of integer columns that have named classes.
    """

    def __init__(
        self,
        table: pa.Table,
        classes: Mapping[str, Sequence[str]] | None = None,
        indices: np.ndarray[Any, Any] | None = None,
    ) -> None:
        self.table = table
        self.classes = {name: tuple(names) for name, names in (classes or {}).items()}
        self.indices = indices
        self.columns = {
            name: Column(name, "class", self.classes[name])
            if name in self.classes
            else Column(name, kind_of(table.schema.field(name).type))
            for name in table.column_names
        }

    def __len__(self) -> int:
        return int(self.table.num_rows) if self.indices is None else len(self.indices)

    def select(self, indices: Sequence[int] | np.ndarray[Any, Any]) -> Rows:
        """Return the rows at `indices`, in their order, sharing the table."""
        import numpy as np

        chosen = np.asarray(indices, dtype=np.int64)
        if self.indices is not None:
            chosen = self.indices[chosen]
        return Rows(self.table, self.classes, chosen)

    def batches(self, names: Sequence[str], size: int) -> Iterator[dict[str, list[Any]]]:
        """Yield `size` rows at a time as a dict of Python lists, one per column in `names`."""
        table = self.table.select(list(names))
        for start in range(0, len(self), size):
            if self.indices is None:
                part = table.slice(start, size)
            else:
                part = table.take(self.indices[start : start + size])
            yield {name: part.column(name).to_pylist() for name in names}

    def column(self, name: str) -> list[Any]:
        """Return one column as Python values, None where missing."""
        column = self.table.column(name)
        if self.indices is not None:
            column = column.take(self.indices)
        return list(column.to_pylist())

    def update_hash(self, digest: Any) -> None:
        """Feed the rows' content to a hash, the same whatever chunks the table is made of."""
        digest.update(repr([(c.name, c.kind, c.classes) for c in self.columns.values()]).encode())
        for start in range(0, len(self), HASHED_ROWS):
            if self.indices is None:
                part = self.table.slice(start, HASHED_ROWS)
            else:
                part = self.table.take(self.indices[start : start + HASHED_ROWS])
            for batch in part.replace_schema_metadata(None).combine_chunks().to_batches():
                digest.update(batch.serialize())


@dataclass(frozen=True)
class DataSet:
    """Splits by the names their supplier gives them.

    `origin` says where they came from, as `gft.json` records it: supplier, name, commit, files.
    """

    name: str
    splits: dict[str, Rows]
    origin: dict[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, Column]:
        """The columns of the first split."""
        return next(iter(self.splits.values())).columns if self.splits else {}

    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits that change when any value of any split does."""
        digest = hashlib.blake2b(digest_size=8)
        for name, rows in sorted(self.splits.items()):
            digest.update(name.encode())
            rows.update_hash(digest)
        return digest.hexdigest()


def kind_of(arrow_type: pa.DataType) -> str:
    """Return what `Column.kind` says of an Arrow type."""
    import pyarrow as pa

    types = pa.types
    for kind, holds in (
        ("text", types.is_string(arrow_type) or types.is_large_string(arrow_type)),
        ("boolean", types.is_boolean(arrow_type)),
        ("integer", types.is_integer(arrow_type)),
        ("float", types.is_floating(arrow_type) or types.is_decimal(arrow_type)),
        ("list", types.is_list(arrow_type) or types.is_large_list(arrow_type)),
        ("struct", types.is_struct(arrow_type)),
    ):
        if holds:
            return kind
    if types.is_dictionary(arrow_type):
        return kind_of(arrow_type.value_type)
    return "other"
