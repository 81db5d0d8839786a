"""Files of images and sounds as the cells of a column name or hold them."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from gft.data.stored import StoredFile
from gft.data.table import DataSet, Rows
from gft.errors import Mistakes, UserError
from gft.language.equation import Equation
from gft.tasks.text import check_columns

Source: TypeAlias = Any
"""Where a file is: its path, or the cell that holds it (`StoredFile`); or what a file would hold:
an array, an image of Pillow's, or a sound as `datasets` decodes it (`array`, `sampling_rate`)."""
READ_ROWS = 1000
SHOWN = 3


def check_file_column(equation: Equation, data: DataSet, task: str, what: str) -> list[str]:
    """Return what is wrong with the right-hand side of an equation: one column of files."""
    if len(equation.inputs) != 1:
        return [
            f"{task} takes one column of {what} on the right of '~', found {len(equation.inputs)}"
        ]
    messages = check_columns(equation.inputs, data.columns, data.name)
    if not messages and data.columns[equation.inputs[0]].kind not in ("text", "file"):
        kind = data.columns[equation.inputs[0]].kind
        messages.append(
            f"column {equation.inputs[0]!r} of {data.name} holds {kind} values; {task} needs "
            f"{what}: names of files, or the files themselves"
        )
    return messages


def source_of(value: Any, folders: Sequence[str]) -> Source:
    """Return where the file of a cell is; a relative name begins in one of `folders`, or here.

    What is in memory already is returned as it is. Raises `UserError` if there is no file.
    """
    if in_memory(value):
        return value
    if isinstance(value, StoredFile):
        if value.has_bytes:
            return value
        value = value.path
    if value is None or value == "":
        raise UserError("no file is named")
    if not isinstance(value, str | os.PathLike):
        raise UserError(f"expected the name of a file, found {value!r:.40}")
    name = Path(value).expanduser()
    places = [Path(folder) / name for folder in folders] or [name]
    for place in [*places, name]:
        if place.is_file():
            return str(place)
    raise UserError(f"no file {places[0]}")


def sources_of(values: Sequence[Any], folders: Sequence[str]) -> list[Source]:
    """Return where the files of some cells are. Raises `UserError` for the first that is not."""
    return [source_of(value, folders) for value in values]


def in_memory(source: Any) -> bool:
    """Say whether a source is no file, but an image or a sound itself."""
    if isinstance(source, Mapping):
        return "array" in source
    return hasattr(source, "__array__") or hasattr(source, "__array_interface__")


def opened(source: Source) -> str | io.BytesIO:
    """Return what a reader of images or sounds takes: a path, or the bytes as a file."""
    if isinstance(source, str):
        return source
    return io.BytesIO(source.read())


def folders_of(data: DataSet) -> tuple[str, ...]:
    """Return where names of files in the cells of data begin."""
    return () if data.folder is None else (str(data.folder),)


@dataclass(frozen=True)
class Measured:
    """The rows whose files can be read, by split, what was measured of each, and notes."""

    rows: dict[str, Rows]
    values: dict[str, list[Any]]
    notes: list[str]


def measure(
    rows: Mapping[str, Rows],
    column: str,
    folders: Sequence[str],
    measured: Callable[[Source], Any],
) -> Measured:
    """Return what `measured` says of the file of every row, without those it raises `UserError` of.

    They are counted in a note that names the first ones with their rows (the first row is 1).
    Raises `UserError` if no file of a split can be read.
    """
    kept: dict[str, Rows] = {}
    values: dict[str, list[Any]] = {}
    notes, mistakes = [], Mistakes()
    for split, part in rows.items():
        good, wrong = [], []
        values[split] = []
        numbers = part.numbers()
        for start, batch in enumerate(part.batches([column], READ_ROWS)):
            for n, value in enumerate(batch[column], start * READ_ROWS):
                try:
                    values[split].append(measured(source_of(value, folders)))
                    good.append(n)
                except UserError as problem:
                    wrong.append(f"row {int(numbers[n]) + 1}: {problem}")
        shown = "; ".join(wrong[:SHOWN])
        if wrong and not good:
            mistakes.add(f"none of the {len(part):,} files of {split} can be read: {shown}")
        elif wrong:
            count = f"{len(wrong):,} of the {len(part):,} files of {split} cannot be read"
            notes.append(f"{count}, so their rows are left out: {shown}")
        kept[split] = part.select(good) if wrong else part
    mistakes.raise_any()
    return Measured(kept, values, notes)


def check_each(
    values: Sequence[Any],
    folders: Sequence[str],
    check: Callable[[Source], Any],
    first: int,
    row: str,
) -> None:
    """Raise `UserError` for the first file that cannot be read, as number `first` and so on."""
    for number, value in enumerate(values, first):
        try:
            check(source_of(value, folders))
        except UserError as problem:
            raise UserError(f"{row} {number}: {problem}") from None


def needs_processor(processor: Any, what: str) -> UserError:
    """Return the error for a model whose processor is for something else than `what`."""
    return UserError(
        f"the model takes no {what}: it comes with a {type(processor).__name__} alone; "
        f"take a model for {what}"
    )
