"""Writes that a power cut does not undo: what is written is on the disk before a name counts.

A file's bytes and its name in a folder are kept apart by file systems, so both are synced: the
file before it is renamed, the folder after (POSIX `fsync`; Pillai et al., "All File Systems Are
Not Created Equal", OSDI 2014).
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

ON_WINDOWS = sys.platform == "win32"


def sync_file(path: Path) -> None:
    """Return once a file's bytes are on the disk. Raises `OSError` if they cannot be."""
    with path.open("r+b" if ON_WINDOWS else "rb") as file:
        if sys.platform == "darwin":  # There `fsync` leaves bytes in the drive's own memory.
            import fcntl

            with suppress(OSError):  # A file system without it.
                fcntl.fcntl(file.fileno(), fcntl.F_FULLFSYNC)
                return
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Return once the names in a folder are on the disk, where the system can say so."""
    if ON_WINDOWS:
        return
    with suppress(OSError):  # Some network file systems cannot; they answer EINVAL.
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_durably(path: Path, text: str) -> None:
    """Write a text so that, whatever happens, the file holds all of it or what it held before."""
    beside = path.with_name(f"{path.name}.partial")
    beside.write_text(text, encoding="utf-8")
    sync_file(beside)
    beside.replace(path)
    sync_folder(path.parent)


def allow_as_usual(path: Path) -> None:
    """Give a file the mode that the user's umask gives new files: libraries write some as 0600."""
    if ON_WINDOWS:
        return
    mask = os.umask(0o077)
    os.umask(mask)
    with suppress(OSError):  # A file system without modes.
        path.chmod(0o666 & ~mask)
