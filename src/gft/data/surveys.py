"""Files of SPSS, Stata and SAS, with the labels of their codes; read in parts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from gft import notes
from gft.data.labelled import CodeLabels, with_labels
from gft.data.readers import library, unpacked
from gft.data.spool import Spool
from gft.data.typed import iso
from gft.errors import GftError, UserError, first_line, listed

READERS = {
    ".sav": ("read_sav", "SPSS"),
    ".zsav": ("read_sav", "SPSS"),
    ".por": ("read_por", "SPSS"),
    ".dta": ("read_dta", "Stata"),
    ".sas7bdat": ("read_sas7bdat", "SAS"),
    ".xpt": ("read_xport", "SAS"),
}
"""The reader of each form of file, and whose form it is."""
CELLS_PER_CHUNK = 1 << 20
FEWEST_ROWS = 5000
"""A reader passes over the rows of former parts, so that these must not be too many."""


def read_survey(path: Path, form: str, encoding: str | None = None) -> pa.Table:
    """Return a file of the form `.sav`, `.dta`, ...: codes as they are, their labels beside them.

    Whole numbers are integers, dates ISO text; what the file says is missing is missing: ranges
    and values of SPSS, .a to .z of Stata, .A to .Z of SAS. `encoding` is what the file itself says
    where nothing is stated here. Raises `UserError`.
    """
    pyreadstat = library("pyreadstat", path)
    name, program = READERS[form]
    try:
        with unpacked(path) as plain:
            parts = _Parts(getattr(pyreadstat, name), plain, encoding)
            tables = _tables(path, parts)
        labels = _labels(parts.known)
        if form == ".sas7bdat" and (catalog := _catalog(path)) is not None:
            labels |= _labels_of_sas(pyreadstat, catalog, parts.known)
    except GftError:
        raise
    except Exception as problem:
        raise UserError(
            f"{path} cannot be read as a file of {program}: {first_line(problem)}"
        ) from None
    known = parts.known
    if not known.column_names:
        raise UserError(f"{path} has no columns")
    table = pa.concat_tables(tables, promote_options="permissive")
    _tell_missing(path, known.missing_ranges)
    return with_labels(path, table, labels, known.column_names_to_labels)


def _catalog(path: Path) -> Path | None:
    """Return the file beside a sas7bdat with the labels of its codes, if there is one."""
    beside = [path.with_suffix(".sas7bcat"), path.with_name("formats.sas7bcat")]
    return next((file for file in beside if file.is_file()), None)


def _labels(known: Any) -> dict[str, CodeLabels]:
    return {column: dict(of) for column, of in known.variable_value_labels.items()}


def _labels_of_sas(pyreadstat: Any, catalog: Path, known: Any) -> dict[str, CodeLabels]:
    """Return the labels in a catalog, by the columns that name its formats."""
    _, formats = pyreadstat.read_sas7bcat(str(catalog), output_format="dict")
    named = known.variable_to_label.items()
    return {column: dict(of) for column, one in named if (of := formats.value_labels.get(one))}


def _tables(path: Path, parts: _Parts) -> list[pa.Table]:
    """Return the rows; where a date is none, dates stay the numbers that they are in the file."""
    spool = Spool()
    try:
        for part in parts:
            spool.add(part)
    except (OverflowError, ValueError) as problem:
        if "out of range" not in str(problem) or "disable_datetime_conversion" in parts.more:
            raise
        parts.more["disable_datetime_conversion"] = True
        notes.note(f"{path}: a date is out of range, so dates and times are left as numbers")
        return _tables(path, parts)
    return spool.tables()


class _Parts:
    """The rows of a file, part by part; `known` is what the file says of its columns."""

    def __init__(self, read: Any, path: Path, encoding: str | None) -> None:
        self.read, self.path = read, path
        self.more: dict[str, Any] = {"output_format": "dict"}
        if encoding is not None and read.__name__ != "read_por":
            self.more["encoding"] = encoding
        # SPSS says which values are user-missing only where they are asked for.
        wanted = {"user_missing": True} if read.__name__ == "read_sav" else {}
        _, self.known = read(str(path), metadataonly=True, **wanted, **self.more)

    def __iter__(self) -> Iterator[pa.Table]:
        size = max(FEWEST_ROWS, CELLS_PER_CHUNK // max(1, len(self.known.column_names)))
        start = 0
        while True:
            columns, _ = self.read(str(self.path), row_offset=start, row_limit=size, **self.more)
            arrays = {name: self._array(name, cells) for name, cells in columns.items()}
            part = pa.table(arrays)
            if part.num_rows or not start:
                yield part
            if part.num_rows < size:
                return
            start += size

    def _array(self, name: str, cells: list[Any]) -> pa.Array:
        kind = self.known.readstat_variable_types[name]
        if kind == "string":
            return pa.array(cells, pa.large_string())
        first = next((cell for cell in cells if cell is not None), None)
        if isinstance(first, dt.date | dt.time | dt.timedelta):
            return pa.array([None if cell is None else iso(cell) for cell in cells])
        if first is None:
            return pa.nulls(len(cells))
        if kind == "float":  # Half as long: 5.1 is 5.099999904632568 if it is not written first.
            return pa.array(cells, pa.float32()).cast(pa.string()).cast(pa.float64())
        return pa.array(cells, pa.float64())


def _tell_missing(path: Path, ranges: Mapping[str, list[dict[str, Any]]]) -> None:
    if not ranges:
        return
    found_codes = [
        f"{name} ({listed([_range_text(one['lo'], one['hi']) for one in found])})"
        for name, found in ranges.items()
    ]
    notes.note(f"{path}: user-missing codes are taken as missing: {listed(found_codes, 6)}")


def _range_text(low: Any, high: Any) -> str:
    ends = [f"{end:.15g}" if isinstance(end, float) else repr(end) for end in (low, high)]
    return ends[0] if low == high else f"{ends[0]} to {ends[1]}"
