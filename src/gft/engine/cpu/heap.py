"""Freed memory that is kept for the next step, where the C library would return it.

Every step of a training can use the memory of the one before. Linux's C library (glibc) returns
large blocks as soon as they are free, and the system has to clear each page before it is used
again: a seventeenth of a training on a CPU.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TRIM_THRESHOLD, MMAP_THRESHOLD, MMAP_MAX = -1, -3, -4
"""Parameters of `mallopt`: free bytes to keep, and the size and number of mapped blocks."""
KEEP = {MMAP_MAX: 0, TRIM_THRESHOLD: 2**31 - 1}
AFTERWARDS = {MMAP_MAX: 65_536, MMAP_THRESHOLD: 2**25, TRIM_THRESHOLD: 2**26}
"""The values that glibc itself arrives at when large blocks are freed."""


@contextmanager
def freed_memory_kept() -> Iterator[None]:
    """Keep freed memory within, and return it to the system afterwards. Only glibc is changed."""
    library = _glibc()
    if library is None:
        yield
        return
    for parameter, value in KEEP.items():
        library.mallopt(parameter, value)
    try:
        yield
    finally:
        for parameter, value in AFTERWARDS.items():
            library.mallopt(parameter, value)
        library.malloc_trim(0)


def _glibc() -> Any:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    # Another C library (musl), or another allocator before this one, has no such parameters.
    return library if hasattr(library, "gnu_get_libc_version") else None
