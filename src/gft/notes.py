"""Messages to the user: notes, warnings, errors, and how far the work is.

Of several processes only the first speaks.
"""

from __future__ import annotations

from gft import events, processes


def note(*texts: str | None) -> None:
    """Tell the user what is worth knowing, each once in a command; None is nothing to tell."""
    for text in texts if processes.is_first() else ():
        if text is not None and events.is_new(text):
            events.emit(events.Note(text))


def warn(*texts: str | None) -> None:
    """Tell the user what may make the result wrong; None is nothing to tell."""
    for text in texts if processes.is_first() else ():
        if text is not None:
            events.emit(events.Caution(text))


def say(text: str) -> None:
    """Tell the user how far the work is."""
    if processes.is_first():
        events.emit(events.Message(text))


def error(text: str) -> None:
    """Tell the user why the command stops, in whichever process it does."""
    events.emit(events.Error(text))
