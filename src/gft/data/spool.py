"""A table that is read part by part, and may be larger than memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from gft.data import scratch


class Spool:
    """A table that is read part by part: a long one goes to files, from where it is mapped."""

    def __init__(self) -> None:
        self._tables: list[pa.Table] = []
        self._pending: list[pa.Table] = []
        self._bytes = 0

    def add(self, part: pa.Table) -> None:
        """Append rows; the columns may differ from those before."""
        self._pending.append(part)
        self._bytes += part.nbytes
        if self._bytes > scratch.SPILLED_BYTES:
            self._spill()

    def tables(self) -> list[pa.Table]:
        """Return all rows, in tables of one schema each or more; nothing is appended after."""
        if self._tables and self._pending:
            self._spill()
        return [*self._tables, *self._pending]

    def _spill(self) -> None:
        for tables in _of_one_schema(self._pending):
            file = scratch.scratch_file()
            with pa.ipc.new_stream(file, tables[0].schema) as out:
                for table in tables:
                    out.write_table(table)
            self._tables.append(pa.ipc.open_stream(pa.py_buffer(scratch.mapped(file))).read_all())
        self._pending, self._bytes = [], 0
        pa.default_memory_pool().release_unused()


def _of_one_schema(tables: Sequence[pa.Table]) -> Iterator[list[pa.Table]]:
    run: list[pa.Table] = []
    for table in tables:
        if run and table.schema != run[0].schema:
            yield run
            run = []
        run.append(table)
    if run:
        yield run
