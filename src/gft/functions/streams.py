"""Lines of standard input in windows: of a second's work when lines wait, else as they come."""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator
from typing import IO, TypeVar

from gft import processes
from gft.data.lines import LONGEST_LINE
from gft.errors import UserError

READ_AHEAD = 4096
"""Lines that wait at most to be taken."""
BYTES_AHEAD = 1 << 25
"""Bytes that wait at most; and a window of so many has no more lines. One line may be longer."""
PATIENCE_SECONDS = 0.05
"""How long a window waits for more lines before it goes off unfilled."""
SAMPLE_BYTES = 1 << 20
"""So many bytes of a file are looked at to estimate how many lines it has."""
SMALLEST = 8
"""Lines of the first window: with a slow model too, answers should come soon."""
WORK_SECONDS = 1.0
"""Full windows become larger or smaller until the work on one takes about as long."""

T = TypeVar("T")


class _Ahead:
    """Lines that one thread reads ahead of another: a bounded number, of a bounded size."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._lines: deque[bytes | Exception | None] = deque()
        self._bytes = 0

    def put(self, line: bytes | Exception | None) -> None:
        """Append a line, once there is room for it; None ends them, and so does an exception."""
        size = _size(line)
        with self._changed:
            while self._lines and (
                len(self._lines) >= READ_AHEAD or self._bytes + size > BYTES_AHEAD
            ):
                self._changed.wait()
            self._lines.append(line)
            self._bytes += size
            self._changed.notify_all()

    def get(self, seconds: float | None) -> bytes | Exception | None:
        """Return the next line, waiting for it so long. Raises `TimeoutError`."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._lines, seconds):
                raise TimeoutError
            line = self._lines.popleft()
            self._bytes -= _size(line)
            self._changed.notify_all()
            return line


def _size(line: bytes | Exception | None) -> int:
    return len(line) if isinstance(line, bytes) else 0


def windows(stream: IO[bytes], largest: int) -> Iterator[list[str]]:
    """Yield lists of up to `largest` lines, in order; memory stays bounded whatever the length.

    The first ones are small, and as long as whoever takes them is quick, the next ones are larger;
    one of very long lines has fewer of them. Lines are UTF-8 and end with a newline; raises
    `UserError` naming a line that is not, or that is longer than a line of a file may be, and for
    a stream that cannot be read.
    """
    lines = _Ahead()

    def read() -> None:
        try:
            while line := stream.readline(LONGEST_LINE + 1):
                lines.put(line)
        except Exception as problem:  # whatever it is, somebody waits for the lines
            lines.put(problem)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    number, ended = 0, False
    size = smallest = min(SMALLEST, largest)
    while not ended:
        window: list[str] = []
        until, held = 0.0, 0
        while len(window) < size and held < BYTES_AHEAD:
            try:
                line = lines.get(max(until - time.monotonic(), 0.0) if window else None)
            except TimeoutError:
                break
            if isinstance(line, Exception):
                why = getattr(line, "strerror", None) or line
                raise UserError(f"standard input cannot be read: {why}")
            if line is None:
                ended = True
                break
            if not window:
                until = time.monotonic() + PATIENCE_SECONDS
            number += 1
            held += len(line)
            window.append(_decoded(line, number))
        if window:
            full, yielded_at = len(window) == size, time.monotonic()
            yield window
            took = time.monotonic() - yielded_at
            if full and took < WORK_SECONDS / 2:
                size = min(2 * size, largest)
            elif took > WORK_SECONDS * 2:
                size = max(size // 2, smallest)


def together(windows: Iterator[T], known: bool) -> Generator[T, None, None]:
    """Yield the same windows in every process.

    They are `known` when each process can read them by itself; else only the first one does. It
    ends the others when it is closed.
    """
    reads = known or processes.is_first()
    try:
        while True:
            window = next(windows, None) if reads else None
            if known:
                window = window if processes.of_first(window is not None) else None
            else:
                window = processes.of_first(window)
            if window is None:
                return
            yield window
    except GeneratorExit:
        if processes.is_first():
            processes.of_first(None)
        raise


def lines_in(stream: IO[bytes]) -> int | None:
    """Return about how many lines a stream has, None where only its end would tell.

    It looks at the beginning of a file, and leaves the stream where it is.
    """
    try:
        file = os.fstat(stream.fileno())
        start = stream.tell()
        if not stat.S_ISREG(file.st_mode):
            return None
        sample = stream.read(SAMPLE_BYTES)
        stream.seek(start)
    except (OSError, ValueError):  # A pipe, a terminal, or bytes in memory.
        return None
    lines = sample.count(b"\n") + (not sample.endswith(b"\n") if sample else 0)
    return round(lines * (file.st_size - start) / len(sample)) if sample else 0


def standard_input() -> IO[bytes]:
    """Return the bytes of standard input. Raises `UserError` if it is closed."""
    if sys.stdin is None:
        raise UserError("standard input is closed; give the rows with < FILE, or name --data")
    return sys.stdin.buffer


def _decoded(line: bytes, number: int) -> str:
    if len(line) > LONGEST_LINE:
        raise UserError(
            f"line {number} of standard input is longer than {LONGEST_LINE >> 20} MiB; a row is a "
            "line, which ends with a newline"
        )
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise UserError(f"line {number} of standard input is not UTF-8") from None
    return text.rstrip("\r\n")
