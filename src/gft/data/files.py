"""The user's own data: a file, a folder, or PATH.train, PATH.val and PATH.test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from gft import notes
from gft.data.assembled import joined
from gft.data.columnar import classes_in, read_arrow, read_parquet
from gft.data.conll import is_conll, read_conll
from gft.data.delimited import read_delimited
from gft.data.encodings import encoding_named
from gft.data.folders import CONLL_FORMS, files_beside, files_inside, files_of
from gft.data.foreign import read_foreign
from gft.data.forms import FOREIGN_FORMS, NOT_READ
from gft.data.media import read_media
from gft.data.objects import Read, read_json, read_jsonl
from gft.data.opening import UNPACKING_ERRORS, suffix_of
from gft.data.table import DataSet, Rows
from gft.errors import Mistakes, UserError, listed
from gft.storage.space import says_full

SAVED_SPLITS = "dataset_dict.json"
SAVED_ROWS = "state.json"
"""The marks of folders that `datasets` saved: a dictionary of splits, or one of them."""


def read_data(path: Path, sheet: str | None = None, encoding: str | None = None) -> DataSet:
    """Return the data at a path: every split that is there.

    `path.train`, `path.val`, `path.test` are csv with a header; one file is one split, `train`;
    a folder has files named after splits, or images or sounds in one folder for each class, or is
    what `datasets` saved. `sheet` is the one that is meant of a workbook. Files of text are in
    `encoding`, by any of its names, or in UTF-8. Raises `UserError` with every mistake found in the
    files, one line each.
    """
    if encoding is not None:
        encoding = encoding_named(encoding)
    if not path.name:
        path = path.resolve()  # `.` has no name to call the data by.
    if (path / SAVED_SPLITS).is_file() or (path / SAVED_ROWS).is_file():
        return _saved(path)
    if path.is_dir() and not files_beside(path) and not files_inside(path):
        media = read_media(path)
        if media is not None:
            return DataSet(path.name, media, _origin(path, {}), path)
    files = files_of(path)
    mistakes = Mistakes()
    splits: dict[str, Rows] = {}
    for split, parts in files.items():
        with mistakes.collect():
            found = _read_parts(parts, sheet, encoding)
            if isinstance(found, dict) and path not in parts:
                raise UserError(f"{parts[0]} holds the splits {listed(found)}; give it by itself")
            tables = found if isinstance(found, dict) else {split: found}
            splits |= {name: _rows(table) for name, table in tables.items()}
    mistakes.raise_any()
    if len(files) == 1 < len(splits):
        files = dict.fromkeys(splits, next(iter(files.values())))
    _note_strange_columns(files, splits)
    names = {split: [part.name for part in parts] for split, parts in files.items()}
    folder = next(iter(files.values()))[0].parent
    return DataSet(path.name, splits, _origin(path, names), folder)


def _rows(table: pa.Table) -> Rows:
    return Rows(table.replace_schema_metadata(None), classes_in(table))


def _origin(path: Path, files: dict[str, list[str]]) -> dict[str, Any]:
    return {"path": str(path.resolve()), "files": files}


def _read_parts(parts: list[Path], sheet: str | None, encoding: str | None) -> Read:
    """Return the rows of a split's files, one after the other; a file may hold all splits."""
    tables: dict[str, pa.Table] = {}
    for part in parts:
        found = _read(part, sheet, encoding)
        if isinstance(found, dict):
            if len(parts) == 1:
                return found
            raise UserError(f"{part} holds the splits {listed(found)}; give it by itself")
        tables[part.name] = found
    first = next(iter(tables.values()))
    for part, table in zip(parts, tables.values(), strict=True):
        if suffix_of(part) in (".csv", ".tsv") and table.column_names != first.column_names:
            raise UserError(
                f"{part}, line 1: the columns are {listed(table.column_names)}, "
                f"and in {parts[0].name} {listed(first.column_names)}"
            )
    table = joined(tables)
    if table.num_rows == 0:
        raise UserError(f"{parts[0]} has a header but no rows")
    return table


def _read(path: Path, sheet: str | None, encoding: str | None) -> Read:
    suffix = suffix_of(path)
    if suffix in NOT_READ:
        raise UserError(f"{path} is {NOT_READ[suffix]}")
    try:
        if suffix in FOREIGN_FORMS or sheet is not None:
            return read_foreign(path, suffix, sheet, encoding)
        match suffix:
            case ".json":
                return read_json(path, encoding)
            case ".jsonl" | ".ndjson":
                return read_jsonl(path, encoding)
            case ".parquet":
                return read_parquet(path)
            case ".arrow" | ".feather":
                return read_arrow(path)
        if suffix in CONLL_FORMS or (suffix != ".csv" and is_conll(path, encoding)):
            return read_conll(path, encoding)
        return read_delimited(path, suffix == ".tsv", encoding)
    except PermissionError:
        raise UserError(f"{path} cannot be read: you have no permission to") from None
    except UNPACKING_ERRORS as problem:
        if says_full(problem):  # Of the disk of scratch files: the command says which.
            raise
        raise UserError(f"{path} cannot be read: {problem}") from None


def _note_strange_columns(files: dict[str, list[Path]], splits: dict[str, Rows]) -> None:
    """Tell the user when splits have no column in common: headers are probably missing."""
    first = next(iter(splits))
    for split, rows in splits.items():
        if not set(rows.columns) & set(splits[first].columns):
            notes.note(
                f"{files[split][0].name} shares no column with {files[first][0].name}; "
                "does every file begin with the names of its columns?"
            )


def _saved(folder: Path) -> DataSet:
    """Return what `datasets` saved to disk, mapped from its files."""
    import datasets

    from gft.data.memory import from_datasets

    bars = datasets.utils.are_progress_bars_disabled()
    datasets.utils.disable_progress_bars()
    try:
        loaded = datasets.load_from_disk(str(folder))
    except Exception as problem:
        first = (str(problem).splitlines() or [type(problem).__name__])[0]
        raise UserError(f"{folder}: datasets cannot load what it saved here: {first}") from None
    finally:
        if not bars:
            datasets.utils.enable_progress_bars()
    splits = loaded if isinstance(loaded, datasets.DatasetDict) else {"train": loaded}
    files = {
        split: [Path(file["filename"]).name for file in dataset.cache_files]
        for split, dataset in splits.items()
    }
    rows = {str(split): from_datasets(dataset) for split, dataset in splits.items()}
    return DataSet(folder.name, rows, _origin(folder, files))
