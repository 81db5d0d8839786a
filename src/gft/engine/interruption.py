"""Ctrl-C, SIGTERM, SIGHUP: before training they end the command, in a training they save first."""

from __future__ import annotations

import errno
import io
import os
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from gft import events
from gft.errors import Interrupted

HANG_UP = getattr(signal, "SIGHUP", None)
SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP")
    if hasattr(signal, name)
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
        if number == HANG_UP:
            _speak_to_nobody()
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
        # A command that was started with `nohup` does not hear its terminal hang up.
        deaf = {HANG_UP} if HANG_UP and signal.getsignal(HANG_UP) == signal.SIG_IGN else set()
        before = {
            number: signal.signal(number, self.handle) for number in taken if number not in deaf
        }
        try:
            with events.stopped_by(self.stop), _outliving_terminals():
                yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _Terminal(io.FileIO):
    """A terminal that may hang up: what is written to it then is lost, and stops nobody."""

    def write(self, data: Any, /) -> int:
        """Write what can be written; the signal that comes with a hang-up says what is to be done.

        A write that is under way when the terminal goes fails before the signal is heard.
        """
        try:
            return super().write(data) or 0
        except OSError as problem:
            if problem.errno != errno.EIO:
                raise
            return memoryview(data).nbytes


@contextmanager
def _outliving_terminals() -> Iterator[None]:
    """Let standard output and error, where they are a terminal, be written to after it is gone."""
    before = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    for name, stream in before.items():
        if HANG_UP is None or stream is not getattr(sys, f"__{name}__") or not stream.isatty():
            continue
        stream.flush()
        raw = io.BufferedWriter(_Terminal(stream.fileno(), "w", closefd=False))
        how = {"encoding": stream.encoding, "errors": stream.errors, "line_buffering": True}
        setattr(sys, name, io.TextIOWrapper(raw, **how))
    try:
        yield
    finally:
        for name, stream in before.items():
            getattr(sys, name).flush()
            setattr(sys, name, stream)


def _speak_to_nobody() -> None:
    """Point standard output and error, where they were a terminal that is gone, to nothing.

    A line or a progress bar that cannot be written would else end what is to be saved.
    """
    nobody = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.__stdout__, sys.__stderr__):
        with suppress(OSError, ValueError, AttributeError):
            if stream is not None and _is_gone(stream.fileno()):
                os.dup2(nobody, stream.fileno())
    os.close(nobody)


def _is_gone(file: int) -> bool:
    """Say whether an open file was a terminal that has hung up: it says that it is none."""
    return stat.S_ISCHR(os.fstat(file).st_mode) and not os.isatty(file)
