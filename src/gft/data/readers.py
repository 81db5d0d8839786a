"""Forms of files that only a library of their own can read: it may be absent, the file packed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from gft.data.opening import COMPRESSED, open_bytes, suffix_of
from gft.errors import UserError

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
        for block in unpacked_blocks(path, MOST_UNPACKED):
            plain.write(block)
        plain.flush()
        yield Path(plain.name)


def unpacked_blocks(path: Path, most: int) -> Iterator[bytes]:
    """Yield the bytes of a file, unpacked. Raises `UserError` where there are too many."""
    read = 0
    with open_bytes(path) as file:
        while block := file.read(BLOCK):
            read += len(block)
            if read > most:
                raise too_large(path, most)
            yield block


def too_large(path: Path, most: int) -> UserError:
    """Return the error for a file that holds more than `most` bytes."""
    return UserError(
        f"{path} holds more than {most >> 20:,} MiB of data when unpacked, and files of this form "
        "are read as a whole; save it as csv or parquet"
    )
