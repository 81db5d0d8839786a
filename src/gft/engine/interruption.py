"""Ctrl-C and SIGTERM: before training they end the command, during training they save first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from gft import events
from gft.errors import Interrupted

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)
)


class Interruption:
    """What a signal does: raises `Interrupted`, or only sets `requested` while it is deferred.

    A second signal never waits.
    """

    def __init__(self) -> None:
        self.requested: int | None = None
        self._deferred = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Take a signal; installed as its handler."""
        if self._deferred and self.requested is None:
            self.requested = number
            return
        raise Interrupted(number)

    def stop(self) -> None:
        """Take a subscriber's wish to stop, which may come again and again."""
        if not self._deferred:
            raise Interrupted(signal.SIGINT)
        self.requested = self.requested or signal.SIGINT

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Within the block a signal is only remembered."""
        self._deferred = True
        try:
            yield
        finally:
            self._deferred = False

    @contextmanager
    def installed(self) -> Iterator[Interruption]:
        """Handle signals and wishes to stop within the block; of signals only a main thread can."""
        taken = SIGNALS if threading.current_thread() is threading.main_thread() else ()
        before = {number: signal.signal(number, self.handle) for number in taken}
        try:
            with events.stopped_by(self.stop):
                yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
