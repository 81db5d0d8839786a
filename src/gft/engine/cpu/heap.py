"""Freed memory that is kept for the next step, where the C library would hand it back.

Every step of a training takes the memory of the one before. Linux's C library (glibc) gives large
pieces back as soon as they are free, and the system has to clear each page before it is used again:
a seventeenth of a training on a CPU.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TRIM_THRESHOLD, MMAP_THRESHOLD, MMAP_MAX = -1, -3, -4
"""Parameters of `mallopt`: free bytes to keep, and which and how many pieces are mapped apart."""
KEEP = {MMAP_MAX: 0, TRIM_THRESHOLD: 2**31 - 1}
AFTERWARDS = {MMAP_MAX: 65_536, MMAP_THRESHOLD: 2**25, TRIM_THRESHOLD: 2**26}
"""What glibc itself comes to where large pieces are freed."""


@contextmanager
def freed_memory_kept() -> Iterator[None]:
    """Keep what is freed inside; afterwards the system has it back. Elsewhere, change nothing."""
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
