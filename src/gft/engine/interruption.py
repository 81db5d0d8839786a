"""Ctrl-C, SIGTERM, SIGHUP: they end a command; a training saves a checkpoint first."""

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
    """Handles signals: raises `Interrupted`, or only sets `requested` while deferred.

    A second signal is never deferred.
    """

    def __init__(self) -> None:
        self.requested: int | None = None
        self._deferred = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        if number == HANG_UP:
            _discard_output()
        if self._deferred and self.requested is None:
            self.requested = number
            return
        raise Interrupted(number)

    def stop(self) -> None:
        """Handle a subscriber's request to stop, which may come more than once."""
        if not self._deferred:
            raise Interrupted(signal.SIGINT)
        self.requested = self.requested or signal.SIGINT

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Only remember a signal within the block."""
        self._deferred = True
        try:
            yield
        finally:
            self._deferred = False

    @contextmanager
    def installed(self) -> Iterator[Interruption]:
        """Handle signals (in the main thread only) and requests to stop within the block."""
        taken = SIGNALS if threading.current_thread() is threading.main_thread() else ()
        # A command that was started with `nohup` ignores the hang-up of its terminal.
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
    """A terminal that may hang up: what is written to it afterwards is lost without an error."""

    def write(self, data: Any, /) -> int:
        """Write what can be written; the signal of a hang-up decides what happens next.

        A write in progress when the terminal goes away fails before the signal arrives.
        """
        try:
            return super().write(data) or 0
        except OSError as problem:
            if problem.errno != errno.EIO:
                raise
            return memoryview(data).nbytes


@contextmanager
def _outliving_terminals() -> Iterator[None]:
    """Keep standard output and error writable after their terminal has gone."""
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


def _discard_output() -> None:
    """Redirect standard output and error to the null device if their terminal has gone.

    Otherwise a line or a progress bar that cannot be written would end a training before it saves.
    """
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.__stdout__, sys.__stderr__):
        with suppress(OSError, ValueError, AttributeError):
            if stream is not None and _is_gone(stream.fileno()):
                os.dup2(null, stream.fileno())
    os.close(null)


def _is_gone(file: int) -> bool:
    """Say whether an open file was a terminal that has hung up: it is no longer a TTY."""
    return stat.S_ISCHR(os.fstat(file).st_mode) and not os.isatty(file)
