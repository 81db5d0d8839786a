"""Cells that mean a missing value, as `--na` says: R's `na.strings`."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Container, Sequence
from functools import partial
from typing import Any

from gft.cells.columns import READ_ROWS, Columns
from gft.cells.options import CellForms
from gft.errors import UserError, counted, listed


def values_of(given: Sequence[str] | None) -> tuple[str, ...]:
    """Return the values of `--na`, which commas separate; one with a comma is in double quotes."""
    found: list[str] = []
    for text in given or ():
        found += next(csv.reader([text], skipinitialspace=True), [])
    return tuple(dict.fromkeys(value.strip() for value in found))


def read(columns: Columns) -> Columns:
    """Return the columns with nothing in cells that mean a missing value.

    Numbers are compared as numbers are written: 99 stands for 99.0 too. Codes are named by
    themselves or by their labels.
    """
    given = columns.options.of(CellForms).na
    wanted = values_of(given)
    if given is not None and not wanted:
        raise UserError("--na: expected the cells that mean a missing value, such as --na NA,99")
    if not wanted:
        return columns
    found: Counter[str] = Counter()
    for name in dict.fromkeys(columns.equation.columns):
        for split, rows in columns.places(name):
            if rows.columns[name].kind not in ("text", "integer", "float", "boolean"):
                continue
            labels = rows.columns[name].labels or {}
            gone = {
                one: named
                for one in rows.labels([name]).different(name)
                for named in (spelt(one), labels.get(one))
                if named in wanted
            }
            if not gone:
                continue
            for part in rows.batches([name], READ_ROWS):
                found.update(gone[cell] for cell in part[name] if cell in gone)
            same_type = rows.table.schema.field(name).type
            columns = columns.mapped(split, name, partial(_unless, gone), same_type, labelled=True)
    return columns.noting(_told(wanted, found))


def _unless(gone: Container[Any], cell: Any) -> Any:
    return None if cell in gone else cell


def spelt(cell: Any) -> str:
    """Return a cell as `--na` names it: 99.0 as 99, without whitespace around it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _told(wanted: Sequence[str], found: Counter[str]) -> str:
    counts = [f"{value!r} ({found[value]:,})" for value in wanted if found[value]]
    none = [repr(value) for value in wanted if not found[value]]
    told = f"--na: {counted(found.total(), 'cell')} taken as missing: {listed(counts, 8)}"
    if not counts:
        return f"--na: no cell of the equation's columns is {' or '.join(none)}"
    return f"{told}; none is {' or '.join(none)}" if none else told
