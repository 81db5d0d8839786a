"""`Rows` and `DataSet`: data in Arrow tables, with what gft knows about each column.

Importing this module imports neither pyarrow nor datasets; whoever makes a `Rows` has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft.data.blocks import bounds
from gft.data.labelled import labels_of, order_of, title_of, with_order
from gft.data.written import as_written, mixed_of
from gft.errors import counted

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from gft.data.labels import Labels, Parted

SHOWN_ROWS, SHOWN_COLUMNS = 5, 20
"""So much of a data set is shown in a notebook."""
HASHED_ROWS = 10_000
HASHED_FILES = 64
"""Rows that are hashed at a time: where there are files in cells they may be large."""
FEW_ROWS = 10_000
"""As many rows are fetched chunk by chunk; Arrow's own `take` joins all chunks first."""


@dataclass(frozen=True)
class Column:
    """One column: `kind` is text, integer, float, boolean, class, list, struct, file or other.

    `classes` names the classes of a class column, in the order of its integers; a list column
    has them when its lists hold such integers. `labels` has the labels of codes, as statistics
    programs keep them; `title` is the question that a column answers. `order` has values of text in
    an order of their own, if they have one. `mixed` says, of a column whose values are of several
    forms, which is the first that does not fit.
    """

    name: str
    kind: str
    classes: tuple[str, ...] | None = None
    labels: Mapping[int | float | str, str] | None = field(default=None, hash=False)
    title: str | None = None
    mixed: str | None = None
    order: tuple[str, ...] = field(default=(), hash=False)

    def __str__(self) -> str:
        """Return the column for a sentence: `label (class)`."""
        return f"{self.name} ({self.kind})"


