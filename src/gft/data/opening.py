"""Opening a file of data, compressed or not."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from pathlib import Path
from typing import cast

COMPRESSED = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


def open_bytes(path: Path) -> io.BufferedIOBase:
    """Return the file's bytes, decompressed by its suffix."""
    opener = COMPRESSED.get(path.suffix.lower())
    return cast(io.BufferedIOBase, opener(path, "rb") if opener else path.open("rb"))


def suffix_of(path: Path) -> str:
    """Return the suffix that says what form a file has, lower-case: `.csv` for `x.csv.gz`."""
    inner = Path(path.stem) if path.suffix.lower() in COMPRESSED else path
    return inner.suffix.lower()
