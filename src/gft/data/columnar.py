"""Files of columns: parquet and arrow."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from gft import notes
from gft.data.blocks import BYTES_PER_BLOCK, bounds
from gft.data.opening import COMPRESSED
from gft.data.readers import mapped_bytes
from gft.data.spool import Spool
from gft.errors import UserError

ROWS_PER_CHUNK = 10_000
BUFFER = 1 << 20
"""So much of a column is read ahead, in bytes, rather than all of it in a group of rows."""
LARGEST_DICTIONARY = 1 << 21
"""In bytes: writers keep a column's different values together up to about half of that."""
OF_DATASETS = b"huggingface"
"""Under this key `datasets` writes into the schema of a file what it knows of its columns."""
FILE_MARK = b"ARROW1"
"""How the file form of arrow begins, which feather is too; the stream form has no mark."""


def read_parquet(path: Path) -> pa.Table:
    """Return a parquet file. Raises `UserError` if it is none."""

    try:
        source = _source(path)
        file = pyarrow.parquet.ParquetFile(source, buffer_size=BUFFER)
        _check_names(path, file.schema_arrow)
        if repeated := _repeated_texts(file):
            file = pyarrow.parquet.ParquetFile(source, read_dictionary=repeated, buffer_size=BUFFER)
        return _spooled(file.schema_arrow, _row_groups(file))
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise _unreadable(path, "parquet", problem) from None


def _repeated_texts(file: pyarrow.parquet.ParquetFile) -> list[str]:
    """Return the columns of text that are stored as few values and the number of one in each row.

    A batch of them is as large as it is in the file if these numbers are kept.
    """
    found, about = [], file.metadata
    for index in range(about.num_columns) if about.num_row_groups else ():
        groups = [about.row_group(n).column(index) for n in range(about.num_row_groups)]
        few = all(
            one.has_dictionary_page
            and one.total_uncompressed_size <= LARGEST_DICTIONARY + 4 * one.num_values
            for one in groups
        )
        name = groups[0].path_in_schema
        if few and groups[0].physical_type == "BYTE_ARRAY" and name in about.schema.names:
            found.append(name)
    return found


def _row_groups(file: pyarrow.parquet.ParquetFile) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file in batches, of fewer rows where these are long."""
    for number in range(file.num_row_groups):
        about = file.metadata.row_group(number)
        bytes_of_row = about.total_byte_size // max(about.num_rows, 1)
        size = max(1, min(ROWS_PER_CHUNK, BYTES_PER_BLOCK // max(bytes_of_row, 1)))
        yield from file.iter_batches(size, row_groups=[number])


def read_arrow(path: Path) -> pa.Table:
    """Return an arrow file (feather, or a stream as `datasets` writes), mapped, not copied."""

    try:
        source = _source(path)
        opened = pa.memory_map(source) if isinstance(source, str) else pa.BufferReader(source)
        is_file = opened.read(len(FILE_MARK)) == FILE_MARK
        opened.seek(0)
        reader = pa.ipc.open_file(opened) if is_file else pa.ipc.open_stream(opened)
        _check_names(path, reader.schema)
        if any(pa.types.is_dictionary(field.type) for field in reader.schema):
            return _spooled(reader.schema, _batches(reader))
        table = reader.read_all()
        table.validate(full=True)  # An offset that lies crashes whoever follows it.
        return plain(table)
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise _unreadable(path, "arrow", problem) from None


def _check_names(path: Path, schema: pa.Schema) -> None:
    """Raise `UserError` where two columns have one name."""
    twice = next((name for name, count in Counter(schema.names).items() if count > 1), None)
    if twice is not None:
        raise UserError(f"{path}: two columns are called {twice!r:.80}; rename one")


def _batches(reader: Any) -> Iterator[pa.RecordBatch]:
    """Yield the batches of a file, or of a stream, which cannot be asked how many it has."""
    if not hasattr(reader, "num_record_batches"):
        yield from reader
        return
    for number in range(reader.num_record_batches):
        yield reader.get_batch(number)


def _spooled(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> pa.Table:
    """Return batches that take memory as a table that takes little."""
    spool = Spool()
    for batch in batches:
        batch.validate(full=True)
        part = pa.Table.from_batches([batch])
        for start, stop in bounds([(part, None)], part.num_rows, ROWS_PER_CHUNK):
            spool.add(plain(part.slice(start, stop - start)))
    return pa.concat_tables([plain(schema.empty_table()), *spool.tables()])


def plain(table: pa.Table) -> pa.Table:
    """Return a table with dictionary columns decoded, and without other programs' metadata.

    What `datasets` says of the columns stays: it names their classes.
    """
    for index, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            decoded = table.column(index).cast(field.type.value_type)
            table = table.set_column(index, field.name, decoded)
    metadata = (table.schema.metadata or {}).get(OF_DATASETS)
    return table.replace_schema_metadata({OF_DATASETS: metadata} if metadata else None)


def classes_in(table: pa.Table) -> dict[str, tuple[str, ...]]:
    """Return the names of classes that `datasets` wrote into a file, by column.

    They are those of integers, or of lists of integers. Where a column has a code without a name,
    its codes stay what they are, with a warning: as classes they would be taken for missing.
    """
    found = _named(table.schema)
    for name, names in list(found.items()):
        codes = table.column(name)
        if hasattr(codes.type, "value_type"):
            codes = pc.list_flatten(codes)
        highest = pc.max(codes).as_py()
        if highest is not None and highest >= len(names):
            notes.warn(
                f"column {name!r} holds the code {highest}, and its file names "
                f"{len(names)} classes, from 0 on: the codes are taken as they are"
            )
            del found[name]
    return found


def _named(schema: pa.Schema) -> dict[str, tuple[str, ...]]:
    """Return the names of classes that stand in a schema, by column."""
    try:
        metadata = json.loads((schema.metadata or {}).get(OF_DATASETS, b"{}"))
        features = metadata["info"]["features"]
        found = {name: _names_in(features[name]) for name in schema.names if name in features}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return {
        name: names for name, names in found.items() if names and _numbers(schema.field(name).type)
    }


def _names_in(feature: Any) -> tuple[str, ...]:
    """Return the names of a feature of classes, or of lists of classes.

    None where two classes have one name, or where the names are no texts.
    """
    if isinstance(feature, list) and len(feature) == 1:
        return _names_in(feature[0])
    if not isinstance(feature, dict):
        return ()
    if feature.get("_type") == "ClassLabel":
        names = feature.get("names")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return ()
        return tuple(names) if len(set(names)) == len(names) else ()
    return _names_in(feature.get("feature"))


def _numbers(arrow_type: pa.DataType) -> bool:
    return bool(pa.types.is_integer(getattr(arrow_type, "value_type", arrow_type)))


def _source(path: Path) -> Any:
    """Return the path, or a buffer with what a compressed file holds."""
    if path.suffix.lower() not in COMPRESSED:
        return str(path)
    return mapped_bytes(path)


def _unreadable(path: Path, form: str, problem: Exception) -> UserError:
    if path.stat().st_size == 0:
        return UserError(f"{path} is empty; expected {form}")
    first = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
    return UserError(f"{path} is not a complete {form} file: {first:.120}")
