"""Files of images and sounds as the cells of a column name or hold them."""

from __future__ import annotations

import base64
import hashlib
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, Self, TypeAlias

from gft.data.stored import StoredFile, stored
from gft.data.table import Rows
from gft.errors import Mistakes, UserError
from gft.inputs.addresses import fetch, is_address
from gft.inputs.kind import InputKind, Measured, Splits
from gft.language.options import Shared
from gft.language.program import Options
from gft.storage.paths import expanded

Source: TypeAlias = Any
"""Where a file is: its path, or the cell that holds it (`StoredFile`); or what a file would hold:
an array, an image of Pillow's, or a sound as `datasets` decodes it (`array`, `sampling_rate`)."""
READ_ROWS = 1000
SHOWN = 3


def source_of(value: Any, folders: Sequence[str], fetches: bool = False) -> Source:
    """Return where the file of a cell is; a relative name begins in one of `folders`, or here.

    What is in memory already is returned as it is, and what is at an address if it `fetches`.
    Raises `UserError` if there is no file.
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
    if is_address(value):
        if fetches:
            return fetch(str(value))
        raise UserError(f"{value} is an address; gft_predict fetches it with --fetch_urls")
    name = expanded(os.fspath(value), variables=False)
    paths = [Path(folder) / name for folder in folders] or [name]
    for path in [*paths, name]:
        if path.is_file():
            return str(path)
    raise UserError(f"no file {paths[0]}")


def in_memory(source: Any) -> bool:
    """Say whether a source is no file, but an image or a sound itself."""
    if isinstance(source, Mapping):
        return "array" in source
    return hasattr(source, "__array__") or hasattr(source, "__array_interface__")


def _content(source: Source) -> bytes:
    """Return the bytes of an image or a sound in memory."""
    import numpy as np

    if isinstance(source, Mapping):
        return np.ascontiguousarray(source["array"]).tobytes()
    array = np.asarray(source)
    return repr(array.shape).encode() + array.tobytes()


def _hash_of(file: str | io.BytesIO) -> str:
    if isinstance(file, io.BytesIO):
        return hashlib.blake2b(file.getbuffer(), digest_size=16).hexdigest()
    with Path(file).open("rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def opened(source: Source) -> str | io.BytesIO:
    """Return what a reader of images or sounds takes: a path, or the bytes as a file."""
    if isinstance(source, str):
        return source
    return io.BytesIO(source.read())


@dataclass(frozen=True)
class Files(InputKind):
    """Files: their names, or the files themselves; relative names begin in one of `folders`."""

    folders: tuple[str, ...] = ()
    fetches: bool = False

    takes: ClassVar[tuple[str, ...]] = ("text", "file")
    in_json: ClassVar[Mapping[str, Any]] = {"type": "string", "contentEncoding": "base64"}

    def measured(self, source: Source) -> Any:
        """Return what there is to know of a file. Raises `UserError` if it cannot be read."""
        raise NotImplementedError

    def located(self, folder: Path | None) -> Self:
        """Return the kind with a folder that relative names begin in first of all."""
        return self if folder is None else replace(self, folders=(str(folder), *self.folders))

    def configured(self, options: Options) -> Self:
        """Return the kind with `--data_dir`, where names begin last, and with `--fetch_urls`."""
        folder = options.of(Shared).data_dir
        last = (str(expanded(folder, variables=False)),) if folder else ()
        fetches = options.of(Shared).fetch_urls
        return replace(self, folders=(*self.folders, *last), fetches=fetches)

    def aligned(self, model: Sequence[InputKind]) -> Self:
        """Return the kind with the folders of a model's after its own."""
        more = [name for kind in model if isinstance(kind, Files) for name in kind.folders]
        fetches = any(kind.fetches for kind in model if isinstance(kind, Files))
        return replace(self, folders=(*self.folders, *more), fetches=self.fetches or fetches)

    def read(self, cells: Sequence[Any]) -> list[Any]:
        """Return where the files are. Raises `UserError` for the first that is not there."""
        return [self._source(cell) for cell in cells]

    def _source(self, cell: Any) -> Source:
        return source_of(cell, self.folders, self.fetches)

    def check(self, cells: Sequence[Any], first: int, row: str) -> None:
        """Raise `UserError` for the first file that cannot be read."""
        for number, cell in enumerate(cells, first):
            try:
                self.measured(self._source(cell))
            except UserError as problem:
                raise UserError(f"{row} {number}: {problem}") from None

    def bare(self, cells: Sequence[Any]) -> list[str]:
        """Return a hash of the bytes of each file; of one that is not there its name."""
        return [self._hash(cell) for cell in cells]

    def _hash(self, cell: Any) -> str:
        try:
            source = self._source(cell)
            if not in_memory(source):
                return _hash_of(opened(source))
        except (UserError, OSError):
            return self.shown(cell)
        return hashlib.blake2b(_content(source), digest_size=16).hexdigest()

    def from_json(self, value: Any) -> Any:
        """Return the file whose bytes stand in a text as base64."""
        try:
            content = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
        except ValueError:  # binascii's, and that of a text beyond ASCII.
            content = b""
        if not content:
            raise ValueError("the bytes of a file in base64")
        return stored(content)

    def shown(self, cell: Any) -> str:
        """Return the name of a file."""
        return str(cell.get("path", "")) if isinstance(cell, Mapping) else super().shown(cell)

    def measure(self, rows: Splits, name: str) -> Measured:
        """Return what is known of the file of every row, without rows whose file cannot be read.

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
            batches = (batch[name] for batch in part.batches([name], READ_ROWS))
            for n, value in enumerate(chain.from_iterable(batches)):
                try:
                    values[split].append(self.measured(self._source(value)))
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


def needs_processor(processor: Any, what: str) -> UserError:
    """Return the error for a model whose processor is for something else than `what`."""
    return UserError(
        f"the model takes no {what}: it has only a {type(processor).__name__}; choose a model for "
        f"{what}"
    )
