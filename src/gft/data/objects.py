"""Files of objects: json and jsonl, as tables; the line or row of every mistake."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft.data.delimited import not_utf8
from gft.data.opening import open_bytes
from gft.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_PER_CHUNK = 50_000


def read_jsonl(path: Path) -> pa.Table:
    """Return a file with one JSON object a line. Raises `UserError` with the line."""
    return _table(path, _lines(path), "line")


def read_json(path: Path) -> pa.Table:
    """Return a JSON file: a list of objects, columns as lists, or an object that holds either.

    A file with one object a line is read as such.
    """
    with open_bytes(path) as file:
        data = file.read()
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        raise not_utf8(path, data, problem) from None
    except json.JSONDecodeError as problem:
        if problem.msg == "Extra data":
            return read_jsonl(path)
        what = "is empty" if not data.strip() else f"line {problem.lineno}: {problem.msg}"
        raise UserError(f"{path}, {what}" if data.strip() else f"{path} is empty") from None
    if isinstance(content, dict):
        lists = [value for value in content.values() if _is_rows(value)]
        if len(lists) == 1 and not all(isinstance(value, list) for value in content.values()):
            content = lists[0]
        elif len(lists) == 1 and len(content) == 1:
            content = lists[0]
    if isinstance(content, dict) and content and all(isinstance(v, list) for v in content.values()):
        return _columns(path, content)
    if not isinstance(content, list):
        raise UserError(f"{path}: expected a list of objects, or a list for each column")
    return _table(path, enumerate(content, 1), "row")


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    with open_bytes(path) as file:
        for number, line in enumerate(file, 1):
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                if text:
                    yield number, json.loads(text)
            except UnicodeDecodeError as problem:
                raise not_utf8(path, line, problem, number) from None
            except json.JSONDecodeError as problem:
                raise UserError(f"{path}, line {number}: {problem.msg}; expected an object") from None


def _columns(path: Path, columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise UserError(f"{path}: columns of different lengths: {lengths}")
    names = list(columns)
    rows = (dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True))
    return _table(path, enumerate(rows, 1), "row")


def _table(path: Path, rows: Iterable[tuple[int, Any]], place: str) -> pa.Table:
    """Return objects as a table; a key that a row lacks is missing there."""
    import pyarrow as pa

    columns: dict[str, list[Any]] = {}
    numbers: list[int] = []
    for number, row in rows:
        if not isinstance(row, dict):
            raise UserError(f"{path}, {place} {number}: expected an object, found {row!r:.40}")
        for name in row.keys() - columns.keys():
            columns[name] = [None] * len(numbers)
        numbers.append(number)
        for name, values in columns.items():
            values.append(row.get(name))
    if not numbers:
        raise UserError(f"{path} is empty")
    order = [name for name in columns]
    return pa.table({name: _array(path, name, columns[name], numbers, place) for name in order})


def _array(path: Path, name: str, values: list[Any], numbers: list[int], place: str) -> pa.Array:
    import pyarrow as pa

    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        pass
    if all(value is None or type(value) in (int, float) for value in values):
        return pa.array([None if value is None else float(value) for value in values])
    first = next(value for value in values if value is not None)
    for value, number in zip(values, numbers, strict=True):
        if value is not None and type(value) is not type(first):
            raise UserError(
                f"{path}, {place} {number}: column {name!r} holds {value!r:.40}, "
                f"a {type(value).__name__}; the rows before hold a {type(first).__name__}"
            )
    raise UserError(f"{path}: column {name!r} holds values of different forms")
