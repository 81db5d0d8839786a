"""Data sets of PaddleNLP, without Paddle: under its own names, from its own files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gft import notes
from gft.data.table import DataSet, Rows
from gft.errors import GftError, UserError, listed
from gft.language.options import Shared, Written
from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.paddle import lines as paddle_lines
from gft.suppliers.paddle import objects as paddle_objects
from gft.suppliers.paddle.downloads import NotFound, Unreachable, md5_of
from gft.suppliers.paddle.files import altered_files, data_home, in_cache, obtain
from gft.suppliers.paddle.table import Entry, entries, find_entry

if TYPE_CHECKING:
    import pyarrow as pa

UNLABELLED = {"", "-", None}
"""What stands where a row has no label; the stroke is CLUE's."""

READERS: dict[str, Callable[..., pa.Table]] = {
    "cells": paddle_lines.read_cells,
    "headed": paddle_lines.read_headed,
    "leveled": paddle_lines.read_leveled,
    "conll": paddle_lines.read_conll,
    "tagged": paddle_lines.read_tagged,
    "entities": paddle_lines.read_entities,
    "parallel": paddle_lines.read_parallel,
    "folders": paddle_objects.read_folders,
    "objects": paddle_objects.read_objects,
    "squad": paddle_objects.read_squad,
    "xml": paddle_objects.read_xml,
}


def paddle_data(spec: Spec, options: Options) -> DataSet:
    """Return a data set of PaddleNLP.

    Files that are in PaddleNLP's cache and have the right checksum are used as they are; others
    are fetched into the same places. Without a network, splits that are not there are left out.
    Raises `UserError` or `GftError`.
    """
    entry = find_entry(spec)
    files = _obtained(entry, options)
    tables = {}
    for name, paths in files.items():
        tables[name] = READERS[entry.form](*paths, layout=entry.splits[name].layout)
        if not tables[name].num_rows:
            raise UserError(f"{paths[0]} has no rows")
    origin = {
        "supplier": "P",
        "dataset": entry.key,
        "config": entry.config or None,
        "files": {name: _checksums(entry, name, paths) for name, paths in files.items()},
    }
    return DataSet(entry.name, _with_classes(entry, tables), origin)


def _obtained(entry: Entry, options: Options) -> dict[str, list[Path]]:
    """Return the files of the splits that are wanted, or of those that can be had."""
    asked = _named(entry, options)
    found: dict[str, list[Path]] = {}
    problems: dict[str, Unreachable | NotFound] = {}
    for name in _wanted(entry, asked):
        # When nobody answers, what is not in the cache need not be asked for again.
        dead = [one for one in problems.values() if isinstance(one, Unreachable)]
        if dead and name not in in_cache(entry, options):
            problems[name] = dead[0]
            continue
        try:
            found[name] = obtain(entry, name, options)
        except (Unreachable, NotFound) as problem:
            problems[name] = problem
    if problems:
        first = next(iter(problems.values()))
        missing = [name for name in asked if name in problems]
        if missing or not found:
            raise type(first)(_not_cached(entry, missing, first, options)) from first
        left_out = f"P:{entry.name} is read without {listed(problems)}"
        notes.note(f"{left_out}: not in the cache, and {first}")
    return found


def _named(entry: Entry, options: Options) -> list[str]:
    """Return the splits that `--splits` and `--split` name."""
    names = [*str(options.of(Written).splits or "").split(","), str(options.of(Shared).split or "")]
    return [name.strip() for name in names if name.strip() in entry.splits]


def _wanted(entry: Entry, asked: Sequence[str]) -> list[str]:
    """Return all splits, or those of the one version (SQuAD's 1.1 and 2.0) that is asked for."""
    endings = {name.rpartition("_")[2] for name in asked} & set(entry.versions)
    if len(endings) != 1:
        return list(entry.splits)
    return [name for name in entry.splits if name.endswith(f"_{next(iter(endings))}")]


def _not_cached(entry: Entry, missing: Sequence[str], problem: GftError, options: Options) -> str:
    altered = altered_files(entry, options)
    if altered:
        return f"{altered[0]} has another md5 than PaddleNLP's, and {problem}"
    cached = [other.name for other in entries() if in_cache(other, options)]
    what = f"no {listed(missing)} of P:{entry.name}" if missing else f"no P:{entry.name}"
    there = f"which has {listed(cached)}" if cached else "which has nothing of PaddleNLP's"
    return f"{what} in {data_home(options)}, {there}, and {problem}"


def _checksums(entry: Entry, name: str, paths: Sequence[Path]) -> dict[str, str | None]:
    return {
        file.path: file.md5 or (md5_of(path) if path.is_file() else None)
        for file, path in zip(entry.splits[name].files, paths, strict=True)
    }


def _with_classes(entry: Entry, tables: Mapping[str, pa.Table]) -> dict[str, Rows]:
    """Return the splits with numbers for the labels that the table of data sets names."""
    named: dict[str, tuple[str, ...]] = {}
    for column, names in entry.classes.items():
        having = [table.column(column) for table in tables.values() if column in table.column_names]
        labels = {text for values in having for text in _texts(values).unique().to_pylist()}
        strange = sorted(labels - set(names) - UNLABELLED)
        if strange:
            notes.note(
                f"P:{entry.name}: {column} stays text, for it has {listed(strange, 6)} besides "
                f"PaddleNLP's labels {listed(names)}"
            )
        else:
            named[column] = names
    return {split: _numbered(table, named) for split, table in tables.items()}


def _numbered(table: pa.Table, named: Mapping[str, tuple[str, ...]]) -> Rows:
    """Return a split with the numbers of labels in the columns that it has of those `named`."""
    own = {column: names for column, names in named.items() if column in table.column_names}
    for column, names in own.items():
        index = table.column_names.index(column)
        table = table.set_column(index, column, _numbers(table.column(column), names))
    return Rows(table, own)


def _numbers(values: pa.ChunkedArray, names: Sequence[str]) -> pa.ChunkedArray:
    """Return the numbers of labels, missing where there is none; lists of them for lists."""
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = pc.index_in(_texts(values), value_set=pa.array(names, pa.large_string()))
    numbers = numbers.cast(pa.int64())
    if not pa.types.is_list(values.type):
        return numbers
    lengths = pc.list_value_length(values).combine_chunks().to_numpy(zero_copy_only=False)
    offsets = pa.array([0, *lengths.cumsum().tolist()], pa.int32())
    return pa.chunked_array([pa.ListArray.from_arrays(offsets, numbers.combine_chunks())])


def _texts(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return labels, or those inside of lists, as texts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    flat = pc.list_flatten(values) if pa.types.is_list(values.type) else values
    return flat.cast(pa.large_string())
