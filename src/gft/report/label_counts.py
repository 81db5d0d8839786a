"""How often each class occurs, in columns that look like labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from gft.data.numbers import is_number
from gft.data.sampling import spread
from gft.data.table import Column, DataSet
from gft.report.tables import table
from gft.tasks import labels as labelling

SHOWN_CLASSES = 12
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
            counts[spelt(column.classes, value)] += count
    every = list(dict.fromkeys(value for counts in found.values() for value in counts))
    known = column.classes or labelling.in_natural_order(every)
    ordered = [one for one in known if one in every] + [one for one in every if one not in known]
    return {one: {name: counts[one] for name, counts in found.items()} for one in ordered}


def _flat(lists: Sequence[Any]) -> Iterator[Any]:
    return (one for values in lists for one in values or ())


def label_tables(labels: dict[str, Counts], counted: int | None) -> str:
    """Return a table of counts for each column of classes; the most frequent of many.

    `counted` is how many rows of a split were counted, where there are more.
    """
    text = ""
    for name, counts in labels.items():
        splits = list(next(iter(counts.values()), {}))
        shown = list(counts)
        if len(shown) > SHOWN_CLASSES and _are_amounts(list(filter(None, shown))):
            text += "\n" + _amounts(name, counts, splits)
            continue
        if len(shown) > SHOWN_CLASSES:
            ranked = sorted(shown, key=lambda one: -sum(counts[one].values()))[:SHOWN_CLASSES]
            shown = ranked
        rows = [
            (short(one) or "(empty)", *(f"{counts[one][split]:,}" for split in splits))
            for one in shown
        ]
        text += "\n" + table((name, *splits), rows, right=range(1, len(splits) + 1))
        if len(counts) > len(shown):
            text += f"and {len(counts) - len(shown):,} more classes\n"
    if text and counted is not None:
        text += f"counted in at most {counted:,} rows of a split, evenly spread\n"
    return text


def _are_amounts(values: Sequence[str]) -> bool:
    """Say whether all are numbers and not all whole: whole ones may stand for classes."""
    return all(map(is_number, values)) and not all(float(one).is_integer() for one in values)


def _amounts(name: str, counts: Counts, splits: Sequence[str]) -> str:
    """Return the spread of a column of numbers in each split."""
    import numpy as np

    rows = []
    for split in splits:
        there = [(float(one), of[split]) for one, of in counts.items() if one and of[split]]
        if there:
            values = np.repeat(*map(np.asarray, zip(*there, strict=True)))
            measures = (values.mean(), values.std(), values.min(), values.max())
            rows.append((name, split, *(f"{one:.4g}" for one in measures)))
    return table(("numbers", "split", "mean", "sd", "least", "most"), rows, right=(2, 3, 4, 5))


def spelt(classes: tuple[str, ...] | None, value: Any) -> str:
    """Return a cell as text: the name of a named class, nothing for a missing value."""
    if classes and isinstance(value, int):
        return classes[value] if 0 <= value < len(classes) else f"{value} (no label)"
    return "" if value is None else str(value)


def short(text: str) -> str:
    """Return a text in one line that is not too wide for a cell."""
    flat = " ".join(text.split())
    return flat if len(flat) <= WIDEST_CELL else flat[: WIDEST_CELL - 1] + "…"
