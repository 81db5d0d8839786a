"""Files of text, line by line: in UTF-8, or in the encoding that is named."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, cast

from gft import notes
from gft.data.encodings import likely_encodings
from gft.data.opening import check_is_text, holds_control, open_bytes
from gft.errors import UserError

LONGEST_LINE = 1 << 26
"""In bytes. What is longer is no line of a table, and mostly no text."""
HEAD = 1 << 16
"""So much of a file is looked at before it is read, in bytes."""
_MARKS = {  # The mark of UTF-16 begins that of UTF-32, which comes first therefore.
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
UTF_8 = "utf-8-sig"


def text_lines(path: Path, encoding: str | None = None) -> Iterator[str]:
    r"""Yield the lines of a file of text with their ends, without a byte order mark.

    They are in `encoding`, as Python calls it, or in UTF-8; a mark at the beginning knows better.
    They end with a newline, those of a file without any with a carriage return. Raises
    `UserError`, with the line, for what is no such text, or longer than `LONGEST_LINE`.
    """
    head = head_of(path)
    encoding = encoding_of(path, head, encoding)
    if encoding != UTF_8 and "\n".encode(encoding) != b"\n":
        yield from _wide_lines(path, encoding)
        return
    end = b"\r" if b"\r" in head and b"\n" not in head else b"\n"
    with open_bytes(path) as file:
        whole = iter(partial(file.readline, LONGEST_LINE + 1), b"")
        lines = whole if end == b"\n" else _split(file, end)
        for number, line in enumerate(lines, 1):
            if len(line) > LONGEST_LINE:
                raise _too_long(path, number)
            try:
                text = line.decode(encoding if number == 1 or encoding != UTF_8 else "utf-8")
            except UnicodeDecodeError as problem:
                raise undecodable(path, line, problem.start, number, encoding, head) from None
            if "\0" in text:
                raise UserError(
                    f"{path}, line {number}: a zero byte, so this is not text in "
                    f"{_shown(encoding)} (for UTF-16 without a byte order mark: --encoding "
                    "UTF-16LE)"
                )
            yield text


def whole_text(path: Path, most: int, encoding: str | None = None) -> str:
    """Return the text of a file, without a byte order mark.

    Raises `UserError`, with the line, for what is no text, or has more than `most` bytes.
    """
    head = head_of(path)
    encoding = encoding_of(path, head, encoding)
    with open_bytes(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise UserError(
            f"{path} holds more than {most >> 20:,} MiB as a whole; save it as jsonl, one object "
            "per line, which is read line by line"
        )
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as problem:
        raise undecodable(path, data, problem.start, 1, encoding, head) from None


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file. Raises `UserError` where they are known to be no text."""
    with open_bytes(path) as file:
        head = file.read(HEAD)
    check_is_text(path, head)
    return head


def encoding_of(path: Path, head: bytes, named: str | None) -> str:
    """Return the encoding to read a file in, as Python calls it, and tell what the user may miss.

    `named` is what the user says; a byte order mark goes before it.
    """
    marked = next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)
    if marked is not None:
        if named is not None and _plain(named)[:6] != _plain(marked)[:6]:
            notes.note(
                f"{path} begins with the byte order mark of {_shown(marked)} and is read as such"
            )
        elif marked != UTF_8:
            notes.note(f"{path} is read as {_shown(marked)}, whose byte order mark it begins with")
        return marked
    if named is None or _plain(named) in ("utf_8", "utf_8_sig"):
        return UTF_8
    if not head.isascii() and _is_utf8(head):
        notes.warn(f"{path} looks like UTF-8, and is read as {_shown(named)}, as --encoding says")
    return named


def undecodable(
    path: Path, data: bytes, offset: int, line: int, encoding: str, head: bytes
) -> UserError:
    """Return the error for the byte at `offset` of `data`, which begins on line `line`."""
    at = line + data.count(b"\n", 0, offset)
    wrong = f"{path}, line {at}: byte 0x{data[offset]:02x} is not {_shown(encoding)}"
    begin = data.rfind(b"\n", 0, offset) + 1
    end = data.find(b"\n", offset)
    around = data[max(begin, offset - HEAD) : min(len(data) if end < 0 else end, offset + HEAD)]
    if holds_control(around) or holds_control(head):
        return UserError(f"{wrong}, and it has control characters: this is not a text file")
    lines = [one for one in head.split(b"\n")[:-1] if not _is_utf8(one)]
    bytes_seen = b"\n".join(dict.fromkeys([around, *lines]))  # The line itself may be among them.
    names = likely_encodings(bytes_seen) or likely_encodings(around)
    if not names or encoding.upper() in names:
        return UserError(f"{wrong}; name the encoding it is in: --encoding NAME")
    if len(names) > 1:
        return UserError(f"{wrong}; it may be {' or '.join(names)}: name the one with --encoding")
    return UserError(f"{wrong}; it may be {names[0]}: --encoding {names[0]}")


def _wide_lines(path: Path, encoding: str) -> Iterator[str]:
    """Yield the lines of a file whose characters are several bytes each, as a newline is."""
    number = 0
    try:
        with open_bytes(path) as file, _decoded(file, encoding) as text:
            while line := text.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE:
                    raise _too_long(path, number)
                yield line
    except UnicodeError as problem:
        raise UserError(
            f"{path}, line {number + 1} or after: this is not text in {_shown(encoding)}: {problem}"
        ) from None


def _decoded(file: io.BufferedIOBase, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(cast("IO[bytes]", file), encoding, newline="\n")


def _split(file: io.BufferedIOBase, end: bytes) -> Iterator[bytes]:
    """Yield lines that end with another mark than a newline; a very long one comes in parts."""
    rest = b""
    while block := file.read(HEAD):
        *lines, rest = (rest + block).split(end)
        yield from (line + end for line in lines)
        if len(rest) > LONGEST_LINE:
            break
    if rest:
        yield rest


def _too_long(path: Path, line: int) -> UserError:
    return UserError(
        f"{path}, line {line}: the line is longer than {LONGEST_LINE >> 20} MiB; expected a "
        "table, one row per line"
    )


def _is_utf8(data: bytes) -> bool:
    """Say whether bytes are UTF-8; a character that is cut off at their end does not count."""
    return codecs.getincrementaldecoder("utf-8")(errors="replace").decode(data).find("\ufffd") < 0


def _plain(encoding: str) -> str:
    return encoding.lower().replace("-", "_")


def _shown(encoding: str) -> str:
    return _plain(encoding).removesuffix("_sig").replace("_", "-").upper()
