"""Cells as their file has them, where Arrow holds them otherwise: JSON, integers beside floats.

What is known of a column travels in the metadata of its Arrow field, as labels of codes do.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

JSON_NAME = "arrow.json"
MIXED = b"gft.mixed"
"""The metadata of its field has the first row that does not fit under this key."""
INTEGERS = b"gft.integers"
"""A field of floats has this key when some of them were written as integers."""


def is_json(arrow_type: pa.DataType) -> bool:
    """Say whether the cells of a column are texts in JSON."""
    return getattr(arrow_type, "extension_name", None) == JSON_NAME


def as_written(field: pa.Field, values: list[Any]) -> list[Any]:
    """Return the cells of a column as their file has them, out of how Arrow holds them."""
    if is_json(field.type):
        return [None if value is None else json.loads(value) for value in values]
    if INTEGERS in (field.metadata or {}):
        return [_integer(value) for value in values]
    return values


def _integer(value: Any) -> Any:
    if isinstance(value, list):
        return [_integer(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def mixed_of(field: pa.Field) -> str | None:
    """Return why the cells of a column are JSON: the first one that does not fit, and where."""
    text = (field.metadata or {}).get(MIXED)
    return None if text is None else text.decode()
