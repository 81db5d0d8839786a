"""What is in a data set: splits, columns, classes, and how long its texts are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gft.data.numbers import is_number
from gft.data.sampling import Lengths, lengths_of, spread
from gft.data.table import Column, DataSet, Rows
from gft.results.label_counts import (
    COUNTED_ROWS,
    Counts,
    count_classes,
    has_classes,
    short,
    written,
)

EXAMPLES = 3
READ_ROWS = 1_000
DESCRIBED_ROWS = 10_000
TOKENIZED_ROWS = 2_000
"""So many rows of a split are looked at; of a larger one, rows at even distances."""

Tokenized = Callable[[Sequence[str]], list[int]]
"""Returns how many tokens each text has for a model, with those that mark its ends."""


@dataclass(frozen=True)
class ColumnFacts:
    """One column: `different` values, `empty` ones and lengths are of the rows that were read.

    `different` is None where values are not compared (objects); of lists it is what they hold
    that is compared, `held` values in all. Lengths are None where there are no texts; a list of
    words is as long as it has words. `title` is the question that a column answers.
    """

    name: str
    kind: str
    different: int | None
    empty: int
    examples: tuple[str, ...]
    words: Lengths | None
    tokens: Lengths | None = None
    over_limit: float | None = None
    held: int | None = None
    title: str | None = None


@dataclass(frozen=True)
class DataFacts:
    """A data set. `read` counts the rows of split `split` that its columns are described from.

    `labels` holds, by column, class and split, how often a class occurs; `counted` the rows that
    were counted where a split has more. `limit` is the tokens that the model named with it takes.
    """

    name: str
    repository: str | None
    commit: str | None
    rows: dict[str, int]
    split: str
    read: int
    columns: tuple[ColumnFacts, ...]
    labels: dict[str, Counts]
    counted: int | None
    tokenized: int | None = None
    limit: int | None = None


def describe_data(
    data: DataSet, tokenized: Tokenized | None = None, limit: int | None = None
) -> DataFacts:
    """Return what is in a data set; memory and time are bounded whatever its size.

    With `tokenized`, the texts are measured in tokens too, and held against `limit` of them.
    """
    split = "train" if "train" in data.splits else next(iter(data.splits))
    first = data.splits[split]
    sample = spread(first, DESCRIBED_ROWS)
    columns = [_described(sample, column) for column in first.columns.values()]
    labels = {
        found.name: count_classes(data, first.columns[found.name])
        for found in columns
        if has_classes(first.columns[found.name], found.different, _filled(found, len(sample)))
    }
    if tokenized is not None:
        few = spread(sample, TOKENIZED_ROWS)
        columns = [
            one if not is_text(one, labels) else _in_tokens(one, few, tokenized, limit)
            for one in columns
        ]
    return DataFacts(
        data.name,
        data.origin.get("repository"),
        data.origin.get("commit"),
        {name: len(rows) for name, rows in data.splits.items()},
        split,
        len(sample),
        tuple(columns),
        labels,
        COUNTED_ROWS if any(len(rows) > COUNTED_ROWS for rows in data.splits.values()) else None,
        None if tokenized is None else min(len(sample), TOKENIZED_ROWS),
        None if tokenized is None else limit,
    )


def as_texts(values: Sequence[Any]) -> list[str]:
    """Return cells of a column as texts; a list of words is joined by spaces."""
    return [
        " ".join(map(str, value)) if isinstance(value, list) else str(value)
        for value in values
        if value is not None
    ]


def _described(rows: Rows, column: Column) -> ColumnFacts:
    """Return what the values of a column are like; of large objects only a few are read."""
    if column.kind in ("struct", "other", "list"):
        return _of_objects(rows, column)
    seen: set[int] = set()
    examples: dict[str, None] = {}
    words: list[int] = []
    empty = 0
    for part in rows.batches([column.name], READ_ROWS):
        for value in part[column.name]:
            if value is None or value == "":
                empty += 1
                continue
            text = written(column, value)
            seen.add(hash(text))
            if len(examples) < EXAMPLES:
                examples[text] = None
            if column.kind == "text":
                words.append(len(text.split()))
    lengths = lengths_of(words) if words and not all(map(is_number, examples)) else None
    shown = tuple(short(text) for text in examples)
    return ColumnFacts(
        column.name, column.kind, len(seen), empty, shown, lengths, title=column.title
    )


def _filled(column: ColumnFacts, rows: int) -> int:
    return rows - column.empty if column.held is None else column.held


def _of_objects(rows: Rows, column: Column) -> ColumnFacts:
    few = rows.select(range(min(len(rows), EXAMPLES)))
    values = [one for part in few.batches([column.name], EXAMPLES) for one in part[column.name]]
    shown = tuple(short(_object_text(column, value)) for value in values)
    held = [one for value in values for one in _items(value)]
    if column.kind != "list" or not all(isinstance(one, str | int) for one in held):
        return ColumnFacts(column.name, column.kind, None, 0, shown, None)
    lengths: list[int] = []
    seen: set[int] = set()
    for part in rows.batches([column.name], READ_ROWS):
        for value in part[column.name]:
            lengths.append(len(_items(value)))
            seen.update(map(hash, _items(value)))
    words = lengths_of(lengths) if any(isinstance(one, str) for one in held) else None
    different = len(seen) if held else None
    return ColumnFacts(
        column.name, column.kind, different, lengths.count(0), shown, words, held=sum(lengths)
    )


def _object_text(column: Column, value: Any) -> str:
    if column.kind == "list":
        return " ".join(written(column, one) for one in _items(value))
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_start(one)}" for name, one in value.items())
    return _start(value)


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _start(value: Any) -> str:
    return f"{len(value):,} bytes" if isinstance(value, bytes) else str(value)


def _in_tokens(
    column: ColumnFacts, rows: Rows, tokenized: Tokenized, limit: int | None
) -> ColumnFacts:
    values = as_texts(rows.column(column.name))
    tokens = tokenized(values) if values else []
    over = None
    if limit is not None and tokens:
        over = sum(one > limit for one in tokens) / len(tokens)
    return ColumnFacts(**{**vars(column), "tokens": lengths_of(tokens), "over_limit": over})


def is_text(column: ColumnFacts, labels: Mapping[str, Counts]) -> bool:
    """Say whether a column holds texts, and not just names of classes."""
    if column.words is None or column.name not in labels:
        return column.words is not None
    return column.kind == "text" and column.words.median > 1
