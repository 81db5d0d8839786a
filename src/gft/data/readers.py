"""Forms of files that only a library of their own can read: it may be absent, the file packed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, Any, cast

from gft.data.opening import COMPRESSED, declared_size, open_bytes, suffix_of
from gft.data.scratch import mapped, scratch_file, scratch_folder
from gft.errors import NoSpace, UserError
from gft.storage.space import NOTHING, check_room, free_bytes, in_words

MOST_UNPACKED = 1 << 31
"""In bytes: what a compressed file of such a form may hold."""
BLOCK = 1 << 20


def library(name: str, path: Path) -> Any:
    """Return the library that reads a file. Raises `UserError` that says how to install it."""
    try:
        return import_module(name)
    except ImportError:
        raise UserError(
            f"{path}: files of the form {suffix_of(path)} need a reader of their own: "
            "pip install 'gft[tables]'"
        ) from None


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Give the file itself, or a temporary one with what a compressed file holds."""
    if path.stat().st_size == 0:
        raise UserError(f"{path} is empty")
    if path.suffix.lower() not in COMPRESSED:
        yield path
        return
    with tempfile.NamedTemporaryFile(suffix=suffix_of(path)) as plain:
        unpack_into(cast(IO[bytes], plain), Path(tempfile.gettempdir()), path, MOST_UNPACKED)
        plain.flush()
        yield Path(plain.name)


def mapped_bytes(path: Path) -> Any:
    """Return what a compressed file holds as a buffer of Arrow's, mapped from a scratch file."""
    import pyarrow as pa

    file = scratch_file()
    unpack_into(file, scratch_folder(), path)
    return pa.py_buffer(mapped(file) if file.tell() else b"")


def unpack_into(file: IO[bytes], folder: Path, path: Path, most: int | None = None) -> None:
    """Write what a compressed file holds into another one, which lies in `folder`, in blocks.

    Raises `UserError` where that is more than `most` bytes, and `NoSpace` where the disk has no
    room for it: before anything is written if the file says how large it is.
    """
    declared = declared_size(path) or 0
    if most is not None and declared > most:
        raise too_large(path, most)
    check_room(folder, declared, str(path))
    read = 0
    with open_bytes(path) as packed:
        while block := packed.read(BLOCK):
            read += len(block)
            if most is not None and read > most:
                raise too_large(path, most)
            if free_bytes(folder) < len(block) + NOTHING:
                raise NoSpace(
                    f"{path} needs more than {in_words(read)} of disk when unpacked, and no more "
                    f"are free in {folder}; free some space there"
                )
            file.write(block)


def too_large(path: Path, most: int) -> UserError:
    """Return the error for a file that holds more than `most` bytes."""
    return UserError(
        f"{path} holds more than {most >> 20:,} MiB of data when unpacked, and files of this form "
        "are read as a whole; save it as csv or parquet"
    )
