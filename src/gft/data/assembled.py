"""Objects as a table: a column for each key, of the type that holds all of its values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from gft.data.blocks import blocks, size_of_value
from gft.data.layouts import NumberedRow, with_spans
from gft.data.mixtures import (
    JSON,
    MIXTURES,
    as_json,
    called_value,
    has_integers,
    is_deep,
    merged,
    mixture,
    union,
)
from gft.data.spool import Spool
from gft.data.written import INTEGERS, MIXED, is_json
from gft.errors import UserError

ROWS_PER_CHUNK = 10_000


def table_of_columns(columns: Mapping[str, Sequence[Any]], where: str) -> pa.Table:
    """Return lists of equal length as a table. Raises `UserError`, which begins with `where`."""
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        message = ", ".join(f"{name!r} has {length}" for name, length in lengths.items())
        raise UserError(f"{where}: the columns differ in length: {message}")
    names = [str(name) for name in columns]
    rows = (dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True))
    return table_of(enumerate(map(with_spans, rows), 1), f"{where}, row")


def table_of(rows: Iterable[NumberedRow], where: str) -> pa.Table:
    """Return objects as a table, column by column in the order of their first appearance.

    A key that a row lacks, null and NaN are missing values. Integers meet floats as floats that
    are written as integers. Any other mixture in one column makes each of its cells a text in
    JSON, and the field remembers why (`mixtures.MIXED`), beginning with `where` and the number of
    the row. Raises `UserError` for rows that are no objects.
    """
    columns = _Columns(where)
    for block in blocks(rows, ROWS_PER_CHUNK, size_of_value):
        columns.add(block)
    if not columns.schema.names:
        raise UserError(f"{where.rpartition(', ')[0]} is empty; expected objects")
    return columns.table()


class _Columns:
    """Columns that grow block by block: their types so far, and what was mixed in them."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.schema = pa.schema([])
        self.mixed: dict[str, str] = {}
        self.integers: set[str] = set()
        self._spool = Spool()

    def add(self, block: Sequence[NumberedRow]) -> None:
        """Append rows. Raises `UserError` for one that is no object."""
        names: dict[str, None] = dict.fromkeys(self.schema.names)
        for number, row in block:
            if not isinstance(row, dict):
                raise UserError(
                    f"{self.where} {number}: expected an object, found {called_value(row)}"
                )
            if row.keys() - names.keys():
                names.update(dict.fromkeys(row))
        types = {one.name: one.type for one in self.schema}
        chunk = pa.table({name: self._array(name, types.get(name), block) for name in names})
        self._spool.add(chunk)
        known = [one.with_type(JSON) if one.name in self.mixed else one for one in self.schema]
        self.schema = union(pa.schema(known), chunk.schema)

    def _array(
        self, name: str, known: pa.DataType | None, block: Sequence[NumberedRow]
    ) -> pa.Array:
        values = [row.get(name) for _, row in block]
        before = pa.null() if known is None else known
        if name not in self.mixed:
            try:
                array = pa.array(values, from_pandas=True)
                if is_deep(array.type):
                    raise pa.ArrowInvalid
                both = merged(before, array.type)
                if has_integers(values, both, before):
                    self.integers.add(name)
                return array
            except MIXTURES:
                self.mixed[name] = mixture(name, before, block, self.where)
        return as_json(values)

    def table(self) -> pa.Table:
        """Return all rows; columns in which something was mixed are JSON from the beginning."""
        tables = self._spool.tables()
        if self.mixed:
            spool = Spool()
            for table in tables:
                spool.add(_in_json(table, self.mixed))
            tables = spool.tables()
        try:
            table = pa.concat_tables(tables, promote_options="permissive").select(self.schema.names)
        except MIXTURES as problem:
            raise UserError(f"{self.where}s: {str(problem).splitlines()[0]}") from None
        about = {name: {INTEGERS: b"1"} for name in self.integers}
        about |= {name: {MIXED: message.encode()} for name, message in self.mixed.items()}
        fields = [field.with_metadata(about.get(field.name)) for field in table.schema]
        return pa.Table.from_arrays(table.columns, schema=pa.schema(fields))


def _in_json(table: pa.Table, names: Iterable[str]) -> pa.Table:
    """Return a table in which some columns are texts in JSON."""
    for name in names:
        index = table.schema.get_field_index(name)
        if index >= 0 and not is_json(table.schema.field(index).type):
            chunks = [as_json(one.to_pylist(), sparse=True) for one in table.column(index).chunks]
            table = table.set_column(index, name, pa.chunked_array(chunks, JSON))
    return table


def joined(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Return the rows of several files, by their names, one after the other.

    A column that one of them lacks is missing there; one whose types do not go together is JSON.
    """
    types: dict[str, pa.DataType] = {}
    mixed: dict[str, str] = {}
    for file, table in tables.items() if len(tables) > 1 else ():
        for field in table.schema:
            before = types.setdefault(field.name, field.type)
            try:
                types[field.name] = merged(before, field.type)
            except MIXTURES:
                types[field.name] = JSON
                message = f"column {field.name!r} is {field.type} in {file}, {before} before it"
                mixed.setdefault(field.name, message)
    parts = [_in_json(table, mixed) for table in tables.values()]
    whole = pa.concat_tables(parts, promote_options="permissive")
    fields = [
        one.with_metadata({MIXED: mixed[one.name].encode()}) if one.name in mixed else one
        for one in whole.schema
    ]
    return pa.Table.from_arrays(whole.columns, schema=pa.schema(fields, whole.schema.metadata))
