"""Data that is already in memory: data frames, `datasets`, dicts of lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gft.data.table import DataSet, Rows
from gft.errors import UserError


def from_memory(thing: object) -> DataSet | None:
    """Return data that Python code holds, None if `thing` is no data but a name.

    A pandas or polars data frame, a `datasets.Dataset` or a dict of lists is one split, `train`;
    a `DatasetDict` or a dict of any of them has a split per key.
    """
    if isinstance(thing, Mapping) and thing:
        if all(isinstance(value, Sequence) and not isinstance(value, str) for value in thing.values()):
            return DataSet("data", {"train": _from_lists(thing)}, {"supplier": "memory"})
        splits = {str(name): _rows(value) for name, value in thing.items()}
        if all(rows is not None for rows in splits.values()):
            kept = {name: rows for name, rows in splits.items() if rows is not None}
            return DataSet("data", kept, {"supplier": "memory"})
        raise UserError("data: expected a list for each column, or a data frame for each split")
    rows = _rows(thing)
    return None if rows is None else DataSet("data", {"train": rows}, {"supplier": "memory"})


def _rows(thing: Any) -> Rows | None:
    import pyarrow as pa

    home = type(thing).__module__.partition(".")[0]
    if home == "datasets":
        return from_datasets(thing)
    if home == "pandas":
        return Rows(pa.Table.from_pandas(thing, preserve_index=False))
    if home == "polars":
        return Rows(thing.to_arrow())
    if isinstance(thing, pa.Table):
        return Rows(thing)
    if isinstance(thing, Mapping):
        return _from_lists(thing)
    return None


def _from_lists(columns: Mapping[str, Sequence[Any]]) -> Rows:
    import pyarrow as pa

    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise UserError(f"data: columns of different lengths: {lengths}")
    try:
        return Rows(pa.table({str(name): list(values) for name, values in columns.items()}))
    except (pa.ArrowInvalid, pa.ArrowTypeError) as problem:
        raise UserError(f"data: {str(problem).splitlines()[0]}") from None


def from_datasets(dataset: Any) -> Rows:
    """Return a `datasets.Dataset`, still mapped from its Arrow file, with its class names."""
    classes = {}
    for name, feature in dataset.features.items():
        inner = getattr(feature, "feature", feature)
        names = getattr(inner, "names", None)
        if names:
            classes[name] = tuple(names)
    indices = None
    if getattr(dataset, "_indices", None) is not None:
        indices = dataset._indices.column(0).to_numpy()
    table = dataset.data.table.select(list(dataset.features)).replace_schema_metadata(None)
    return Rows(table, classes, indices)
