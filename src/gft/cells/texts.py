"""Texts as tables have them: texts, bytes, lists of words, or such lists written as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from gft.cells.columns import READ_ROWS, Columns
from gft.cells.lists import list_in
from gft.data.cells import text_of
from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.inputs.text import objects_in

if TYPE_CHECKING:
    import pyarrow as pa


LOOKED_AT, LONGEST = 20, 10_000
"""So many cells of bytes are looked at, and so many bytes of each."""
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f]")


def read(columns: Columns) -> Columns:
    """Return columns in which the inputs that are texts hold texts, and labels no bytes.

    Bytes are UTF-8, and the words of a list are joined by spaces, as rows are shown. Raises
    `UserError` for bytes that are no text.
    """
    for name in dict.fromkeys(columns.equation.left):
        columns = _decoded(columns, name)
    for name, kind in zip(columns.equation.inputs, columns.kinds, strict=True):
        if kind.is_text:
            columns = _decoded(columns, name)
            columns = columns if kind.of_lists else _joined(columns, name)
    return columns


def readable(data: DataSet) -> DataSet:
    """Return data in which a column of bytes that look like text holds text.

    It is for whoever looks at columns before a task is known; what is no UTF-8 is replaced there,
    and refused by `read`. Bytes with control characters are no text, but a file.
    """
    import pyarrow as pa

    splits = dict(data.splits)
    for split, rows in splits.items():
        for name, column in rows.columns.items():
            arrow_type = _type_of(rows, name)
            if column.kind != "file" or not (
                pa.types.is_binary(arrow_type) or pa.types.is_large_binary(arrow_type)
            ):
                continue
            cells = rows.table.column(name)
            first = [cell for cell in cells[:LOOKED_AT].to_pylist() if cell]
            if first and not any(_CONTROL.search(cell[:LONGEST]) for cell in first):
                texts = [None if cell is None else cell.decode(errors="replace")
                         for cell in cells.to_pylist()]  # fmt: skip
                splits[split] = splits[split].with_cells(
                    name, pa.chunked_array([pa.array(texts, pa.large_string())])
                )
    return replace(data, splits=splits)


def _type_of(rows: Rows, name: str) -> pa.DataType:
    return rows.table.schema.field(name).type


def _decoded(columns: Columns, name: str) -> Columns:
    """Return columns with texts for the bytes in a column."""
    import pyarrow as pa

    types = pa.types
    of_bytes = (types.is_binary, types.is_large_binary, types.is_fixed_size_binary,
                types.is_binary_view)  # fmt: skip
    for split, rows in columns.splits_of(name):
        if not any(test(_type_of(rows, name)) for test in of_bytes):
            continue
        cells = rows.table.column(name)
        cells = cells if rows.indices is None else cells.take(pa.array(rows.indices))
        row, parts = 0, []
        for chunk in cells.chunks:
            try:
                parts.append(chunk.cast(pa.large_binary()).cast(pa.large_string()))
            except pa.ArrowInvalid:
                raise UserError(_no_text(columns, split, name, row, chunk)) from None
            row += len(chunk)
        columns = columns.with_cells(split, name, pa.chunked_array(parts, pa.large_string()))
    return columns


def _no_text(columns: Columns, split: str, name: str, first: int, chunk: pa.Array) -> str:
    """Return what is wrong with the first cell that is not UTF-8; `first` is the chunk's row."""
    for row, cell in enumerate(chunk.to_pylist(), first + 1):
        try:
            (cell or b"").decode()
        except UnicodeDecodeError as problem:
            byte = cell[problem.start]
            return (
                f"column {name!r} of {columns.data.name} holds bytes; in row {row:,} of {split} "
                f"they are not UTF-8 text (byte 0x{byte:02X} at position {problem.start}); "
                f"{columns.task} needs text: decode the column, or name another"
            )
    return f"column {name!r} of {columns.data.name} holds bytes that are not UTF-8 text"


def _joined(columns: Columns, name: str) -> Columns:
    """Return columns with texts for the lists in a column."""
    import pyarrow as pa

    how = ""
    for split, rows in columns.splits_of(name):
        if rows.columns[name].mixed and not _has_objects(rows, name):
            columns = columns.mapped(split, name, _text_of, pa.large_string())
            how = "values of several forms"
        elif rows.columns[name].kind == "list" and not objects_in(rows, name):
            columns = columns.mapped(split, name, _text_of, pa.large_string())
            how = "lists"
    if not how and _all_are_lists(columns, name):
        for split, _ in columns.splits_of(name):
            columns = columns.mapped(split, name, _text_in, pa.large_string())
        how = "lists written as text"
    where = f"column {name!r} of {columns.data.name}"
    return columns.noting(
        f"{where} holds {how}: each is read as a text, the words of a list joined by spaces"
        if how
        else None
    )


def _has_objects(rows: Rows, name: str) -> bool:
    cells = chain.from_iterable(part[name] for part in rows.batches([name], READ_ROWS))
    return any(
        isinstance(one, dict)
        for cell in cells
        for one in (cell if isinstance(cell, list) else [cell])
    )


def _text_of(cell: Any) -> str | None:
    return None if cell is None else text_of(cell)


def _text_in(cell: Any) -> str | None:
    return cell if cell is None or not cell.strip() else text_of(list_in(cell))


def _all_are_lists(columns: Columns, name: str) -> bool:
    """Say whether every text of a column spells out a list of texts."""
    some = False
    for cell in _texts(columns, name):
        found = list_in(cell)
        if not found or not all(isinstance(one, str) for one in found):
            return False
        some = True
    return some


def _texts(columns: Columns, name: str) -> Iterator[str]:
    """Yield the texts of a column in all splits; one of something else is no list."""
    for _, rows in columns.splits_of(name):
        if rows.columns[name].kind != "text":
            yield ""
            return
        for part in rows.batches([name], READ_ROWS):
            yield from (cell for cell in part[name] if cell is not None and cell.strip())
