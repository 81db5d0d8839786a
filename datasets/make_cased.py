"""Make data for case restoration: text in lower case, with the case of each word as its tag.

`python3 make_cased.py --data H:ag_news --text_field text --output_dir FOLDER`, with the Python
that gft is installed in. FOLDER gets `train.jsonl`, `val.jsonl` and `test.jsonl`, those that the
data has; the `gft_fit` line for them is printed. A tag is a shape: `Xx` for `Paris`, `x` for
`river`, `XoX` for `AT&T`. The shapes are those that are frequent in train, the others are `misc`.
Texts without a word are left out.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

import gft
from gft.data.compact import Cells
from gft.data.labels import Golds
from gft.data.partition import draw
from gft.data.roles import assign_roles
from gft.data.table import DataSet, Rows
from gft.errors import UserError, listed, no_such
from gft.inputs.words import words_of
from gft.language.equation import Equation
from gft.registry import tasks
from gft.tasks.together import together

TOKENS, LABELS = "tokens", "case_labels"
KEPT = 20
"""So many of the most frequent shapes are labels of their own."""
OTHER = "misc"
"""The label of all other shapes."""
READ_ROWS = 1000


def main(words: Sequence[str] | None = None) -> int:
    """Write the files, and print the command that fits a model to them; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", required=True, help="such as H:ag_news or C:texts.csv")
    parser.add_argument("--output_dir", required=True, type=Path, help="the folder to write")
    parser.add_argument("--splits", help="the data's names for train,val,test")
    parser.add_argument("--text_field", help="the column of text (the only one)")
    parser.add_argument("--overwrite_output_dir", action="store_true", help="replace what is there")
    asked = parser.parse_args(words)
    try:
        shapes = write(asked.output_dir, read(asked), asked.overwrite_output_dir)
    except UserError as problem:
        for message in problem.messages:
            print(f"make_cased.py: error: {message}", file=sys.stderr)
        return 2
    print(f"the shapes of words, most frequent first: {' '.join(shapes)}", file=sys.stderr)
    print(
        f"gft_fit --model H:bert-base-uncased --data {shlex.quote(f'C:{asked.output_dir}')} "
        f"--eqn 'classify_tokens: {LABELS} ~ {TOKENS}' --figure_of_merit overall_accuracy"
    )
    return 0


def read(asked: argparse.Namespace) -> dict[str, Iterable[list[str]]]:
    """Return the words of each text by split."""
    data = gft.load_data(asked.data, splits=asked.splits)
    field = text_field(data, asked.text_field)
    names = tuple(asked.splits.split(",")) if asked.splits else None

    def with_words(rows: Rows) -> Golds:
        known = np.array([bool(words) for words in words_in(rows, field)], dtype=bool)
        return Golds(known, Cells.of([0] * int(known.sum())))

    roles = assign_roles(data, names)
    used = {*roles.names().values()} & {*data.splits}
    equation = Equation.of_columns("fill_mask", (field,), (field,))
    tied = together(tasks()["fill_mask"].of_columns(equation), None)
    partition = draw(data, roles, {name: with_words(data.splits[name]) for name in used}, tied)
    without = [f"{count} rows of {role} have no word and are left out"
               for role, count in partition.without_label().items() if count]  # fmt: skip
    for text in (*roles.notes, *without):
        print(f"make_cased.py: note: {text}", file=sys.stderr)
    parts = {role: partition.rows(data, role) for role in partition.parts}
    if not len(parts["train"]):
        raise UserError(f"no text of {field!r} in train has a word")
    return {role: Words(rows, field) for role, rows in parts.items() if len(rows)}


class Words:
    """The words of each text of a column, read anew whenever they are asked for."""

    def __init__(self, rows: Rows, field: str) -> None:
        self.rows, self.field = rows, field

    def __iter__(self) -> Iterator[list[str]]:
        return words_in(self.rows, self.field)


def words_in(rows: Rows, field: str) -> Iterator[list[str]]:
    """Yield the words of each text of a column."""
    for part in rows.batches([field], READ_ROWS):
        yield from map(words_of, part[field])


def text_field(data: DataSet, asked: str | None) -> str:
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


def write(folder: Path, texts: dict[str, Iterable[list[str]]], overwrite: bool) -> tuple[str, ...]:
    """Write a file for each split, and return the shapes that are labels of their own.

    The files are written beside, then renamed: there is none that is half-written.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"--output_dir {folder} is a file; expected a folder")
    there = [
        f"{role}.jsonl" for role in ("train", "val", "test") if (folder / f"{role}.jsonl").exists()
    ]
    if there and not overwrite:
        raise UserError(
            f"--output_dir {folder} has {listed(there)} already; "
            "--overwrite_output_dir writes them again"
        )
    folder.mkdir(parents=True, exist_ok=True)
    counts = Counter(shape_of(word) for words in texts["train"] for word in words)
    shapes = tuple(shape for shape, _ in counts.most_common(KEPT))
    staged = {role: folder / f".{role}.partial" for role in texts}
    try:
        for role, path in staged.items():
            with path.open("w", encoding="utf-8") as out:
                for words in texts[role]:
                    found = [shape_of(word) for word in words]
                    labels = [one if one in shapes else OTHER for one in found]
                    row = {TOKENS: [word.lower() for word in words], LABELS: labels}
                    out.write(json.dumps(row, ensure_ascii=False) + "\n")
        for role, path in staged.items():
            path.replace(folder / f"{role}.jsonl")
    finally:
        for path in staged.values():
            path.unlink(missing_ok=True)
    return shapes


def shape_of(word: str) -> str:
    """Return the runs of lower-case (`x`), capital (`X`) and other (`o`) characters of a word.

    An accent that is a character of its own belongs to its letter.
    """
    letters = (one for one in word if not unicodedata.combining(one))
    return "".join(kind for kind, _ in groupby(map(_kind, letters))) or "o"


def _kind(character: str) -> str:
    if character.isupper():
        return "X"
    return "x" if character.islower() else "o"


if __name__ == "__main__":
    sys.exit(main())
