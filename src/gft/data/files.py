"""The user's own data: a file, a folder, or PATH.train, PATH.val and PATH.test."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from gft.data.delimited import read_delimited
from gft.data.objects import read_json, read_jsonl
from gft.data.opening import suffix_of
from gft.data.table import DataSet, Rows
from gft.errors import Mistakes, UserError, listed, nearest

if TYPE_CHECKING:
    import pyarrow as pa

VAL_NAMES = ("val", "validation", "dev", "valid", "eval")
SPLIT_NAMES = ("train", *VAL_NAMES, "test")
FORMS = (".csv", ".tsv", ".json", ".jsonl", ".parquet", ".arrow", ".feather")
_SHARD = re.compile(r"(.+?)[-_.]\d+(-of-\d+)?$")


def read_data(text: str) -> DataSet:
    """Return the data at a path: every split that is there.

    `path.train`, `path.val`, `path.test` are csv with a header; one file is one split, `train`;
    a folder has files named after splits. `~` and `$VARIABLES` are expanded. Raises `UserError`.
    """
    path = Path(os.path.expandvars(text)).expanduser()
    files = _files(path)
    mistakes = Mistakes()
    splits: dict[str, Rows] = {}
    for split, parts in files.items():
        with mistakes.collect():
            splits[split] = _read_split(parts)
    mistakes.raise_any()
    _same_columns(path, splits)
    origin = {
        "supplier": "C",
        "path": str(path.resolve()),
        "files": {split: [part.name for part in parts] for split, parts in files.items()},
    }
    return DataSet(path.name, splits, origin)


def _files(path: Path) -> dict[str, list[Path]]:
    if path.is_file():
        return {"train": [path]}
    if path.is_dir():
        return _in_folder(path)
    beside = {
        split: [path.with_name(f"{path.name}.{split}")]
        for split in SPLIT_NAMES
        if path.with_name(f"{path.name}.{split}").is_file()
    }
    if not beside:
        raise UserError(_missing(path))
    return beside


def _missing(path: Path) -> str:
    parent = path.parent
    if not parent.is_dir():
        return f"no data at {path}: there is no folder {parent}"
    names = sorted(entry.name for entry in parent.iterdir() if not entry.name.startswith("."))
    stems = sorted({re.sub(rf"\.({'|'.join(SPLIT_NAMES)})$", "", name) for name in names})
    near = nearest(path.name, stems)
    hint = f" (did you mean {near!r}?)" if near else ""
    return (
        f"no data at {path}{hint}: neither a file, nor a folder, nor {path.name}.train; "
        f"{parent} holds {listed(names, 8)}"
    )


def _in_folder(folder: Path) -> dict[str, list[Path]]:
    """Return the files of each split, shards in order."""
    found: dict[str, list[Path]] = {}
    for file in sorted(folder.iterdir()):
        if not file.is_file() or suffix_of(file) not in FORMS:
            continue
        stem = file.name[: file.name.lower().index(suffix_of(file))]
        shard = _SHARD.fullmatch(stem)
        split = (shard[1] if shard else stem).lower()
        if split in SPLIT_NAMES:
            found.setdefault(split, []).append(file)
    for split, parts in found.items():
        forms = {suffix_of(part) for part in parts}
        if len(forms) > 1 or (len(parts) > 1 and not all(_SHARD.search(_stem(p)) for p in parts)):
            raise UserError(
                f"{folder} has more than one file for {split}: "
                f"{listed([part.name for part in parts])}; give the one you mean"
            )
    if not found:
        names = sorted(entry.name for entry in folder.iterdir())
        raise UserError(
            f"{folder} has no file named after a split, such as train.csv or test.jsonl; "
            f"it holds {listed(names, 8)}"
        )
    return found


def _stem(file: Path) -> str:
    return file.name[: file.name.lower().index(suffix_of(file))]


def _read_split(parts: list[Path]) -> Rows:
    import pyarrow as pa

    tables = [_read(part) for part in parts]
    table = pa.concat_tables(tables, promote_options="default") if len(tables) > 1 else tables[0]
    if table.num_rows == 0:
        raise UserError(f"{parts[0]} has columns and no rows")
    return Rows(table)


def _read(path: Path) -> pa.Table:
    import pyarrow as pa

    try:
        match suffix_of(path):
            case ".tsv":
                return read_delimited(path, tab=True)
            case ".json":
                return read_json(path)
            case ".jsonl":
                return read_jsonl(path)
            case ".parquet":
                import pyarrow.parquet

                return pyarrow.parquet.read_table(path)
            case ".arrow" | ".feather":
                import pyarrow.feather

                return pyarrow.feather.read_table(path)
            case _:
                return read_delimited(path, tab=False)
    except (pa.ArrowInvalid, EOFError) as problem:
        form = suffix_of(path).lstrip(".") or "csv"
        raise UserError(f"{path} is no {form} file: {str(problem).splitlines()[0]:.80}") from None
    except OSError as problem:
        raise UserError(f"{path} cannot be read: {problem}") from None


def _same_columns(path: Path, splits: dict[str, Rows]) -> None:
    """Raise `UserError` if a split has other columns than the first; test may lack the labels."""
    first, columns = next((name, set(rows.columns)) for name, rows in splits.items())
    for name, rows in splits.items():
        extra = set(rows.columns) - columns
        if extra and name != "test":
            raise UserError(
                f"{path.name}: {name} has columns that {first} lacks: {listed(sorted(extra))}"
            )