class Rows:
    """The rows of one split, in memory or mapped from a file."""

    def __init__(
        self,
        table: pa.Table,
        classes: Mapping[str, Sequence[str]] | None = None,
        indices: np.ndarray[Any, Any] | None = None,
    ) -> None:
        """Take rows of a table.

        `indices`, when given, picks and orders rows of `table` without a copy. `classes` names
        the classes of integer columns that have named classes.
        """
        self.table = table
        self.classes = {name: tuple(names) for name, names in (classes or {}).items()}
        self.indices = indices
        self._numbers: np.ndarray[Any, Any] | None = None
        self._whole: Rows | None = None
        self._labels: dict[Any, Labels] = {}
        self.columns = {
            name: self._column(name, kind_of(table.schema.field(name).type))
            for name in table.column_names
        }

    def _column(self, name: str, kind: str) -> Column:
        if name not in self.classes:
            about = self.table.schema.field(name)
            mixed = mixed_of(about)
            labels, title = labels_of(about), title_of(about)
            return Column(
                name, kind, labels=labels, title=title, mixed=mixed, order=order_of(about)
            )
        return Column(name, kind if kind == "list" else "class", self.classes[name])

    def __len__(self) -> int:
        """Return how many rows there are."""
        return int(self.table.num_rows) if self.indices is None else len(self.indices)

    def is_empty(self, name: str) -> bool:
        """Say whether a column has no type, as nothing stands in any of its cells."""
        import pyarrow as pa

        return bool(pa.types.is_null(self.table.schema.field(name).type))

    def select(self, indices: Sequence[int] | np.ndarray[Any, Any]) -> Rows:
        """Return the rows at `indices`, in their order, sharing the table."""
        import numpy as np

        chosen = np.asarray(indices, dtype=np.int64)
        indices = chosen if self.indices is None else self.indices[chosen]
        some = Rows(self.table, self.classes, indices)
        # Mostly the indices in the table, which are then kept once.
        same = self.indices is None or self.indices is self._numbers
        some._numbers = indices if same else self.numbers()[chosen]
        some._whole = self._whole or self
        return some

    def with_cells(
        self,
        name: str,
        cells: pa.Array | pa.ChunkedArray,
        classes: Sequence[str] | None = None,
        labelled: bool = False,
    ) -> Rows:
        """Return the rows with other cells in a column, one for each row, in their order.

        `classes` are the names of classes that the cells are numbers of; where they are `labelled`
        they have the labels of the old cells. It is for the rows of a whole split: what was
        selected from them keeps the old cells.
        """
        import numpy as np
        import pyarrow as pa

        if self.indices is not None:  # The table's other rows are never looked at.
            indices = np.full(self.table.num_rows, -1)
            indices[self.indices] = np.arange(len(self.indices))
            cells = cells.take(pa.array(indices, mask=indices < 0))
        at = self.table.schema.get_field_index(name)
        known = {one: names for one, names in self.classes.items() if one != name}
        known |= {} if classes is None else {name: tuple(classes)}
        field = self.table.schema.field(name) if labelled else name
        some = Rows(self.table.set_column(at, field, cells), known, self.indices)
        some._numbers = self._numbers
        return some

    def with_order(self, name: str, levels: Sequence[str]) -> Rows:
        """Return the rows with a column of text that knows the order of its values."""
        at, field = self.table.schema.get_field_index(name), self.table.schema.field(name)
        table = self.table.set_column(at, with_order(field, levels), self.table.column(name))
        some = Rows(table, self.classes, self.indices)
        some._numbers = self._numbers
        return some

    def with_column(self, name: str, cells: pa.ChunkedArray) -> Rows:
        """Return the rows with one more column, which has a cell for each row of the table."""
        some = Rows(self.table.append_column(name, cells), self.classes, self.indices)
        some._numbers = self._numbers
        return some

    def renamed(self, name: str, to: str) -> Rows:
        """Return the rows with another name for a column; for those of a whole split."""
        table = self.table.rename_columns([to if one == name else one for one in self.columns])
        known = {to if one == name else one: names for one, names in self.classes.items()}
        some = Rows(table, known, self.indices)
        some._numbers = self._numbers
        return some

    def labels(self, names: Sequence[str], parted: Parted | None = None) -> Labels:
        """Return the cells of label columns: read once, also for all that is selected of these.

        `parted` makes a list of a cell, of which the members are labels.
        """
        from gft.data.labels import Labels

        if all(self.columns[name].kind == "list" for name in names):
            parted = None  # They are parted already.
        key = (*names, parted)
        if key not in self._labels:
            known = {} if self._whole is None else self._whole._labels
            self._labels[key] = (
                known[key].select(self.numbers()) if key in known else Labels(self, names, parted)
            )
        return self._labels[key]

    def numbers(self) -> np.ndarray[Any, Any]:
        """Return the number of each row in the split that all were selected from, from 0."""
        import numpy as np

        return np.arange(len(self)) if self._numbers is None else self._numbers

    def batches(self, names: Sequence[str], size: int) -> Iterator[dict[str, list[Any]]]:
        """Yield up to `size` rows at a time as a dict of Python lists, one per column in `names`.

        Where rows are long there are fewer (`blocks.BYTES_PER_BLOCK`). Files in cells come as
        `StoredFile`, which reads them when they are wanted.
        """
        return self._dicts(names, bounds([self._plain(names)], len(self), size))

    def batches_beside(
        self, names: Sequence[str], others: Rows, of_others: Sequence[str], size: int
    ) -> Iterator[tuple[dict[str, list[Any]], dict[str, list[Any]]]]:
        """Yield the same rows of these and of `others`, which has as many, as `batches` does."""
        tables = [self._plain(names), others._plain(of_others)]
        ends = list(bounds(tables, len(self), size))
        return zip(self._dicts(names, ends), others._dicts(of_others, ends), strict=True)

    def _plain(self, names: Sequence[str]) -> tuple[pa.Table, np.ndarray[Any, Any] | None]:
        """Return the columns among `names` that are no files, and which rows of them are ours."""
        plain = [name for name in names if self.columns[name].kind != "file"]
        return self.table.select(plain), self.indices

    def _dicts(
        self, names: Sequence[str], ends: Iterable[tuple[int, int]]
    ) -> Iterator[dict[str, list[Any]]]:
        """Yield the rows between bounds as a dict of Python lists, one per column in `names`."""
        table, _ = self._plain(names)
        taken = self._taker(table)
        indices = {name: index for index, name in enumerate(table.column_names)}
        for start, stop in ends:
            part = taken(start, stop)
            yield {
                name: self._values(name, part.column(indices[name]))
                if name in indices
                else self._files(name, start, stop)
                for name in names
            }

    def _files(self, name: str, start: int, stop: int) -> list[Any]:
        from gft.data.stored import stored_files

        rows = range(len(self)) if self.indices is None else self.indices
        return stored_files(self.table.column(name), map(int, rows[start:stop]))

    def _taker(self, table: pa.Table) -> Callable[[int, int], pa.Table]:
        """Return what gives our rows of `table` from one to before another."""
        if self.indices is None:
            return lambda start, stop: table.slice(start, stop - start)
        batches, indices = _Batches(table), self.indices
        return lambda start, stop: batches.take(indices[start:stop])

    def column(self, name: str) -> list[Any]:
        """Return one column as Python values, None where missing."""
        if self.columns[name].kind == "file":
            return self._files(name, 0, len(self))
        column = self.table.column(name)
        if self.indices is not None:
            column = column.take(self.indices)
        return self._values(name, column)

    def _values(self, name: str, column: pa.ChunkedArray) -> list[Any]:
        return as_written(self.table.schema.field(name), column.to_pylist())

    def update_hash(self, digest: Any) -> None:
        """Feed the rows' content to a hash, the same whatever chunks the table is made of."""
        from gft.data.fingerprint import hash_column

        digest.update(repr([_identity(column) for column in self.columns.values()]).encode())
        stored = any(column.kind == "file" for column in self.columns.values())
        taken, size = self._taker(self.table), HASHED_FILES if stored else HASHED_ROWS
        for start in range(0, len(self), size):
            for column in taken(start, start + size).columns:
                hash_column(digest, column)


