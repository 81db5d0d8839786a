"""`--log_json`: the events of a command as lines of JSON."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from gft import events, processes
from gft.errors import UserError

STANDARD_ERROR = "-"


@contextmanager
def logged(place: str | None) -> Iterator[None]:
    """Write the events of the block into a file, one a line, or on standard error for `-`.

    On standard error they stand instead of the lines for people. Of several processes only the
    first writes. Raises `UserError` for a file that cannot be written.
    """
    if place is None or not processes.is_first():
        yield
        return
    if place == STANDARD_ERROR:
        with events.to(Log(sys.stderr)):
            yield
        return
    try:
        file = Path(place).expanduser().open("w", encoding="utf-8")
    except OSError as problem:
        raise UserError(f"--log_json {place} cannot be written: {problem.strerror}") from None
    with file, events.also_to(Log(file)):
        yield


class Log:
    """A subscriber that writes each event as a line: `time`, `command`, `kind`, and its fields."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def __call__(self, event: events.Event) -> None:
        """Write one event."""
        told = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "command": events.speaker(),
            "kind": event.kind,
            **asdict(event),
        }
        print(json.dumps(_finite(told), ensure_ascii=False), file=self.out, flush=True)


def _finite(value: Any) -> Any:
    """Return a value as JSON can hold it: null for a number that is none."""
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
