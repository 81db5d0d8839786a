"""A small disk: a file system in memory, of a size that can be changed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def can_be_tried() -> bool:
    """Say whether this machine lets us mount: it takes root."""
    return sys.platform == "linux" and not os.geteuid()


@contextmanager
def small_disk(place: Path, kilobytes: int) -> Iterator[Callable[[int], None]]:
    """Have a disk of a size at a place; what is yielded changes the size."""
    place.mkdir(parents=True, exist_ok=True)
    _do("mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", place)
    try:
        yield lambda size: _do("mount", "-o", f"remount,size={size}k", place)
    finally:
        _do("umount", place)


def _do(*words: object) -> None:
    subprocess.run(list(map(str, words)), check=True, capture_output=True)


def unforeseen() -> None:
    """Let a fit begin without room enough: the disk fills while it runs."""
    from gft.functions import output

    setattr(output, "free_bytes", lambda _: 1 << 40)  # noqa: B010  (an older gft has none)


def spilling(place: Path) -> None:
    """Let a command keep what it reads in scratch files, which are in `place`."""
    import tempfile

    from gft.data import scratch

    os.environ.update(XDG_CACHE_HOME=str(place), TMPDIR=str(place))
    tempfile.tempdir = str(place)
    scratch.SPILLED_BYTES = 100
