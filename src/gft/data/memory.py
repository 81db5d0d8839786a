"""Data that is already in memory: data frames, `datasets`, dicts of lists."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from gft.data.assembled import table_of_columns
from gft.data.columnar import classes_in, plain
from gft.data.mixtures import MIXTURES
from gft.data.table import DataSet, Rows
from gft.errors import UserError

NAME = "data"
"""What data without a name is called in errors."""


def from_memory(thing: object) -> DataSet | None:
    """Return data that Python code holds, None if `thing` is something else, such as a name.

    A pandas or polars data frame, an Arrow table, a `datasets.Dataset` or a dict of lists is one
    split, `train`; a dict of these (a `DatasetDict` is one) has a split per key. NaN and the like
    are missing values. Raises `UserError` for a mistake in the data.
    """
    if not isinstance(thing, Mapping):
        rows = _rows(thing, NAME)
        splits = None if rows is None else {"train": rows}
    elif thing and all(_is_column(value) for value in thing.values()):
        splits = {"train": Rows(_of_lists(thing, NAME))}
    else:
        splits = _splits(thing)
    if splits is None:
        return None
    for split, rows in splits.items():
        if not len(rows):
            raise UserError(f"{NAME}: {split} has no rows")
    return DataSet(NAME, splits, {"supplier": "memory"})


def _splits(thing: Mapping[Any, Any]) -> dict[str, Rows]:
    splits = {}
    some_columns = any(_is_column(value) for value in thing.values())
    for name, value in thing.items():
        if some_columns and _is_column(value):
            continue  # The others are the mistake.
        rows = None if some_columns else _rows(value, f"{NAME}[{name!r}]")
        if rows is None:
            raise UserError(
                f"{NAME}: expected a list for each column, or a data frame for each split; "
                f"{name!r} is a {type(value).__name__}"
            )
        splits[str(name)] = rows
    if not splits:
        raise UserError(f"{NAME}: the dict is empty; expected a list for each column")
    return splits


def values_of(thing: Any) -> Any:
    """Return a column of texts that Python code holds, or an array of such columns, as a list.

    That is a Series of pandas or polars, an Arrow array, or an array of numpy with texts in it,
    whose rows become tuples where it has several columns. NaN and the like become None. Anything
    else is returned as it is.
    """
    home, form = type(thing).__module__.partition(".")[0], type(thing).__name__
    one = (home, form) in _COLUMNS
    texts = home == "numpy" and form == "ndarray" and thing.dtype.kind in "OSUT"
    if not one and not (texts and thing.ndim in (1, 2)):
        return thing
    made = {"polars": "to_list", "pyarrow": "to_pylist"}.get(home, "tolist")
    values = getattr(thing, made)()
    if one or thing.ndim == 1:
        return [_none_if_missing(value) for value in values]
    return [tuple(_none_if_missing(value) for value in row) for row in values]


_COLUMNS = {
    ("pandas", "Series"),
    ("pandas", "Index"),
    ("polars", "Series"),
    ("pyarrow", "ChunkedArray"),
    ("pyarrow", "StringArray"),
    ("pyarrow", "LargeStringArray"),
}


def _none_if_missing(value: Any) -> Any:
    missing = type(value).__name__ in ("NAType", "NaTType")
    return None if missing or (isinstance(value, float) and math.isnan(value)) else value


def _rows(thing: Any, where: str) -> Rows | None:
    """Return one split, None if `thing` is none. The library it comes from is imported already."""
    home = type(thing).__module__.partition(".")[0]
    form = type(thing).__name__
    if home == "datasets" and form == "Dataset":
        _check_format(thing, where)
        return from_datasets(thing)
    if home == "datasets":
        raise UserError(f"{where}: a datasets.{form} is not read; expected a datasets.Dataset")
    if home == "pandas" and form == "DataFrame":
        return Rows(_of_pandas(thing, where))
    if home == "polars" and form == "LazyFrame":
        thing = thing.collect()
    if home == "polars" and form in ("DataFrame", "LazyFrame"):
        return Rows(plain(thing.to_arrow()))
    if home == "pyarrow" and form == "Table":
        table = plain(thing)
        return Rows(table.replace_schema_metadata(None), classes_in(table))
    if isinstance(thing, Mapping) and all(_is_column(value) for value in thing.values()):
        return Rows(_of_lists(thing, where))
    return None


def _check_format(dataset: Any, where: str) -> None:
    """Raise `UserError` for a transform that is applied as rows are fetched: we read its table."""
    asked = dataset.format
    if "transform" in asked["format_kwargs"]:
        raise UserError(
            f"{where}: the dataset has a transform (with_transform, set_transform), which is not "
            "applied here; apply it first: dataset.with_format(None).map(..., batched=True)"
        )


def _is_column(value: object) -> bool:
    if isinstance(value, str | bytes | Mapping):
        return False
    # Arrays and series have one dimension; a frame has two, and is a split.
    return isinstance(value, Sequence) or len(getattr(value, "shape", ())) == 1


def _of_lists(columns: Mapping[Any, Any], where: str) -> pa.Table:
    # Arrays and series become lists of Python values, so that numpy's types do not mix with them.
    lists = {
        str(name): values.tolist() if hasattr(values, "tolist") else list(values)
        for name, values in columns.items()
    }
    if not any(lists.values()):
        raise UserError(f"{where} has no rows")
    return table_of_columns(lists, where)


def _of_pandas(frame: Any, where: str) -> pa.Table:
    names = [str(name) for name in frame.columns]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise UserError(f"{where}: two columns of the data frame are called {name!r}")
    arrays, fields = [], []
    for index, name in enumerate(names):
        series = frame.iloc[:, index]
        try:
            array = pa.Array.from_pandas(series)
            field = pa.field(name, array.type)
        except MIXTURES:
            # The slower way finds the row whose value does not fit.
            column = table_of_columns({name: series.tolist()}, where)
            array, field = column.column(name), column.schema.field(name)
        arrays.append(array)
        fields.append(field)
    return plain(pa.Table.from_arrays(arrays, schema=pa.schema(fields)))


def from_datasets(dataset: Any) -> Rows:
    """Return a `datasets.Dataset`, still mapped from its Arrow file, with its class names.

    Columns of lists of classes have their names too. Rows that were selected or shuffled stay so.
    """
    wanted = list(dataset.format["columns"])  # A format of some of them shows no others.
    classes = {
        name: tuple(names)
        for name, feature in dataset.features.items()
        if name in wanted
        and (names := getattr(getattr(feature, "feature", feature), "names", None))
    }
    chosen = dataset._indices
    indices = None if chosen is None else chosen.column(0).to_numpy()
    table = dataset.data.table.select(wanted).replace_schema_metadata(None)
    return Rows(table, classes, indices)
