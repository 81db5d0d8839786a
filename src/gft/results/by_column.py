"""The columns of `--by`: which value each row has, however the column is written."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from gft.cells.missing import code_text
from gft.data.cells import named_cell, text_of
from gft.data.numbers import is_missing, is_number
from gft.data.table import DataSet, Rows
from gft.errors import UserError, counted, listed, no_such
from gft.metrics.subgroups import FEWEST_ROWS, ByColumn
from gft.tasks.labels import in_natural_order

MOST_VALUES = 20
"""Of more values the most frequent are subgroups; more numbers are grouped at their quartiles."""
READ_ROWS = 10_000
MISSING = "missing"
_ONE_A_ROW = ("text", "integer", "float", "boolean", "class", "other")


def names_in(asked: Sequence[str], columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of `--by`, which commas may separate.

    A name that has one is in double quotes, or the whole of a value.
    """
    known = set(columns)
    found = (
        name.strip()
        for word in asked
        for name in ([word] if word in known else next(csv.reader([word]), []))
    )
    return tuple(dict.fromkeys(name for name in found if name))


def by_columns(
    asked: Sequence[str], rows: Rows, data: DataSet, split: str, absent: Sequence[str] = ()
) -> list[ByColumn]:
    """Return the value of each row, for each column of `--by`.

    `rows` are some of a `split` of `data`, with their cells as they were read. An empty cell, and
    one of `absent` (`--na`), is `missing`, which is a value too. More than `MOST_VALUES` numbers
    are grouped at the quartiles of the whole data; of as many names the most frequent are kept, and
    the others form one. Raises `UserError` for columns that the split lacks, that have
    several values a row, or in which nearly every row has a value of its own.
    """
    _check(asked, rows, split)
    found = []
    for name in names_in(asked, rows.columns):
        values = _values(rows, name, frozenset(absent))
        counts = Counter(value for value in values if value)
        numbers = {*_all_numbers(name, data, frozenset(absent))} if _are_numbers(counts) else ()
        if len(numbers) > MOST_VALUES:
            found.append(_cut(name, values, data, frozenset(absent)))
        elif len(counts) > MOST_VALUES:
            found.append(_most_frequent(name, values, counts))
        else:
            found.append(_named(name, values, in_natural_order(counts)))
    return found


def _check(asked: Sequence[str], rows: Rows, split: str) -> None:
    """Raise `UserError` for each column of `--by` that a split lacks, or that has no values."""
    if not names_in(asked, rows.columns):
        raise UserError("--by: expected columns of the data, such as --by gender,age_band")
    wrong = []
    for name in names_in(asked, rows.columns):
        if name not in rows.columns:
            wrong.append(f"--by: {no_such('column', name, rows.columns, split)}")
        elif rows.columns[name].kind not in _ONE_A_ROW:
            wrong.append(
                f"--by: the cells of column {rows.columns[name]} of {split} have parts; expected "
                "a column with one value a row, such as gender"
            )
    if wrong:
        raise UserError(*wrong)


def _are_numbers(values: Iterable[str]) -> bool:
    return all(map(is_number, values))


def _values(rows: Rows, name: str, absent: frozenset[str]) -> list[str]:
    """Return the cells of a column as text, empty where there is nothing."""
    column = rows.columns[name]
    values: dict[Any, str] = {}
    found = []
    for part in rows.batches([name], READ_ROWS):
        for cell in part[name]:
            if cell not in values:
                values[cell] = _text(named_cell(column, cell))
                if code_text(values[cell]) in absent or code_text(cell) in absent:
                    values[cell] = ""
            found.append(values[cell])
    return found


def _text(cell: Any) -> str:
    if is_missing(cell):
        return ""
    whole = isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15
    return text_of(int(cell) if whole else cell).strip()


def _named(
    name: str, values: Sequence[str], names: Sequence[str], rest: str | None = None
) -> ByColumn:
    """Return the number of each row's value: those of `names`, `rest` for others, and missing."""
    number_of = {value: n for n, value in enumerate(names)}
    every = [*names, *([] if rest is None else [rest])]
    other = len(every) - 1
    if "" in values:
        number_of[""] = len(every)
        every.append(MISSING if MISSING not in every else f"{MISSING} (an empty cell)")
    numbers = np.array([number_of.get(value, other) for value in values], dtype=np.int64)
    return ByColumn(name, tuple(every), numbers, frozenset() if rest is None else frozenset({rest}))


def _most_frequent(name: str, values: Sequence[str], counts: Mapping[str, int]) -> ByColumn:
    ranked = sorted(counts, key=lambda value: -counts[value])
    if counts[ranked[0]] < FEWEST_ROWS:
        raise UserError(
            f"--by: column {name!r} has {len(counts):,} different values in "
            f"{counted(len(values), 'row')}, and none in {FEWEST_ROWS} or more; expected a column "
            "with a few values, such as gender"
        )
    kept = in_natural_order(ranked[:MOST_VALUES])
    rest = counted(len(counts) - MOST_VALUES, "other value")
    note = f"--by {name}: the {MOST_VALUES} most frequent of {len(counts):,} values are subgroups"
    return replace(_named(name, values, kept, rest), note=f"{note}, the others form one")


def _cut(name: str, values: Sequence[str], data: DataSet, absent: frozenset[str]) -> ByColumn:
    """Return between which quartiles of all numbers of the data each row's lies."""
    every = np.array([*_all_numbers(name, data, absent)])
    edges = np.unique(np.quantile(every, (0, 0.25, 0.5, 0.75, 1), method="nearest"))
    names = [
        f"{'over ' if n else ''}{low:g} to {high:g}"
        for n, (low, high) in enumerate(pairwise(edges))
    ]
    quarters = [
        names[max(0, int(np.searchsorted(edges, float(value))) - 1)] if value else ""
        for value in values
    ]
    note = f"--by {name}: {len(np.unique(every)):,} different numbers, grouped at their quartiles: "
    advice = "; a column of your own bands (R's cut) says which you want"
    return replace(_named(name, quarters, names), note=f"{note}{listed(names)}{advice}")


def _all_numbers(name: str, data: DataSet, absent: frozenset[str]) -> Iterator[float]:
    for rows in data.splits.values():
        if name in rows.columns:
            yield from (float(one) for one in _values(rows, name, absent) if is_number(one))
