"""Standard input, output and error as a command finds them: closed, or in another encoding."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from gft.errors import UserError

_ASCII = ("ascii", "ansi_x3.4-1968", "us-ascii", "646")
"""Python's names of the encoding of a shell that sets none (`LC_ALL=C`)."""
_NAMES = ("input", "output", "error")


def fill_closed_streams() -> None:
    """Redirect closed standard streams to the null device.

    Otherwise the next file to be opened would get their number, and what is written to them.
    """
    for number in range(len(_NAMES)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if number == 0 else os.O_WRONLY)
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  (it stays open)


def use_utf_8() -> None:
    """Make all output printable.

    A shell that sets no encoding gets UTF-8; in any other encoding, characters that it lacks are
    written as escapes.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = stream.encoding.lower()
            stream.reconfigure(
                encoding="utf-8" if encoding in _ASCII else None, errors="backslashreplace"
            )


def check_output() -> None:
    """Raise `UserError` if standard output is closed: the results would be lost."""
    if sys.stdout is None:
        raise UserError(
            "standard output is closed, and results are written to it; send them to a file, or "
            "to /dev/null"
        )
