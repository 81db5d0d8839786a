"""Notes and warnings to the user: short lines on standard error, never on standard output."""

from __future__ import annotations

import sys

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
        _say("note", text)


def warn(text: str) -> None:
    """Tell the user something that may make the result wrong."""
    _say("warning", text)


def error(text: str) -> None:
    """Tell the user why the command stops."""
    _say("error", text)


def say(text: str) -> None:
    """Tell the user how far the work is."""
    print(f"{_speaker}: {text}", file=sys.stderr, flush=True)


def _say(kind: str, text: str) -> None:
    print(f"{_speaker}: {kind}: {text}", file=sys.stderr, flush=True)
