"""What does not belong in memory: files that are written once, mapped, and gone with the process.

Pages of a mapped file are the system's to drop and to read again; they are no memory of ours.
"""

from __future__ import annotations

import mmap
import tempfile
from pathlib import Path
from typing import IO, Any

import numpy as np

from gft.storage.space import cache_home

Array = np.ndarray[Any, Any]

SPILLED_BYTES = 4 << 20
"""So much of a table, and half of it of an array, is held in memory before it goes to a file."""
BLOCK = 1 << 20


def scratch_folder() -> Path:
    """Return the cache, or where nothing can be written there, the folder for temporary files."""
    home = cache_home()
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            return home
    except OSError:
        return Path(tempfile.gettempdir())


def scratch_file() -> IO[bytes]:
    """Return a file without a name in `scratch_folder`."""
    return tempfile.TemporaryFile(dir=scratch_folder())


def mapped(file: IO[bytes]) -> mmap.mmap:
    """Return what was written to a scratch file; it lives as long as anything refers to it."""
    file.flush()
    with file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


class GrowingArray:
    """An array whose first axis grows; a long one does so in a file.

    Parts may differ in type: the array has the type that holds them all.
    """

    def __init__(self) -> None:
        self._parts: list[Array] = []
        self._pending = 0
        self._file: IO[bytes] | None = None
        self._dtype: Any = None
        self._shape: tuple[int, ...] = ()

    def extend(self, values: Array) -> None:
        """Append values."""
        dtype = values.dtype
        if self._dtype is not None:
            dtype = np.promote_types(self._dtype, dtype)
        if self._file is not None and dtype != self._dtype:
            self._rewrite(self._file, dtype)
        self._dtype, self._shape = dtype, values.shape[1:]
        self._parts.append(values)
        self._pending += values.nbytes
        if self._pending > SPILLED_BYTES // 2 and not dtype.hasobject:
            self._spill()

    def closed(self) -> Array:
        """Return the array; nothing is appended after."""
        if self._file is None:
            return np.concatenate(self._parts) if self._parts else np.empty(0, dtype=np.int64)
        self._spill()
        flat = np.frombuffer(mapped(self._file), dtype=self._dtype)
        return flat.reshape(-1, *self._shape)

    def _spill(self) -> None:
        self._file = self._file or scratch_file()
        for part in self._parts:
            self._file.write(np.ascontiguousarray(part, dtype=self._dtype).data.cast("B"))
        self._parts, self._pending = [], 0

    def _rewrite(self, before: IO[bytes], dtype: Any) -> None:
        self._spill()
        old = np.frombuffer(mapped(before), dtype=self._dtype)
        self._file = scratch_file()
        for start in range(0, len(old), BLOCK):
            self._file.write(old[start : start + BLOCK].astype(dtype).data.cast("B"))
