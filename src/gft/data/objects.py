"""Files of objects: json and jsonl, as tables; the line or row of every mistake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from gft import notes
from gft.data.assembled import table_of, table_of_columns
from gft.data.folders import is_split
from gft.data.headers import free_name
from gft.data.layouts import NumberedRow, is_pair, unfolded
from gft.data.lines import text_lines, whole_text
from gft.data.mixtures import called_value
from gft.errors import UserError, listed
from gft.language.json_text import parsed_json

LARGEST_DOCUMENT = 1 << 30
"""In bytes: a larger file is read if it has one object a line."""
Read: TypeAlias = "pa.Table | dict[str, pa.Table]"
"""The rows of a file, or of each split that it holds."""


def read_jsonl(path: Path, encoding: str | None = None) -> Read:
    """Return a file with one JSON object a line, or one that is a list and only called so.

    Raises `UserError` with the line.
    """
    first = next((line for line in text_lines(path, encoding) if line.strip()), "")
    if first.lstrip().startswith("[") and not _is_whole(first):
        return read_json(path, encoding)
    return table_of(unfolded(_lines(path, encoding), path), f"{path}, line")


def _is_whole(line: str) -> bool:
    """Say whether a line is JSON by itself that holds no objects."""
    try:
        found = parsed_json(line)
    except ValueError:
        return False
    return is_pair(found) or not _is_rows(found)


def read_json(path: Path, encoding: str | None = None) -> Read:
    """Return a JSON file as a table, or as a table for each split.

    It is a list of objects, or an object with a list for each column, or an object with one list
    of objects among its values, such as `{"data": [...]}`; or an object of such things under names
    of splits; or an object of objects, as pandas writes, the names of rows outside or inside. A
    file with one object a line is read as such. Raises `UserError` with the line, or the row where
    the form is right and a value is not.
    """
    text = whole_text(path, LARGEST_DOCUMENT, encoding)
    if not text.strip():
        raise UserError(f"{path} is empty; expected a list of objects")
    try:
        content = parsed_json(text)
    except json.JSONDecodeError as problem:
        if problem.msg == "Extra data" and text.lstrip().startswith("{"):
            return table_of(unfolded(_lines(path, encoding), path), f"{path}, line")
        raise UserError(f"{path}, line {problem.lineno}: no JSON: {problem.msg}") from None
    except ValueError as problem:
        raise UserError(f"{path}: {problem}") from None
    del text
    if isinstance(content, dict) and _are_splits(content):
        notes.note(f"{path} holds the splits {listed(content)}")
        return {name: _table(rows, path, f"{path}, {name}") for name, rows in content.items()}
    return _table(content, path, str(path))


def _are_splits(content: dict[str, Any]) -> bool:
    """Say whether an object has rows, or columns, under names of splits and nothing else."""
    return bool(content) and all(
        is_split(name) and (_is_rows(value) or (isinstance(value, dict) and _is_columns(value)))
        for name, value in content.items()
    )


def _table(content: Any, path: Path, where: str) -> pa.Table:
    """Return what JSON of rows or columns holds; `where` begins its errors."""
    if isinstance(content, dict):
        lists = [value for value in content.values() if _is_rows(value)]
        alone = len(lists) == 1 and (len(content) == 1 or not _is_columns(content))
        if alone or (len(lists) == 1 and any(map(is_pair, lists[0]))):
            content = lists[0]
    if isinstance(content, dict) and _is_columns(content):
        return table_of_columns(content, where)
    if isinstance(content, dict) and content and all(map(_is_object, content.values())):
        content = _of_objects(content)
    if not isinstance(content, list):
        raise UserError(
            f"{where}: expected a list of objects, or an object with a list for each column; found "
            f"{called_value(content)} (pandas writes a list of objects with "
            "to_json(orient='records'))"
        )
    return table_of(unfolded(enumerate(content, 1), path), f"{where}, row")


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and bool(value)


def _of_objects(content: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of an object of objects: the names of rows are the keys of either.

    They are those of the inner ones, as pandas' `to_json()` writes columns, where these are
    numbers and the outer ones are not; a row has its name as `row_name`.
    """
    inner: dict[str, None] = {}
    for one in content.values():
        inner.update(dict.fromkeys(one))
    by_columns = all(key.isdecimal() for key in inner) and not all(map(str.isdecimal, content))
    if by_columns:
        content = {row: {name: cells.get(row) for name, cells in content.items()} for row in inner}
    name = free_name(key for row in content.values() for key in row)
    numbers = all(key.isdecimal() and key == str(int(key)) for key in content)
    return [{name: int(key) if numbers else key, **row} for key, row in content.items()]


def _is_rows(value: Any) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(one, dict) for one in value) or all(
        one is None or is_pair(one) for one in value
    )


def _is_columns(content: dict[str, Any]) -> bool:
    return bool(content) and all(isinstance(value, list) for value in content.values())


def _lines(path: Path, encoding: str | None) -> Iterator[NumberedRow]:
    for number, line in enumerate(text_lines(path, encoding), 1):
        if line.strip():
            try:
                yield number, parsed_json(line)
            except json.JSONDecodeError as problem:
                raise UserError(
                    f"{path}, line {number}: no JSON: {problem.msg} at character {problem.colno}; "
                    "expected one object per line"
                ) from None
            except ValueError as problem:
                raise UserError(f"{path}, line {number}: {problem}") from None
