"""Files of images and sounds as the cells of a column name or hold them."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from gft.data.stored import StoredFile
from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.language.equation import Equation
from gft.tasks.text import check_columns

Source: TypeAlias = "str | StoredFile"
"""Where a file is: its path, or the cell that holds it."""
READ_ROWS = 1000
SHOWN = 3


def check_file_column(equation: Equation, data: DataSet, task: str, what: str) -> list[str]:
    """Return what is wrong with the right-hand side of an equation: one column of files."""
    if len(equation.right) != 1:
        return [
            f"{task} takes one column of {what} on the right of '~', found {len(equation.right)}"
        ]
    messages = check_columns(equation.right, data.columns, data.name)
    if not messages and data.columns[equation.right[0]].kind not in ("text", "file"):
        kind = data.columns[equation.right[0]].kind
        messages.append(
            f"column {equation.right[0]!r} of {data.name} holds {kind} values; {task} needs "
            f"{what}: names of files, or the files themselves"
        )
    return messages


def source_of(value: Any, folders: Sequence[str]) -> Source:
    """Return where the file of a cell is; a relative name begins in one of `folders`, or here.

    Raises `UserError` if there is none.
    """
    if isinstance(value, StoredFile):
        if value.has_bytes:
            return value
        value = value.path
    if value is None or value == "":
        raise UserError("no file is named")
    if not isinstance(value, str):
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


def opened(source: Source) -> str | io.BytesIO:
    """Return what a reader of images or sounds takes: a path, or the bytes as a file."""
    if isinstance(source, str):
        return source
    return io.BytesIO(source.read())


def folders_of(data: DataSet) -> tuple[str, ...]:
    """Return where names of files in the cells of data begin."""
    return () if data.folder is None else (str(data.folder),)


def measure(
    rows: Mapping[str, Rows],
    column: str,
    folders: Sequence[str],
    measured: Callable[[Source], Any],
) -> dict[str, list[Any]]:
    """Return what `measured` says of the file of every row, by split.

    Raises `UserError` that counts the files that are missing or broken and names the first ones
    with their rows (the first row is 1).
    """
    found: dict[str, list[Any]] = {}
    messages = []
    for split, part in rows.items():
        found[split], wrong = [], []
        numbers = range(len(part)) if part.indices is None else part.indices
        for start, batch in enumerate(part.batches([column], READ_ROWS)):
            for n, value in enumerate(batch[column], start * READ_ROWS):
                try:
                    found[split].append(measured(source_of(value, folders)))
                except UserError as problem:
                    wrong.append(f"row {int(numbers[n]) + 1}: {problem}")
        if wrong:
            count = f"{len(wrong):,} of {len(part):,} files of {split} cannot be read"
            shown = "; ".join(wrong[:SHOWN])
            messages.append(f"{count}: {shown}" if len(wrong) > 1 else f"{split}, {wrong[0]}")
    if messages:
        raise UserError(*messages)
    return found


def needs_processor(processor: Any, what: str) -> UserError:
    """Return the error for a model whose processor is for something else than `what`."""
    return UserError(
        f"the model takes no {what}: it comes with a {type(processor).__name__} alone; "
        f"take a model for {what}"
    )
