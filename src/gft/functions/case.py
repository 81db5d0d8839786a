"""`case`: a data set whose text has lost its case, with the case as a tag of each word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gft import notes
from gft.data.files import expanded
from gft.data.shapes import OTHER, frequent, shape_of
from gft.data.splits import Splits, choose_splits
from gft.data.table import DataSet, Rows
from gft.errors import UserError, listed, no_such
from gft.language.program import Program
from gft.metrics.protocol import Array
from gft.registry import suppliers
from gft.tasks.words import words_of

TOKENS, LABELS = "tokens", "case_labels"
READ_ROWS = 1000


@dataclass(frozen=True)
class Cased:
    """The folder that was written, its rows by split, and the shapes that are labels."""

    folder: Path
    rows: dict[str, int]
    shapes: tuple[str, ...]


def case(program: Program) -> Cased:
    """Write `train.jsonl`, `val.jsonl` and `test.jsonl`, those that the data has, into a folder.

    Each row has the `tokens` of a text in lower case, and in `case_labels` the shape that each
    had. The shapes are those that are frequent in train; the others are `misc`. Texts without a
    word are left out. Raises `UserError`; what is there already stays unless
    `--overwrite_output_dir` is given.
    """
    needed = {"data": program.data, "output_dir": program.options.output_dir}
    missing = [f"gft_case needs --{name}" for name, value in needed.items() if not value]
    if missing or program.data is None:
        raise UserError(*missing)
    folder = expanded(program.options.output_dir)
    _check_folder(folder, program.options.overwrite_output_dir)
    data = suppliers()[program.data.supplier].data(program.data, program.options)
    field = _text_field(data, program.options.text_field)
    splits = choose_splits(data, program.splits, [field], _with_words(field))
    for text in splits.notes:
        notes.note(text)
    shapes = frequent(word for words in _words(splits.rows["train"], field) for word in words)
    _write(folder, splits, field, frozenset(shapes))
    return Cased(folder, {role: len(rows) for role, rows in splits.rows.items() if rows}, shapes)


def _check_folder(folder: Path, overwrite: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise UserError(f"--output_dir {folder} is a file; expected a folder")
    there = [name for name in ("train", "val", "test") if _file(folder, name).exists()]
    if there and not overwrite:
        raise UserError(
            f"--output_dir {folder} has {listed(f'{name}.jsonl' for name in there)} already; "
            "--overwrite_output_dir writes them again"
        )


def _text_field(data: DataSet, asked: str | None) -> str:
    """Return the column of text: the one asked for, else the only one there is."""
    texts = [column.name for column in data.columns.values() if column.kind == "text"]
    if asked is not None:
        if asked not in data.columns:
            raise UserError(f"--text_field: {no_such('column', asked, data.columns, data.name)}")
        if asked not in texts:
            raise UserError(
                f"--text_field {asked}: it holds {data.columns[asked].kind} values; columns of "
                f"text in {data.name}: {listed(texts)}"
            )
        return asked
    if len(texts) != 1:
        raise UserError(
            f"--text_field: {data.name} has {len(texts)} columns of text ({listed(texts)}); "
            "say which one"
        )
    return texts[0]


def _with_words(field: str) -> Any:
    def labelled(rows: Rows) -> Array:
        return np.array([bool(words) for words in _words(rows, field)], dtype=bool)

    return labelled


def _words(rows: Rows, field: str) -> Iterator[list[str]]:
    for part in rows.batches([field], READ_ROWS):
        yield from map(words_of, part[field])


def _write(folder: Path, splits: Splits, field: str, shapes: frozenset[str]) -> None:
    """Write the files beside, then rename them: there is none that is half-written."""
    folder.mkdir(parents=True, exist_ok=True)
    staged = {}
    try:
        for role, rows in splits.rows.items():
            if not len(rows):
                continue
            staged[role] = folder / f".{role}.partial"
            with staged[role].open("w", encoding="utf-8") as out:
                for words in _words(rows, field):
                    labels = [shape_of(word) for word in words]
                    row = {
                        TOKENS: [word.lower() for word in words],
                        LABELS: [one if one in shapes else OTHER for one in labels],
                    }
                    out.write(json.dumps(row, ensure_ascii=False) + "\n")
        for role, path in staged.items():
            path.replace(_file(folder, role))
    finally:
        for path in staged.values():
            path.unlink(missing_ok=True)


def _file(folder: Path, role: str) -> Path:
    return folder / f"{role}.jsonl"
