"""Standard input, output and error as a command finds them: closed, or for another alphabet."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from gft.errors import UserError

_ASCII = ("ascii", "ansi_x3.4-1968", "us-ascii", "646")
"""What Python calls the encoding of a shell that asks for none (`LC_ALL=C`)."""
_NAMES = ("input", "output", "error")


def occupy() -> None:
    """Point what is closed of standard input, output and error to nothing.

    The next file that is opened would else take its number, and get what is meant for it.
    """
    for number in range(len(_NAMES)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if number == 0 else os.O_WRONLY)
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  (it stays open)


def speak_utf_8() -> None:
    """Have whatever is printed be printable.

    A shell that asks for no encoding gets UTF-8; in any other, signs that it lacks are written as
    escapes.
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
