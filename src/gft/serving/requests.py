"""The body of a request: rows as JSON or JSON lines, and the scores that are requested."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gft.errors import counted, listed, nearest, no_such
from gft.language.json_text import parsed_json
from gft.language.program import Options
from gft.serving.models import BEST, SCORES, Served
from gft.serving.refused import Refused
from gft.tasks.protocol import Task

JSON = "application/json"
LINES = ("application/jsonl", "application/x-ndjson", "application/x-jsonlines")
"""The media types of a body with one row per line; answers in lines have the first one."""
ROWS = "rows"
SHOWN = 40
"""The number of characters of a wrong value that are shown."""


@dataclass(frozen=True)
class RowsRequest:
    """The rows of a request, and the scores that it requests; nothing is checked yet."""

    rows: Sequence[Any]
    scores: Mapping[str, Any]


def rows_request(body: bytes, lines: bool, query: Mapping[str, str], most: int) -> RowsRequest:
    """Return the request in a body: an object with `rows`, or with `lines` one row per line.

    The scores may be requested in the query of the URL too. Raises `Refused` for a body that is not
    JSON (400), is not such an object (422), or has more rows than `most` (413).
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise Refused(400, f"the body is not in UTF-8, from byte {problem.start} on") from None
    scores = {name: _of_query(name, query[name]) for name in SCORES if name in query}
    if lines:
        written = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        _check_count(len(written), most)
        return RowsRequest([_parsed(line, f"line {n}") for n, line in written], scores)
    example = '{"rows": [{"column": "value"}]}'
    if not text.strip():
        raise Refused(400, f"the body is empty; expected {example}")
    found = _parsed(text, "the body")
    if not isinstance(found, dict):
        raise Refused(422, f"expected an object, {example}, found {_type_name(found)}")
    for name in found:
        if name not in (ROWS, *SCORES):
            raise Refused(422, no_such("field", name, (ROWS, *SCORES), "the body"))
    rows = found.pop(ROWS, None)
    if not isinstance(rows, list):
        reason = f"found {_type_name(rows)}" if rows is not None else "there is none"
        raise Refused(422, f"rows: expected a list of objects, {example}; {reason}")
    _check_count(len(rows), most)
    return RowsRequest(
        rows, {**scores, **{name: one for name, one in found.items() if one is not None}}
    )


def _check_count(rows: int, most: int) -> None:
    if rows > most:
        raise Refused(
            413, f"{counted(rows, 'row')}; a request has at most {most:,}: send them in parts"
        )


def _of_query(name: str, written: str) -> Any:
    """Return the value of a word in the query of a URL: a number, true or false."""
    try:
        return json.loads(written)
    except ValueError:
        return written
    except RecursionError:
        raise Refused(422, f"{name}: expected a short word") from None


def _parsed(text: str, where: str) -> Any:
    try:
        return parsed_json(text, strict=True)
    except ValueError as problem:
        raise Refused(400, f"{where} is not JSON: {problem}") from None


def options_of(wanted: RowsRequest, served: Served) -> Options:
    """Return the scores that a request wants. Raises `Refused` for scores without a meaning."""
    for name, value in wanted.scores.items():
        right = isinstance(value, bool)
        expected = "true or false"
        if name == BEST:
            right = isinstance(value, int) and not right and value > 0
            expected = "a whole number from 1 on"
        if not right:
            raise Refused(422, f"{name}: expected {expected}, found {_shown(value)}")
        if name not in served.facts["scores"]:
            raise Refused(422, f"{name}: {served.task.name} has no scores of several answers")
    return Options(wanted.scores)


def cells_of(rows: Sequence[Any], task: Task) -> dict[str, list[Any]]:
    """Return the cells of a task's columns. Raises `Refused` for the first wrong cell."""
    input_kinds = dict(zip(task.inputs, task.input_kinds, strict=True))
    columns: dict[str, list[Any]] = {name: [] for name in input_kinds}
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise Refused(
                422,
                f"row {number}: expected an object with {listed(map(repr, input_kinds))}, "
                f"found {_type_name(row)}",
            )
        for name, kind in input_kinds.items():
            if name not in row:
                near = nearest(name, row)
                reason = f" (it has {near!r})" if near else ""
                raise Refused(
                    422,
                    f"row {number} has no column {name!r}{reason}; the model reads "
                    f"{listed(map(repr, input_kinds))}",
                )
            try:
                _check_whole(row[name])
                columns[name].append(kind.from_json(row[name]))
            except ValueError as expected:
                raise Refused(
                    422,
                    f"row {number}, column {name!r}: expected {expected}, "
                    f"found {_shown(row[name])}",
                ) from None
    return columns


def _check_whole(value: Any) -> None:
    """Raise `ValueError` for a text with lone surrogates, which no tokenizer reads."""
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str) and not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                raise ValueError("a text without lone surrogates") from None


def _type_name(value: Any) -> str:
    """Return the type of a JSON value, in words."""
    input_kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return "null" if value is None else input_kinds.get(type(value), "a number")


def _shown(value: Any) -> str:
    """Return a JSON value for a message, truncated if it is long."""
    if isinstance(value, dict | list):
        return _type_name(value)
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
