"""Files of objects: json and jsonl, as tables; the line or row of every mistake."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from gft.data.layouts import Placed, is_pair, unfolded, with_spans
from gft.data.lines import text_lines, whole_text
from gft.data.scratch import Spool
from gft.errors import UserError

ROWS_PER_CHUNK = 10_000
LARGEST_DOCUMENT = 1 << 30
"""In bytes: a larger file is read if it has one object a line."""
MIXTURES = (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError)
"""What Arrow raises for values that do not go together."""


def read_jsonl(path: Path, encoding: str | None = None) -> pa.Table:
    """Return a file with one JSON object a line. Raises `UserError` with the line."""
    return table_of(unfolded(_lines(path, encoding), path), f"{path}, line")


def read_json(path: Path, encoding: str | None = None) -> pa.Table:
    """Return a JSON file as a table.

    It is a list of objects, or an object with a list for each column, or an object with one list
    of objects among its values, such as `{"data": [...]}`. A file with one object a line is read
    as such. Raises `UserError` with the line, or the row where the form is right and a value
    is not.
    """
    text = whole_text(path, LARGEST_DOCUMENT, encoding)
    if not text.strip():
        raise UserError(f"{path} is empty; expected a list of objects")
    try:
        content = json.loads(text)
    except json.JSONDecodeError as problem:
        if problem.msg == "Extra data" and text.lstrip().startswith("{"):
            return read_jsonl(path, encoding)
        raise UserError(f"{path}, line {problem.lineno}: no JSON: {problem.msg}") from None
    del text
    if isinstance(content, dict):
        lists = [value for value in content.values() if _is_rows(value)]
        alone = len(lists) == 1 and (len(content) == 1 or not _is_columns(content))
        if alone or (len(lists) == 1 and any(map(is_pair, lists[0]))):
            content = lists[0]
    if isinstance(content, dict) and _is_columns(content):
        return table_of_columns(content, str(path))
    if not isinstance(content, list):
        raise UserError(
            f"{path}: expected a list of objects, or an object with a list for each column; found "
            f"{_named(content)} (pandas writes a list of objects with to_json(orient='records'))"
        )
    return table_of(unfolded(enumerate(content, 1), path), f"{path}, row")


def _is_rows(value: Any) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(one, dict) for one in value) or all(
        one is None or is_pair(one) for one in value
    )


def _is_columns(content: dict[str, Any]) -> bool:
    return bool(content) and all(isinstance(value, list) for value in content.values())


def _lines(path: Path, encoding: str | None) -> Iterator[Placed]:
    for number, line in enumerate(text_lines(path, encoding), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as problem:
                raise UserError(
                    f"{path}, line {number}: no JSON: {problem.msg} at character {problem.colno}; "
                    "expected one object a line"
                ) from None


def table_of_columns(columns: Mapping[str, Sequence[Any]], where: str) -> pa.Table:
    """Return lists of equal length as a table. Raises `UserError`, which begins with `where`."""
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name!r} has {length}" for name, length in lengths.items())
        raise UserError(f"{where}: the columns differ in length: {told}")
    names = [str(name) for name in columns]
    rows = (dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True))
    return table_of(enumerate(map(with_spans, rows), 1), f"{where}, row")


def table_of(rows: Iterable[Placed], where: str) -> pa.Table:
    """Return objects as a table, column by column in the order of their first appearance.

    A key that a row lacks, null and NaN are missing values. Integers meet floats as floats; any
    other mixture in one column is a `UserError` that begins with `where` and the row's number.
    """
    rows = iter(rows)
    spool = Spool()
    so_far = pa.schema([])
    while block := list(islice(rows, ROWS_PER_CHUNK)):
        chunk = _chunk(block, so_far, where)
        spool.add(chunk)
        so_far = _union(so_far, chunk.schema)
    if not so_far.names:
        raise UserError(f"{where.rpartition(', ')[0]} is empty; expected objects")
    try:
        return pa.concat_tables(spool.tables(), promote_options="permissive")
    except MIXTURES as problem:
        raise UserError(f"{where}s: {str(problem).splitlines()[0]}") from None


def _chunk(block: list[Placed], so_far: pa.Schema, where: str) -> pa.Table:
    names: dict[str, None] = dict.fromkeys(so_far.names)
    for number, row in block:
        if not isinstance(row, dict):
            raise UserError(f"{where} {number}: expected an object, found {_named(row)}")
        if row.keys() - names.keys():
            names.update(dict.fromkeys(row))
    arrays = {}
    for name in names:
        values = [row.get(name) for _, row in block]
        before = so_far.field(name).type if name in so_far.names else pa.null()
        try:
            arrays[name] = pa.array(values, from_pandas=True)
            _merged(before, arrays[name].type)
        except MIXTURES:
            raise _blame(name, before, block, where) from None
    return pa.table(arrays)


def _union(one: pa.Schema, other: pa.Schema) -> pa.Schema:
    return pa.unify_schemas([one, other], promote_options="permissive")


def _merged(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """Return the type that holds the values of both. Raises one of `MIXTURES`."""
    return _union(pa.schema([("x", one)]), pa.schema([("x", other)])).field(0).type


def _blame(name: str, before: pa.DataType, block: list[Placed], where: str) -> UserError:
    """Return the error for the first row whose value does not go with those before it."""
    for number, row in block:
        value = row.get(name)
        try:
            before = _merged(before, pa.array([value], from_pandas=True).type)
        except OverflowError:
            problem = f"holds {value!r:.40}, a number too large for 64 bits"
        except UnicodeEncodeError:
            problem = f"holds {value!a:.40}, half of a surrogate pair, which is no character"
        except MIXTURES:
            problem = f"holds {_named(value)}, where the rows before hold {_called(before)}"
        else:
            continue
        return UserError(f"{where} {number}: column {name!r} {problem}")
    return UserError(f"{where}s: column {name!r} mixes values of different forms")


def _named(value: Any) -> str:
    """Return a value as an error shows it: its form, and itself when it is short."""
    match value:
        case dict():
            return f"an object with the keys {', '.join(list(map(str, value))[:4])}"
        case list():
            return "a list" if len(repr(value)) > 40 else f"the list {value!r}"
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case str():
            return f"the text {value!r}" if len(value) < 40 else f"the text {value[:37] + '...'!r}"
    return f"the number {value!r}" if isinstance(value, int | float) else repr(value)[:40]


def _called(arrow_type: pa.DataType) -> str:
    types = pa.types
    if types.is_string(arrow_type):
        return "text"
    if types.is_boolean(arrow_type):
        return "true or false"
    if types.is_integer(arrow_type) or types.is_floating(arrow_type):
        return "numbers"
    if types.is_struct(arrow_type):
        return "objects"
    return "lists" if types.is_list(arrow_type) else str(arrow_type)
