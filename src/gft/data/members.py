"""Members of objects in cells as columns: `translation.en` of `{"en": "good", "de": "gut"}`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gft.data.table import DataSet, Rows
from gft.data.written import as_written, is_json

if TYPE_CHECKING:
    import pyarrow as pa


def with_member(rows: Rows, name: str) -> Rows:
    """Return rows with a column of this name, where it names a member of a column of objects.

    Rows of which it names none come back as they are. An object that lacks it has a missing value.
    """
    for column, path in _readings(name):
        if column in rows.columns:
            cells = _cells(rows.table, column, path)
            return rows if cells is None else rows.with_column(name, cells)
    return rows


def member_names(data: DataSet) -> list[str]:
    """Return the names by which members of the columns of objects of data can be addressed."""
    found: list[str] = []
    for rows in list(data.splits.values())[:1]:
        for column in rows.columns.values():
            if column.kind == "struct":
                found += _names(column.name, rows.table.schema.field(column.name).type)
    return found


def _names(name: str, arrow_type: pa.DataType) -> Iterator[str]:
    import pyarrow as pa

    for field in arrow_type:
        inner = f"{name}.{field.name}"
        if pa.types.is_struct(field.type):
            yield from _names(inner, field.type)
        else:
            yield inner


def _readings(name: str) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the ways in which a name is one of a column and a path in it, the longest first."""
    parts = name.split(".")
    for count in range(len(parts) - 1, 0, -1):
        yield ".".join(parts[:count]), parts[count:]


def _cells(table: pa.Table, name: str, path: Sequence[str]) -> pa.ChunkedArray | None:
    """Return the members at a path in a column, None where it has no such."""
    import pyarrow as pa
    import pyarrow.compute as pc

    field = table.schema.field(name)
    if is_json(field.type):
        parts = [
            {"x": _member(value, path)}
            for chunk in table.column(name).chunks
            for value in as_written(field, chunk.to_pylist())
        ]
        return None if all(one["x"] is None for one in parts) else _of_values(parts, name, path)
    arrow_type = field.type
    for step in path:
        if not pa.types.is_struct(arrow_type) or arrow_type.get_field_index(step) < 0:
            return None
        arrow_type = arrow_type.field(step).type
    return pc.struct_field(table.column(name), list(path))


def _of_values(rows: list[dict[str, Any]], name: str, path: Sequence[str]) -> pa.ChunkedArray:
    from gft.data.assembled import table_of

    return table_of(enumerate(rows, 1), f"{'.'.join((name, *path))}, row").column("x")


def _member(value: Any, path: Sequence[str]) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value
