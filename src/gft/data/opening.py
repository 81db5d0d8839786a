"""Opening a file of data, compressed or not; seeing at once when it is no text."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

from gft.errors import UserError, listed

UNPACKING_ERRORS = (OSError, EOFError, lzma.LZMAError, zlib.error, zipfile.BadZipFile)
"""What reading a damaged or wrongly named file raises; Arrow's zstd raises an `OSError`."""

_SIGNATURES = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive or an office document such as xlsx",
    b"\xd0\xcf\x11\xe0": "an old office document such as xls",
    b"PAR1": "a parquet file",
    b"ARROW1": "an arrow file",
    b"RIFF": "a sound or image file",
    b"OggS": "a sound file",
    b"fLaC": "a sound file",
    b"SQLite format 3": "an SQLite database",
    b"\x1f\x8b": "compressed by gzip; its name should end in .gz",
    b"BZh": "compressed by bzip2; its name should end in .bz2",
    b"\xfd7zXZ": "compressed by xz; its name should end in .xz",
    b"\x28\xb5\x2f\xfd": "compressed by zstd; its name should end in .zst",
}
_WIDE_MARKS = {  # The mark of UTF-16 begins that of UTF-32, which comes first therefore.
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]|\xff\xd8|\x89PNG")
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")


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
        return cast(io.BufferedIOBase, archive.open(members[0]))
    except (RuntimeError, NotImplementedError) as problem:
        raise UserError(f"{path}: {problem}; unpack it") from None


def _members(archive: zipfile.ZipFile) -> list[str]:
    """Return the files in an archive, without what macOS adds of its own."""
    names = [one.filename for one in archive.infolist() if not one.is_dir()]
    return [name for name in names if not name.startswith("__MACOSX/")]


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
        with zipfile.ZipFile(path) as archive:
            inner = Path((_members(archive) or [""])[0])
    return inner.suffix.lower()


def stem_of(path: Path) -> str:
    """Return the name of a file without its form: `x` for `x.csv.gz`."""
    inner = Path(path.stem) if path.suffix.lower() in COMPRESSED else path
    return inner.stem


def text_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 file with their ends, without a byte order mark.

    Raises `UserError`, with the line, for anything that is not UTF-8 text.
    """
    with open_bytes(path) as file:
        for number, line in enumerate(file, 1):
            if number == 1:
                _check_start(path, line)
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as problem:
                raise not_utf8(path, line, problem.start, number) from None
            if "\0" in text:
                raise UserError(
                    f"{path}, line {number}: a zero byte, so this is no UTF-8 text "
                    "(perhaps UTF-16, or a damaged file)"
                )
            yield text


def _check_start(path: Path, start: bytes) -> None:
    # A column may well be called PAR1; what is binary has control characters in its first line.
    binary = _CONTROL.search(start) or start.startswith(b"%PDF-")
    for signature, what in _SIGNATURES.items():
        if binary and start.startswith(signature):
            raise UserError(f"{path}, line 1: expected text, but the file is {what}")
    wide = next((name for mark, name in _WIDE_MARKS.items() if start.startswith(mark)), None)
    if wide:
        advice = _advice(path, wide)
        raise UserError(f"{path}, line 1: the file is {wide}, not UTF-8; {advice}")


def not_utf8(path: Path, data: bytes, place: int, line: int = 1) -> UserError:
    """Return the error for the byte at `place` of `data`, which begins on line `line`."""
    if line == 1:
        _check_start(path, data)
    at = line + data.count(b"\n", 0, place)
    encoding = _likely_encoding(data[max(0, place - 500) : place + 500])
    return UserError(
        f"{path}, line {at}: byte 0x{data[place]:02x} is not UTF-8; "
        f"the file may be {encoding}: {_advice(path, encoding)}"
    )


def _likely_encoding(data: bytes) -> str:
    """Return what text around a byte that is not UTF-8 may be written in.

    In GB18030 Chinese characters are pairs of bytes; Western text has lone accented letters.
    """
    runs = _NOT_ASCII.findall(data)
    if runs and all(len(run) % 2 == 0 for run in runs):
        try:
            data.decode("gb18030")
        except UnicodeDecodeError:
            pass
        else:
            return "GB18030"
    return "CP1252" if any(0x80 <= byte < 0xA0 for byte in data) else "LATIN1"


def _advice(path: Path, encoding: str) -> str:
    if path.suffix.lower() in COMPRESSED:
        return f"decompress it and convert it with iconv -f {encoding} -t UTF-8"
    return f"convert it: iconv -f {encoding} -t UTF-8 {path.name} > utf8.{path.name}"
