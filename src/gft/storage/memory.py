"""How much memory this process may still take."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

from gft.errors import UserError
from gft.storage.space import causes, in_words

LEAST_TO_TRAIN = 400_000_000
"""Bytes. Threads, kernels and buffers of the libraries take them before the first row; with less,
libraries that are not written in Python end the process: nobody could say why."""

SHORTAGES = ("not enough memory", "can't allocate memory", "out of memory")
"""What torch says when memory does not suffice for a tensor."""
_OF_OTHERS = (
    "cannot allocate memory",
    "unable to allocate",
    "could not create a primitive",  # oneDNN, whose memory did not suffice
    "bad_alloc",
    "failed to map segment",  # a library that is loaded late
    "can't start new thread",
)


def says_short(problem: BaseException) -> bool:
    """Say whether an error, or what it came from, means that memory did not suffice."""
    return any(
        isinstance(one, MemoryError)
        or any(words in str(one).lower() for words in (*SHORTAGES, *_OF_OTHERS))
        for one in causes(problem)
    )


def free_memory() -> int | None:
    """Return how many bytes this process may still take, None where the system does not tell."""
    found = [*_of_the_machine(), *_of_the_limit()]
    return min(found) if found else None


def check_some_left() -> None:
    """Raise `UserError` where so little memory is free that a training cannot begin."""
    free = free_memory()
    if free is not None and free < LEAST_TO_TRAIN:
        raise UserError(
            f"only {in_words(free)} of memory are free for this process, and a training takes "
            f"{in_words(LEAST_TO_TRAIN)} before its first row; end other programs, or raise the "
            "limit (ulimit -v)"
        )


def _of_the_machine() -> Iterator[int]:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                yield int(line.split()[1]) * 1024
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
        used = Path("/sys/fs/cgroup/memory.current").read_text(encoding="ascii").strip()
        if limit != "max":
            yield int(limit) - int(used)
    except (OSError, ValueError):
        return


def _of_the_limit() -> Iterator[int]:
    """Yield what `ulimit -v` leaves to this process, where there is such a limit."""
    try:
        from resource import RLIM_INFINITY, RLIMIT_AS, getrlimit

        limit, _ = getrlimit(RLIMIT_AS)
        if limit != RLIM_INFINITY:
            pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
            yield max(0, limit - pages * mmap.PAGESIZE)
    except (ImportError, OSError, ValueError):  # There is no such module on Windows.
        return
