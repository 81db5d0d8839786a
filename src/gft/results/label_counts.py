"""How often each class occurs, in columns that look like labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gft.data.numbers import is_number
from gft.data.sampling import spread
from gft.data.table import Column, DataSet
from gft.tasks import labels as labelling

MOST_CLASSES = 100
"""A column of texts or integers with more different values than that is not one of classes."""
WIDEST_CELL = 60
READ_ROWS = 10_000
COUNTED_ROWS = 1_000_000
"""So many rows of a split are counted; of a larger one, rows at even distances."""
COUNTED_KINDS = ("class", "text", "integer", "boolean", "list")

Counts = dict[str, dict[str, int]]
"""By class and split, how often the class occurs."""


def has_classes(column: Column, different: int | None, filled: int) -> bool:
    """Say whether a column looks like one of classes: named ones, or values that recur.

    `different` values were found in `filled` cells, or in lists that hold so many.
    """
    if column.classes is not None:
        return True
    if column.kind not in COUNTED_KINDS or different is None:
        return False
    return 2 <= different <= min(MOST_CLASSES, filled / 2)


def count_classes(data: DataSet, column: Column) -> Counts:
    """Return how often each class of a column occurs in each split that has the column."""
    found: dict[str, Counter[str]] = {}
    for name, rows in data.splits.items():
        if column.name not in rows.columns:
            continue
        values: Counter[Any] = Counter()
        for part in spread(rows, COUNTED_ROWS).batches([column.name], READ_ROWS):
            cells = part[column.name]
            values.update(_flat(cells) if column.kind == "list" else cells)
        counts = found[name] = Counter()
        for value, count in values.items():
            counts[written(column, value)] += count
    every = list(dict.fromkeys(value for counts in found.values() for value in counts))
    known = column.classes or labelling.in_natural_order(every)
    ordered = [one for one in known if one in every] + [one for one in every if one not in known]
    return {one: {name: counts[one] for name, counts in found.items()} for one in ordered}


def _flat(lists: Sequence[Any]) -> Iterator[Any]:
    return (one for values in lists for one in values or ())


@dataclass(frozen=True)
class Amounts:
    """Mean, standard deviation, least and largest of the numbers in a split."""

    mean: float
    sd: float
    least: float
    most: float


def amounts_of(counts: Counts) -> dict[str, Amounts] | None:
    """Return the spread of the numbers in each split that has any; None if they are no amounts.

    Amounts are numbers that are not all whole: whole ones may stand for classes.
    """
    import numpy as np

    numbers = {one: float(one) for one in counts if is_number(one)}
    if len(numbers) < sum(map(bool, counts)) or all(map(float.is_integer, numbers.values())):
        return None
    found = {}
    for split in next(iter(counts.values())):
        there = [(value, counts[one][split]) for one, value in numbers.items()]
        values = np.repeat(*map(np.asarray, zip(*there, strict=True)))
        if len(values):
            spread = (values.mean(), values.std(), values.min(), values.max())
            found[split] = Amounts(*map(float, spread))
    return found


def written(column: Column, value: Any) -> str:
    """Return a cell as text: a named class or labelled code by its name, nothing for missing."""
    classes = column.classes
    if column.labels and value is not None:
        return column.labels.get(value, str(value))
    if classes and isinstance(value, int):
        return classes[value] if 0 <= value < len(classes) else f"{value} (no label)"
    return "" if value is None else str(value)


def short(text: str) -> str:
    """Return a text in one line that is not too wide for a cell."""
    flat = " ".join(text.split())
    return flat if len(flat) <= WIDEST_CELL else flat[: WIDEST_CELL - 1] + "…"
