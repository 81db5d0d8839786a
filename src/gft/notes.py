"""Notes and warnings to the user: short lines on standard error, never on standard output.

Of several processes only the first speaks.
"""

from __future__ import annotations

import sys

from gft import processes

_speaker = "gft"
_noted: set[str] = set()


def speak_as(command: str) -> None:
    """Name the command that the lines of this process begin with, such as `gft_fit`."""
    global _speaker  # noqa: PLW0603  (one process runs one command)
    _speaker = command
    _noted.clear()


def note(text: str) -> None:
    """Tell the user something worth knowing, once."""
    if text not in _noted:
        _noted.add(text)
        say(f"note: {text}")


def warn(text: str) -> None:
    """Tell the user something that may make the result wrong."""
    say(f"warning: {text}")


def error(text: str) -> None:
    """Tell the user why the command stops."""
    print(f"{_speaker}: error: {text}", file=sys.stderr, flush=True)


def say(text: str) -> None:
    """Tell the user how far the work is."""
    if processes.is_first():
        print(f"{_speaker}: {text}", file=sys.stderr, flush=True)
