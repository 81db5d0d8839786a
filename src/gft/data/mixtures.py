"""Columns whose values are of more than one form: kept as JSON, and named where they are used."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from gft.data.layouts import NumberedRow
from gft.data.numbers import is_missing
from gft.errors import listed

MIXTURES = (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError)
"""What Arrow raises for values that do not go together."""
DEEPEST = 32
JSON = pa.json_(pa.large_string())
"""The type of a column of such values: Arrow's own, and that of `datasets.Json`."""


def union(one: pa.Schema, other: pa.Schema) -> pa.Schema:
    """Return the columns of both, each of the type that holds both. Raises one of `MIXTURES`."""
    return pa.unify_schemas([one, other], promote_options="permissive")


def merged(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """Return the type that holds the values of both. Raises one of `MIXTURES`."""
    return union(pa.schema([("x", one)]), pa.schema([("x", other)])).field(0).type


def is_deep(arrow_type: pa.DataType, most: int = DEEPEST) -> bool:
    """Say whether values of a type are nested deeper than Arrow writes to files."""
    if not most:
        return True
    return any(is_deep(arrow_type.field(n).type, most - 1) for n in range(arrow_type.num_fields))


def has_integers(values: Sequence[Any], both: pa.DataType, before: pa.DataType) -> bool:
    """Say whether integers are among values that are stored as floats, alone or in lists.

    `before` is the type of the values before these, `both` the one that holds all of them.
    """
    if pa.types.is_list(both):
        inside = [one for value in values if isinstance(value, list) for one in value]
        known = before.value_type if pa.types.is_list(before) else pa.null()
        return has_integers(inside, both.value_type, known)
    if not pa.types.is_floating(both):
        return False
    return pa.types.is_integer(before) or any(type(value) is int for value in values)


def as_json(values: Iterable[Any], sparse: bool = False) -> pa.Array:
    """Return values as texts in JSON; None and NaN are missing.

    From a `sparse` table they have the keys of all rows, and those without a value are left out.
    """
    texts = [None if is_missing(value) else _text(_without_none(value, sparse)) for value in values]
    return pa.ExtensionArray.from_storage(JSON, pa.array(texts, pa.large_string()))


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str, skipkeys=True)
    try:
        text.encode()
    except UnicodeEncodeError:  # Half of a surrogate pair, which JSON can spell.
        return json.dumps(value, default=str, skipkeys=True)
    return text


def _without_none(value: Any, sparse: bool) -> Any:
    if sparse and isinstance(value, dict):
        return {key: _without_none(one, True) for key, one in value.items() if one is not None}
    if sparse and isinstance(value, list):
        return [_without_none(one, True) for one in value]
    return value


def mixture(name: str, before: pa.DataType, block: Sequence[NumberedRow], where: str) -> str:
    """Return the message about the first row whose value does not go with those before it.

    `before` is the type of the values before the block.
    """
    for number, row in block:
        value = row.get(name)
        try:
            own = pa.array([value], from_pandas=True).type
            if is_deep(own):
                return f"{where} {number}: column {name!r} is nested more than {DEEPEST} deep"
        except MIXTURES as problem:
            path, what = _of_one(name, value, problem)
            return f"{where} {number}: column {path!r} {what}"
        try:
            before = merged(before, own)
        except MIXTURES:
            path, shown, known = _differing(name, value, own, before)
            return (
                f"{where} {number}: column {path!r} holds {shown}, "
                f"where the rows before hold {known}"
            )
    return f"{where}s: column {name!r} mixes integers beyond 53 bits with fractions"


def _of_one(path: str, value: Any, problem: Exception) -> tuple[str, str]:
    """Return the path to what one value mixes within itself, or to what no column can hold."""
    parts = value.items() if isinstance(value, dict) else ()
    for key, part in parts:
        try:
            pa.array([part], from_pandas=True)
        except MIXTURES as inner:
            return _of_one(f"{path}.{key}", part, inner)
    if isinstance(value, list):
        forms = list(dict.fromkeys(map(_form, value)))
        if len(forms) > 1:
            return path, f"holds a list of {listed(forms)}"
        for part in value:
            try:
                pa.array([part], from_pandas=True)
            except MIXTURES as inner:
                return _of_one(path, part, inner)
        return path, f"holds a list of {listed(forms)} of different forms"
    if isinstance(problem, OverflowError):
        return path, f"holds {value!r:.40}, a number too large for 64 bits"
    if isinstance(problem, UnicodeEncodeError):
        return path, f"holds {value!a:.40}, half of a surrogate pair, which is not a character"
    return path, f"holds {called_value(value)}"


def _form(value: Any) -> str:
    """Return what a value is, for many of them: texts, numbers."""
    match value:
        case dict():
            return "objects"
        case list():
            return "lists"
        case bool():
            return "true or false"
        case str():
            return "texts"
        case None:
            return "null"
    return "numbers" if isinstance(value, int | float) else type(value).__name__


def _differing(
    path: str, value: Any, own: pa.DataType, before: pa.DataType
) -> tuple[str, str, str]:
    """Return the path to where a value's type differs from that before it, and what both hold."""
    if pa.types.is_struct(own) and pa.types.is_struct(before):
        known = {one.name: one.type for one in before}
        for field in own:
            try:
                merged(known.get(field.name, pa.null()), field.type)
            except MIXTURES:
                part = value.get(field.name) if isinstance(value, dict) else None
                return _differing(f"{path}.{field.name}", part, field.type, known[field.name])
    inside = pa.types.is_list(own) and pa.types.is_list(before)
    if inside and pa.types.is_struct(own.value_type) and pa.types.is_struct(before.value_type):
        return _differing(path, None, own.value_type, before.value_type)
    return path, _called(own) if value is None else called_value(value), _called(before)


def called_value(value: Any) -> str:
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
    """Return what a column of a type holds, for an error."""
    types = pa.types
    if types.is_string(arrow_type):
        return "text"
    if types.is_boolean(arrow_type):
        return "true or false"
    if types.is_integer(arrow_type) or types.is_floating(arrow_type):
        return "numbers"
    if types.is_struct(arrow_type):
        return "objects"
    if types.is_list(arrow_type):
        inside = arrow_type.value_type
        return "empty lists" if types.is_null(inside) else f"lists of {_called(inside)}"
    return str(arrow_type)
