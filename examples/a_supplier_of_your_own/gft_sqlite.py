"""`--data S:corpus.db,letters`: a table, or a view, of an SQLite database."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from gft.data.table import DataSet, Rows
from gft.errors import UserError, listed, no_such
from gft.language.options import Shared
from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.protocol import Supplier

SPLIT = "split"
"""A column of this name says which split a row is in; without one every row is in train."""


class Sqlite(Supplier):
    """Tables of databases on this machine; there are no models in them."""

    letter = "S"
    names = ("SQLite",)

    def data(self, spec: Spec, options: Options) -> DataSet:
        """Return a table as a data set. Raises `UserError` naming the tables that there are."""
        place, table = named(spec)
        path = Path(options.of(Shared).data_dir or "", place).expanduser()
        if not path.is_file():
            raise UserError(f"{spec}: there is no file {path}")
        try:
            address = f"{path.resolve().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True)) as connection:
                columns = read(connection, table, str(path))
        except sqlite3.DatabaseError as problem:
            raise UserError(f"{path} is no SQLite database that can be read: {problem}") from None
        if not columns or not next(iter(columns.values())):
            raise UserError(f"table {table} of {path} has no rows")
        # The path of an origin is what opens the data again, wherever one is then.
        again = ",".join([str(path.resolve()), *([table] if table else [])])
        origin = {"supplier": self.letter, "path": again}
        return DataSet(str(spec), splits_of(columns, str(spec)), origin, folder=path.parent)


def named(spec: Spec) -> tuple[str, str | None]:
    """Return the file and the table that a specification names; of a path gft cuts no comma off."""
    if spec.config or not spec.is_path:
        return spec.key, spec.config
    place, comma, table = spec.key.rpartition(",")
    return (place, table) if comma else (spec.key, None)


def read(connection: sqlite3.Connection, table: str | None, where: str) -> dict[str, list[Any]]:
    """Return a table column by column. Without a name it is the only one of the database."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    names = [str(name) for (name,) in found if not name.startswith("sqlite_")]
    if table is None and len(names) != 1:
        raise UserError(f"{where} has {len(names)} tables; say which: S:{where},TABLE with "
                        f"{listed(names)}")  # fmt: skip
    table = table or names[0]
    if table not in names:
        raise UserError(no_such("table", table, names, where))
    quoted = table.replace('"', '""')
    cursor = connection.execute(f'SELECT * FROM "{quoted}"')
    columns: dict[str, list[Any]] = {head[0]: [] for head in cursor.description}
    for row in cursor:
        for column, cell in zip(columns.values(), row, strict=True):
            column.append(cell)
    return columns


def splits_of(columns: Mapping[str, Sequence[Any]], where: str) -> dict[str, Rows]:
    """Return the rows of each split. Raises `UserError` for a column of mixed values."""
    import pyarrow as pa

    arrays = {}
    for name, cells in columns.items():
        try:
            arrays[name] = pa.array(cells)
        except pa.ArrowException:
            kinds = sorted({type(cell).__name__ for cell in cells if cell is not None})
            raise UserError(f"{where}: column {name!r} mixes {listed(kinds)}") from None
    table = pa.table(arrays)
    if SPLIT not in columns:
        return {"train": Rows(table)}
    rows: dict[str, list[int]] = {}
    for number, split in enumerate(columns[SPLIT]):
        rows.setdefault(str(split), []).append(number)
    whole = Rows(table.drop_columns([SPLIT]))
    # Train comes first, whatever the order of the rows is.
    return {split: whole.select(rows[split]) for split in sorted(rows, key="train".__ne__)}
