"""A disk that is full: which one it was, where only "no space left on device" is known."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from gft.errors import NoSpace
from gft.storage.space import NOTHING, cache_home, causes, full_among

CACHES = ("HF_HOME", "HF_HUB_CACHE", "HF_DATASETS_CACHE", "XDG_CACHE_HOME")
"""Variables that say where libraries keep what they download."""


def explained(problem: BaseException) -> NoSpace:
    """Return what to say of an error that means that a disk is full: which one, and what to do."""
    for one in causes(problem):
        if isinstance(one, OSError) and isinstance(one.filename, str):
            return NoSpace(f"no space left for {one.filename}; make room there")
    if _output_is_full():
        speak_to_nobody()
        return NoSpace("standard output cannot be written to: no space left where it goes")
    full = full_among(_places())
    if full:
        return NoSpace(
            f"no space left in {full[0]}; make room there, or name another folder with "
            f"{_setting(full[0])}"
        )
    return NoSpace(f"no space left on a disk that is written to: {problem}")


def speak_to_nobody() -> None:
    """Point standard output to nothing: Python writes once more to it at its exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _output_is_full() -> bool:
    """Say whether standard output goes where there is no room left."""
    with suppress(OSError, ValueError, AttributeError):
        out = sys.stdout.fileno()
        about = os.fstat(out)
        if stat.S_ISCHR(about.st_mode):
            return not os.path.samestat(about, Path(os.devnull).stat()) and not os.isatty(out)
        if stat.S_ISREG(about.st_mode):
            disk = os.fstatvfs(out)
            return disk.f_bavail * disk.f_frsize < NOTHING
    return False


def _places() -> Iterator[Path]:
    """Yield the folders that a command writes to without being told to."""
    yield Path(tempfile.gettempdir())
    yield cache_home()
    for name in CACHES:
        if os.environ.get(name):
            yield Path(os.environ[name]).expanduser()
    yield Path.home() / ".cache"
    yield Path()


def _setting(place: Path) -> str:
    """Return the variable that says where a folder is."""
    named = (name for name in CACHES if os.environ.get(name) and Path(os.environ[name]) == place)
    if place == Path(tempfile.gettempdir()):
        return "TMPDIR"
    return next(named, "XDG_CACHE_HOME")
