"""What is said to the user: notes, warnings, errors, and how far the work is.

Of several processes only the first speaks.
"""

from __future__ import annotations

from gft import events, processes


def note(text: str) -> None:
    """Tell the user something worth knowing, once in a command."""
    if processes.is_first() and events.is_new(text):
        events.emit(events.Note(text))


def warn(text: str) -> None:
    """Tell the user something that may make the result wrong."""
    if processes.is_first():
        events.emit(events.Caution(text))


def say(text: str) -> None:
    """Tell the user how far the work is."""
    if processes.is_first():
        events.emit(events.Message(text))


def error(text: str) -> None:
    """Tell the user why the command stops, in whichever process it does."""
    events.emit(events.Error(text))
