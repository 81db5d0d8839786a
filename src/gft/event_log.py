"""`--log_json`: the events of a command as lines of JSON."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from gft import events, notes, processes
from gft.errors import UserError

STANDARD_ERROR = "-"


@contextmanager
def logged(path: str | None) -> Iterator[None]:
    """Write the events of the block into a file, one a line, or on standard error for `-`.

    On standard error they stand instead of the lines for people. Of several processes only the
    first writes. Raises `UserError` for a file that cannot be written.
    """
    if path is None or not processes.is_first():
        yield
        return
    if path == STANDARD_ERROR:
        with events.to(Log(sys.stderr, path)):
            yield
        return
    try:
        file = Path(path).expanduser().open("w", encoding="utf-8")
    except (OSError, RuntimeError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise UserError(f"--log_json {path} cannot be written: {why}") from None
    with file, events.also_to(Log(file, path)):
        yield


class Log:
    """A subscriber that writes each event as a line: `time`, `command`, `kind`, and its fields.

    It ends, with a warning, when it cannot be written any more: the command goes on without it.
    """

    def __init__(self, out: TextIO, path: str) -> None:
        self.out = out
        self.path = path
        self.ended = False

    def __call__(self, event: events.Event) -> None:
        """Write one event."""
        if self.ended:
            return
        record = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "command": events.speaker(),
            "kind": event.kind,
            **asdict(event),
        }
        line = json.dumps(_finite(record), ensure_ascii=False)
        try:
            print(line, file=self.out, flush=True)
        except OSError as problem:  # A disk is full, or nobody reads a pipe any more.
            self.ended = True
            with suppress(OSError):  # What is still held back cannot be written either.
                self.out.close()
            notes.warn(f"--log_json {self.path} ends here: {problem.strerror}")


def _finite(value: Any) -> Any:
    """Return a value as JSON can hold it: null for a number that is none."""
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
