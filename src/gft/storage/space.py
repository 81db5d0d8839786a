"""How much room a disk has, and whether a failure means that there was none."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from gft.errors import NoSpace

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_WORDS = ("No space left on device", "os error 28", "Disk quota exceeded", "os error 122")
_INCOMPLETE = ("PytorchStreamWriter failed", "unexpected pos", "iostream error")
"""What `torch.save` says when a write is incomplete, whatever the reason."""
NOTHING = 1 << 20
"""A disk with less than this has no room: a write that failed may have left a little."""


def in_words(size: float) -> str:
    """Return a number of bytes for people: `812 kB`, `41 MB`, `1.3 GB`."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}" if size < 10 * unit else f"{size / unit:,.0f} {name}"
    return f"{size:.0f} bytes"


def existing(path: Path) -> Path:
    """Return the path itself, or the last of the folders above it that there is."""
    return next(one for one in (path, *path.parents) if one.exists())


def cache_home() -> Path:
    """Return the folder of gft's own cache, where scratch files are too while they are there."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gft"


def free_bytes(path: Path) -> int:
    """Return how much may be written where a path is or will be."""
    return shutil.disk_usage(existing(path)).free


def check_room(folder: Path, needed: int, what: str) -> None:
    """Raise `NoSpace` unless a folder's disk has `needed` bytes for `what`, a name or a path."""
    free = free_bytes(folder)
    if needed > free:
        raise NoSpace(
            f"{what} needs {in_words(needed)} of disk when unpacked, and {in_words(free)} are free "
            f"in {folder}; free some space there"
        )


def says_full(problem: BaseException) -> bool:
    """Say whether an error, or what it came from, means that a disk is full."""
    return any(_is_full(one) for one in causes(problem))


def is_full(problem: BaseException, path: Path) -> bool:
    """Say whether an error means that the disk of `path` is full.

    Some libraries only say that a write is incomplete: then the free space is looked at.
    """
    if says_full(problem):
        return True
    incomplete = any(words in str(one) for one in causes(problem) for words in _INCOMPLETE)
    return incomplete and free_bytes(path) < NOTHING


def full_among(paths: Iterable[Path]) -> list[Path]:
    """Return those of some paths whose disk has no room left."""
    return [one for one in dict.fromkeys(paths) if free_bytes(one) < NOTHING]


def _is_full(problem: BaseException) -> bool:
    if isinstance(problem, OSError) and problem.errno in FULL:
        return True
    return any(words in str(problem) for words in _WORDS)


def causes(problem: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and what it came from; each once, as an error may be its own cause."""
    seen: set[int] = set()
    while problem is not None and id(problem) not in seen:
        seen.add(id(problem))
        yield problem
        problem = problem.__cause__ or problem.__context__