def _identity(column: Column) -> tuple[Any, ...]:
    """Return what a column is beside its cells; labels count where there are any."""
    labels = (dict(column.labels),) if column.labels else ()
    return column.name, column.kind, column.classes, *labels


class _Batches:
    """A table of many chunks, of which a few rows anywhere can be taken quickly."""

    def __init__(self, table: pa.Table) -> None:
        import numpy as np

        self.table = table
        self.batches = table.to_batches()
        self.ends = np.cumsum([batch.num_rows for batch in self.batches], dtype=np.int64)

    def take(self, indices: np.ndarray[Any, Any]) -> pa.Table:
        """Return the rows at `indices`, in their order."""
        import numpy as np
        import pyarrow as pa

        if len(self.batches) < 2 or len(indices) > FEW_ROWS:
            return self.table.take(indices)
        order = np.argsort(indices, kind="stable")
        chosen = indices[order]
        holding = np.searchsorted(self.ends, chosen, side="right")
        parts = []
        for number in np.unique(holding):
            batch = self.batches[number]
            within = chosen[holding == number] - (self.ends[number] - batch.num_rows)
            parts.append(batch.take(pa.array(within)))
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return pa.Table.from_batches(parts, self.table.schema).combine_chunks().take(back)


@dataclass(frozen=True)
class DataSet:
    """Splits by the names their supplier gives them.

    `origin` says where they came from, as `gft.json` records it: supplier, name, commit, files.
    `folder` is where file names in the cells begin, None where they begin in the working folder.
    `original` is the data as it was read, where the cells of some columns are others now.
    """

    name: str
    splits: dict[str, Rows]
    origin: dict[str, Any] = field(default_factory=dict)
    folder: Path | None = None
    original: DataSet | None = None

    def __repr__(self) -> str:
        columns = ", ".join(map(str, self.columns.values()))
        return f"<DataSet {self.name}: {self._sizes()}; columns {columns}>"

    def _repr_html_(self) -> str:
        names = list(self.columns)[:SHOWN_COLUMNS]
        shown = self._first_rows(names) if self.splits else []
        more = len(self.columns) - len(names)
        about = f"{self.name}: {self._sizes()}" + (f"; {more:,} more columns" if more else "")
        from gft.markup import html_table, html_text

        return html_text(about) + html_table([str(self.columns[one]) for one in names], shown)

    def _sizes(self) -> str:
        return ", ".join(f"{name} {counted(len(one), 'row')}" for name, one in self.splits.items())

    def _first_rows(self, names: Sequence[str]) -> list[list[str]]:
        """Return the first rows of the first split as texts that are not too long."""
        from gft.data.cells import named_cell, text_of

        rows = next(iter(self.splits.values()))
        part = next(rows.batches(names, SHOWN_ROWS), {})
        columns = [[text_of(named_cell(rows.columns[n], one)) for one in part[n]] for n in part]
        from gft.markup import shorten

        return [[shorten(cell) for cell in row] for row in zip(*columns, strict=True)]

    @property
    def columns(self) -> dict[str, Column]:
        """The columns of the first split."""
        return next(iter(self.splits.values())).columns if self.splits else {}

    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits that change when any value of any split does.

        They are the same on any machine and for any file that the same values came from, and
        however the cells are read.
        """
        return (self.original or self)._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.blake2b(digest_size=8)
        for name, rows in sorted(self.splits.items()):
            digest.update(name.encode())
            rows.update_hash(digest)
        return digest.hexdigest()


def kind_of(arrow_type: pa.DataType) -> str:
    """Return what `Column.kind` says of an Arrow type."""
    import pyarrow as pa

    from gft.data.stored import holds_files

    types = pa.types
    if types.is_dictionary(arrow_type):
        return kind_of(arrow_type.value_type)
    if holds_files(arrow_type):
        return "file"
    kinds = {
        "text": (types.is_string, types.is_large_string, types.is_string_view),
        "boolean": (types.is_boolean,),
        "integer": (types.is_integer,),
        "float": (types.is_floating, types.is_decimal),
        "list": (types.is_list, types.is_large_list, types.is_fixed_size_list),
        "struct": (types.is_struct,),
    }
    return next(
        (kind for kind, tests in kinds.items() if any(test(arrow_type) for test in tests)), "other"
    )
