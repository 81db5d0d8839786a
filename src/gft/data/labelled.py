"""Columns of codes with a label for each, as SPSS, Stata, SAS and haven keep them.

What is known of a column beyond its cells travels in the metadata of its Arrow field, so that it
survives whatever joins or cuts tables.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gft import notes
from gft.errors import listed

if TYPE_CHECKING:
    import pyarrow as pa

LABELS = b"gft.labels"
TITLE = b"gft.title"
ORDER = b"gft.order"

Code = int | float | str
CodeLabels = dict[Code, str]


def described(field: pa.Field, labels: Mapping[Code, str], title: str = "") -> pa.Field:
    """Return a field with the labels of its codes, and with the question that it answers."""
    metadata = {LABELS: json.dumps(list(labels.items()))} if labels else {}
    if title:
        metadata[TITLE] = title
    return field.with_metadata(metadata) if metadata else field


def labels_of(field: pa.Field) -> CodeLabels | None:
    """Return the labels of a field's codes, None if they have none."""
    metadata = (field.metadata or {}).get(LABELS)
    return None if metadata is None else {code: str(label) for code, label in json.loads(metadata)}


def title_of(field: pa.Field) -> str | None:
    """Return the question that a column answers, None if it is not given."""
    metadata = (field.metadata or {}).get(TITLE)
    return None if metadata is None else metadata.decode()


def with_order(field: pa.Field, levels: Iterable[str]) -> pa.Field:
    """Return a field that knows in which order its values stand, such as answers on a scale."""
    return field.with_metadata({**(field.metadata or {}), ORDER: json.dumps(list(levels))})


def order_of(field: pa.Field) -> tuple[str, ...]:
    """Return the values of a field in their own order, none if they have no such order."""
    order = (field.metadata or {}).get(ORDER)
    return () if order is None else tuple(map(str, json.loads(order)))


def names_cells(labels: Mapping[Code, str], codes: Iterable[Code]) -> bool:
    """Say whether labels name what is in a column: `codes` are the different cells.

    They do not on a scale of which only the ends, or the middle too, are labelled, nor among
    numbers of which a few have a meaning of their own. A code or two outside the labelled ones is
    a slip, and a cell of its own.
    """
    every = list(codes)
    named = [code for code in every if code in labels]
    others = [code for code in every if code not in labels]
    if not others:
        return bool(named)
    if len(others) >= len(named):
        return False
    if any(isinstance(code, str) for code in (*others, *labels)):
        return True
    numbers = [code for code in labels if not isinstance(code, str)]
    inside = [
        code for code in others if not isinstance(code, str) and min(numbers) < code < max(numbers)
    ]
    return not inside


def with_labels(
    path: Path,
    table: pa.Table,
    labels: Mapping[str, CodeLabels],
    titles: Mapping[str, str | None],
) -> pa.Table:
    """Return a table whose fields know the labels of their codes, where these name the cells.

    Columns of floats that are all whole become integers, and empty columns text.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from gft.data.typed import whole_if_possible

    columns, fields, scales, coded = [], [], [], []
    for index, field in enumerate(table.schema):
        column = table.column(index)
        if pa.types.is_null(field.type) or pa.types.is_string(field.type):
            column = column.cast(pa.large_string())
        elif pa.types.is_integer(field.type):
            column = column.cast(pa.int64())
        elif pa.types.is_floating(field.type):
            column = whole_if_possible(column)
        known = _of_type(labels.get(field.name, {}), column.type)
        if known:
            codes = [code for code in pc.unique(column).to_pylist() if code not in (None, "")]
            if codes and not names_cells(known, codes):
                scales.append(field.name)
                coded += [
                    f"{code} of {field.name} is {known[code]}" for code in codes if code in known
                ]
                known = {}
        plain = pa.field(field.name, column.type)
        fields.append(described(plain, known, titles.get(field.name) or ""))
        columns.append(column)
    if scales:
        notes.note(
            f"{path}: only some of the codes of {listed(scales, 6)} have labels, so the codes are "
            "read as numbers"
            + (f"; --na takes those that mean a missing value: {listed(coded, 6)}" if coded else "")
        )
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _of_type(labels: CodeLabels, kind: pa.DataType) -> CodeLabels:
    """Return the labels of codes that a column can hold; .a of Stata is none."""
    import pyarrow as pa

    is_text = pa.types.is_large_string(kind)
    return {
        int(code) if isinstance(code, float) and code.is_integer() else code: label
        for code, label in labels.items()
        if isinstance(code, str) == is_text
    }
