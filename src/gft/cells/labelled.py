"""Codes that have labels, as statistics programs keep them: which of the two a task reads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from gft.cells.columns import Columns
from gft.cells.missing import code_text
from gft.data.table import Rows
from gft.errors import listed
from gft.inputs.number import Number

CodeLabels = Mapping[Any, str]
SHOWN = 6


def read(columns: Columns) -> Columns:
    """Return the columns with labels in place of codes; numbers keep their codes.

    Numbers are those of a numeric target, and covariates in `num()`. A code that has no label stays
    as it is.
    """
    pairs = zip(columns.equation.inputs, columns.kinds, strict=True)
    numbers = {name for name, kind in pairs if isinstance(kind, Number)}
    if columns.target.numeric:
        numbers.update(columns.equation.left)
    for name in dict.fromkeys(columns.equation.columns):
        splits = list(columns.splits_of(name))
        known = next((found for _, rows in splits if (found := rows.columns[name].labels)), None)
        if known is None:
            continue
        if name in numbers:
            columns = _by_codes(columns, name).noting(
                f"{name} is read by its codes, not their labels: {_listed(known)}"
            )
            continue
        if not all(_fits(rows, name, known) for _, rows in splits):
            columns = _by_codes(columns, name).noting(
                f"{name} is read by its codes: they have labels in one split, not in another"
            )
            continue
        for split, rows in splits:
            labels = rows.columns[name].labels or known
            if rows.columns[name].kind != "text" or rows.columns[name].labels:
                label = partial(_label, labels)
                columns = columns.mapped(split, name, label, _text_type())
                columns = columns.with_order(split, name, _in_order(labels))
        columns = columns.noting(
            f"{name} is read by the labels of its codes: {_listed(known)}",
            _same(name, known),
            _without(name, known, splits[0][1]),
        )
    return columns


def _in_order(labels: CodeLabels) -> list[str]:
    """Return labels in the order of their codes; codes that are text keep that of the file."""
    codes = list(labels)
    if not any(isinstance(code, str) for code in codes):
        codes.sort()
    return list(dict.fromkeys(labels[code] for code in codes))


def _text_type() -> Any:
    import pyarrow as pa

    return pa.large_string()


def _by_codes(columns: Columns, name: str) -> Columns:
    """Return the columns with one that is codes and nothing else."""
    for split, rows in columns.splits_of(name):
        cells = rows.table.column(name)
        if rows.indices is not None:
            cells = cells.take(rows.indices)
        columns = columns.with_cells(split, name, cells)
    return columns


def _fits(rows: Rows, name: str, known: CodeLabels) -> bool:
    """Say whether a split's cells have labels, are labels, or are codes that have one elsewhere."""
    column = rows.columns[name]
    if column.labels or column.kind == "text":
        return True
    return all(code is None or code in known for code in rows.labels([name]).different(name))


def _label(labels: CodeLabels, code: Any) -> str | None:
    return None if code is None else labels.get(code, code_text(code))


def _listed(labels: CodeLabels) -> str:
    return listed([f"{code_text(code)} is {label}" for code, label in labels.items()], SHOWN)


def _same(name: str, labels: CodeLabels) -> str | None:
    """Return a note where codes share a label, and are one value therefore."""
    codes: dict[str, list[str]] = {}
    for code, label in labels.items():
        codes.setdefault(label, []).append(code_text(code))
    shared = [
        f"{listed(those, SHOWN)} are {label!r}" for label, those in codes.items() if len(those) > 1
    ]
    return f"{name}: codes share a label: {listed(shared, SHOWN)}" if shared else None


def _without(name: str, labels: CodeLabels, rows: Rows) -> str | None:
    codes = [
        code_text(code)
        for code in rows.labels([name]).different(name)
        if code not in (None, "") and code not in labels
    ]
    if not codes or rows.columns[name].labels is None:
        return None
    return f"{name}: no label says what {listed(codes, SHOWN)} means; it stays as it is"
