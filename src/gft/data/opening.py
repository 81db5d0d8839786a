"""Opening a file of data, compressed or not; knowing by its first bytes what is no text."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from gft.errors import UserError, listed

UNPACKING_ERRORS = (OSError, EOFError, lzma.LZMAError, zlib.error, zipfile.BadZipFile)
"""What reading a damaged or wrongly named file raises; Arrow's zstd raises an `OSError`."""

_SIGNATURES = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive or an office document, whose name ends in .zip, .xlsx or .ods",
    b"\xd0\xcf\x11\xe0": "an old office document such as xls",
    b"PAR1": "a parquet file",
    b"ARROW1": "an arrow file",
    b"RIFF": "a sound or image file",
    b"OggS": "a sound file",
    b"fLaC": "a sound file",
    b"SQLite format 3": "an SQLite database",
    b"$FL2": "an SPSS file; its name should end in .sav",
    b"$FL3": "an SPSS file; its name should end in .sav",
    b"<stata_dta>": "a Stata file; its name should end in .dta",
    b"\x00" * 12 + b"\xc2\xea\x81\x60": "a SAS file; its name should end in .sas7bdat",
    b"RDX": "a file of R's, which save writes; its name should end in .rdata",
    b"X\n\x00": "a file of R's, which saveRDS writes; its name should end in .rds",
    b"\x1f\x8b": "compressed by gzip; its name should end in .gz (in .rds if R wrote it)",
    b"BZh": "compressed by bzip2; its name should end in .bz2",
    b"\xfd7zXZ": "compressed by xz; its name should end in .xz",
    b"\x28\xb5\x2f\xfd": "compressed by zstd; its name should end in .zst",
    b"Rar!\x1a\x07": "a rar archive; unpack it",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive; unpack it",
}
_SIGNED = 512
_STEP = 1 << 12
_TAR = 257, b"ustar"
"""Where a tar archive has its mark, and which."""
_PICTURE = re.compile(rb"\xff\xd8|\x89PNG")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def open_bytes(path: Path) -> io.BufferedIOBase:
    """Return the file's bytes, decompressed by its suffix. Reads fail with `UNPACKING_ERRORS`."""
    opener = _OPENERS.get(path.suffix.lower())
    return cast(io.BufferedIOBase, opener(path) if opener else path.open("rb"))


def _open_zstd(path: Path) -> io.BufferedReader:
    import pyarrow as pa

    if not pa.Codec.is_available("zstd"):
        raise UserError(f"{path}: this pyarrow cannot read zstd; decompress it with unzstd")
    return io.BufferedReader(pa.input_stream(str(path), compression="zstd"), 1 << 20)


def _open_zip(path: Path) -> io.BufferedIOBase:
    archive = zipfile.ZipFile(path)
    members = _members(archive)
    if len(members) != 1:
        raise UserError(
            f"{path} holds {len(members)} files ({listed(members, 4)}) and only one is read from a "
            "zip archive; unpack it"
        )
    try:
        return open_member(archive, archive.getinfo(members[0]))
    except (RuntimeError, NotImplementedError) as problem:
        raise UserError(f"{path}: {problem}; unpack it") from None


def _members(archive: zipfile.ZipFile) -> list[str]:
    """Return the files in an archive, without what macOS adds of its own."""
    names = [one.filename for one in archive.infolist() if not one.is_dir()]
    return [name for name in names if not name.startswith("__MACOSX/")]


def open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> io.BufferedIOBase:
    """Return the bytes of a member, at most as many as it declares, unpacked in bounded memory."""
    opened = archive.open(info)
    if info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return cast(io.BufferedIOBase, opened)
    return io.BufferedReader(_InSteps(cast(io.BufferedIOBase, opened)), 1 << 20)


class _InSteps(io.RawIOBase):
    """A member of a zip of which few packed bytes are unpacked at a time.

    Python unpacks as many packed bytes as are requested unpacked, and of bzip2 and LZMA these may
    stand for thousands of times as many.
    """

    def __init__(self, opened: io.BufferedIOBase) -> None:
        self._opened = opened

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._opened.read1(min(len(buffer), _STEP))
        buffer[: len(data)] = data
        return len(data)


def declared_size(path: Path) -> int | None:
    """Return how many bytes a compressed file says it holds, None where its form does not say."""
    if path.suffix.lower() != ".zip":
        return None
    with zipfile.ZipFile(path) as archive:
        return max((archive.getinfo(name).file_size for name in _members(archive)), default=0)


_OPENERS: dict[str, Callable[[Path], object]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
    ".zst": _open_zstd,
    ".zip": _open_zip,
}
COMPRESSED = tuple(_OPENERS)


def suffix_of(path: Path) -> str:
    """Return the suffix that says what form a file has, lower-case: `.csv` for `x.csv.gz`.

    `x.zip` has that of the file inside.
    """
    inner = Path(path.stem) if path.suffix.lower() in COMPRESSED else path
    if path.suffix.lower() == ".zip" and not inner.suffix and zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                inner = Path((_members(archive) or [""])[0])
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as problem:
            raise UserError(f"{path} is not a complete archive: {problem}") from None
    return inner.suffix.lower()


def stem_of(path: Path) -> str:
    """Return the name of a file without its form: `x` for `x.csv.gz`."""
    inner = Path(path.stem) if path.suffix.lower() in COMPRESSED else path
    return inner.stem


def check_is_text(path: Path, start: bytes) -> None:
    """Raise `UserError` if a file is known by its first bytes to be something else than text."""
    # A column may well be called PAR1; what is binary has control characters in its first bytes.
    first = start[:_SIGNED]
    binary = holds_control(first) or _PICTURE.search(first) or first.startswith(b"%PDF-")
    for signature, what in _SIGNATURES.items() if binary else ():
        if first.startswith(signature):
            raise UserError(f"{path}, line 1: expected text, but the file is {what}")
    at, mark = _TAR
    if binary and first.startswith(mark, at):
        raise UserError(f"{path}, line 1: expected text, but the file is a tar archive; unpack it")


def holds_control(data: bytes) -> bool:
    """Say whether there are control characters that no text has."""
    return _CONTROL.search(data) is not None
