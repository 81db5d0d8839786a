"""A full disk: which one it is, if only "no space left on device" is known."""

from __future__ import annotations

import errno
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
"""Environment variables for the folders of downloads."""


def explained(problem: BaseException) -> NoSpace:
    """Return the error to show for one that means that a disk is full: which, and what to do."""
    for one in causes(problem):
        # Of a copy the second file is the one that is written.
        file = (one.filename2 or one.filename) if isinstance(one, OSError) else None
        if isinstance(one, OSError) and one.errno == errno.EFBIG:
            return NoSpace(
                f"{file or 'a file'} would be larger than files may be here; raise the limit "
                "(ulimit -f), or take another disk"
            )
        if isinstance(file, str):
            return NoSpace(f"no space left for {file}; free some space there")
    if _output_is_full():
        discard_output()
        return NoSpace("standard output cannot be written: no space left where it goes")
    full = full_among(_folders())
    if full:
        return NoSpace(
            f"no space left in {full[0]}; free some space there, or set another folder with "
            f"{_setting(full[0])}"
        )
    return NoSpace(f"no space left on a disk that gft writes to: {problem}")


def discard_output() -> None:
    """Redirect standard output to the null device: Python flushes it once more at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _output_is_full() -> bool:
    """Say whether standard output goes to a full disk or device."""
    with suppress(OSError, ValueError, AttributeError):
        out = sys.stdout.fileno()
        about = os.fstat(out)
        if stat.S_ISCHR(about.st_mode):
            return not os.path.samestat(about, Path(os.devnull).stat()) and not os.isatty(out)
        if stat.S_ISREG(about.st_mode):
            disk = os.fstatvfs(out)
            return disk.f_bavail * disk.f_frsize < NOTHING
    return False


def _folders() -> Iterator[Path]:
    """Yield the folders that a command writes to without an argument that names them."""
    yield Path(tempfile.gettempdir())
    yield cache_home()
    for name in CACHES:
        if os.environ.get(name):
            yield Path(os.environ[name]).expanduser()
    yield Path.home() / ".cache"
    yield Path()


def _setting(folder: Path) -> str:
    """Return the environment variable that sets a folder."""
    named = (name for name in CACHES if os.environ.get(name) and Path(os.environ[name]) == folder)
    if folder == Path(tempfile.gettempdir()):
        return "TMPDIR"
    return next(named, "XDG_CACHE_HOME")
