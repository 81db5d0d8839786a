"""Cells for people: as text, with the names of classes for their numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gft.data.table import Column

UNLABELLED = -1


def text_of(value: Any) -> str:
    """Return a cell as text: a list with spaces between its parts, an object as JSON.

    Half of a surrogate pair, as of a truncated emoji, becomes the replacement character.
    """
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return " ".join(map(text_of, value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    text = value if isinstance(value, str) else str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def with_class_names(column: Column, value: Any) -> Any:
    """Return a cell with names for numbers of classes, within lists too, and labels for codes."""
    if column.labels:
        return value if value is None else column.labels.get(value, value)
    if isinstance(value, list):
        return [with_class_names(column, one) for one in value]
    classes = column.classes
    known = classes and isinstance(value, int) and 0 <= value < len(classes)
    return classes[value] if classes and known else value


def named_cell(column: Column, value: Any) -> Any:
    """Return a cell as a row of a table or of JSON has it: a class by its name, -1 is missing."""
    return None if column.classes and value == UNLABELLED else with_class_names(column, value)


def gold_text(cells: Sequence[Any], columns: Sequence[Column]) -> str | None:
    """Return the gold cells of a row as fields of a line, class numbers by their names.

    None for a row that has no label.
    """
    shown = []
    for value, column in zip(cells, columns, strict=True):
        if value in (None, "") or (column.classes and value == UNLABELLED):
            return None
        shown.append(text_of(with_class_names(column, value)))
    return "\t".join(shown)
