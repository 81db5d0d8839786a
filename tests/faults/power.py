"""Power cuts: what a disk holds at a moment of a fit, and whether it can be gone on from.

The fit writes to a file system on a loop device, whose file is the disk. Before each thing that it
does to the file system, and before and after each `fsync`, it waits; the file is copied then, as
if the power had gone. What was not synced is still in memory and not in the copy (the file system
is told not to write of itself for a minute). A copy is mounted, which replays its journal, and what
is in it is kept as a folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from faults.commands import ended, start
from ran import Ran

MEGABYTES = 48
CHANGING = ("os.rename", "os.remove", "os.rmdir", "os.mkdir")
OPTIONS = ("commit=60", "commit=60,data=writeback,noauto_da_alloc")
"""How ext4 is mounted: as it comes, and so that it keeps files and names in the least order."""


def can_be_tried() -> bool:
    """Say whether this machine lets us have loop devices: it takes root."""
    if sys.platform != "linux" or os.geteuid() or not shutil.which("mkfs.ext4"):
        return False
    return subprocess.run(["losetup", "-f"], capture_output=True, check=False).returncode == 0


def make_disk(file: Path) -> None:
    """Make an empty file system in a file."""
    with file.open("wb") as out:
        out.truncate(MEGABYTES << 20)
    _do("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", file)


@contextmanager
def mounted(file: Path, place: Path, options: str) -> Iterator[None]:
    """Have the file system in a file at a place."""
    place.mkdir(parents=True, exist_ok=True)
    _do("mount", "-o", f"loop,{options}", file, place)
    try:
        yield
    finally:
        _do("umount", place)


def _do(*words: object) -> None:
    subprocess.run(list(map(str, words)), check=True, capture_output=True)


class Watched:
    """A command that waits before each thing it does to files below `place`."""

    def __init__(self, place: Path) -> None:
        self.place = str(place)
        self.told, self._tell = os.pipe()
        self._hear, self.answer = os.pipe()
        self._waiting = False

    def install(self) -> None:
        """Begin to wait, in the command's process."""
        sync = os.fsync

        def synced(file: int) -> None:
            self._wait()
            sync(file)
            self._wait()

        os.fsync = synced
        sys.addaudithook(self._watch)

    def _watch(self, event: str, arguments: tuple[object, ...]) -> None:
        opened = event == "open" and isinstance(arguments[2], int) and (arguments[2] & os.O_ACCMODE)
        if (event in CHANGING or opened) and str(arguments[0]).startswith(self.place):
            self._wait()

    def _wait(self) -> None:
        if not self._waiting:
            self._waiting = True
            os.write(self._tell, b".")
            os.read(self._hear, 1)
            self._waiting = False

    def run(self, words: Sequence[object], each: Callable[[int], None]) -> Ran:
        """Run a fit; `each` is called with the number of each thing that it waits before."""
        with tempfile.TemporaryDirectory() as outputs:
            child = start("fit", words, Path(outputs), "", self.install)
            os.close(self._tell)
            number = 0
            while os.read(self.told, 1):
                each(number)
                number += 1
                os.write(self.answer, b".")
            ran = ended(child, Path(outputs))
        for pipe in (self.told, self._hear, self.answer):
            os.close(pipe)
        return ran


def count_moments(words: Sequence[object], place: Path, disk: Path, options: str) -> int:
    """Return how many moments there are in a fit into `place`, where the disk is mounted."""
    make_disk(disk)
    moments = []
    with mounted(disk, place, options):
        Watched(place).run(words, moments.append)
    return len(moments)


def cut(
    words: Sequence[object], place: Path, disk: Path, options: str, moments: set[int], kept: Path
) -> list[Path]:
    """Fit onto a fresh disk; return a folder for each moment, and for right after the end.

    Each holds what the disk held.
    """
    make_disk(disk)
    copies: list[Path] = []

    def copy(number: int) -> None:
        if number in moments:
            copies.append(kept / f"moment-{number}.disk")
            shutil.copyfile(disk, copies[-1])

    with mounted(disk, place, options):
        ran = Watched(place).run(words, copy)
        assert ran.status == 0, ran.err
        copies.append(kept / "after the end.disk")
        shutil.copyfile(disk, copies[-1])
    return [_held_by(one, options) for one in copies]


def _held_by(copy: Path, options: str) -> Path:
    """Return a folder with what a copy of a disk holds, in place of the copy."""
    found, place = copy.with_suffix(""), copy.with_suffix(".mounted")
    with mounted(copy, place, options):
        shutil.copytree(place, found, ignore=shutil.ignore_patterns("lost+found"))
    place.rmdir()
    copy.unlink()
    return found
