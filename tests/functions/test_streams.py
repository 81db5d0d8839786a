"""Lines of standard input: in order, without waiting for a full window, and few at a time."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator

from gft.functions.streams import READ_AHEAD, windows


class Slow(io.RawIOBase):
    """A stream that gives a line every so often, and counts them."""

    def __init__(self, lines: int, seconds: float) -> None:
        self.lines, self.seconds, self.given = lines, seconds, 0

    def __iter__(self) -> Iterator[bytes]:  # type: ignore[override]
        while self.given < self.lines:
            self.given += 1
            yield b"row %d\n" % self.given
            time.sleep(self.seconds)


def test_a_steady_trickle_is_not_collected() -> None:
    stream = Slow(60, 0.01)
    found = list(windows(stream, 1024))
    assert len(found[0]) < 30 and len(found) > 2
    assert [line for window in found for line in window] == [f"row {n}" for n in range(1, 61)]


def test_the_first_lines_come_while_the_stream_is_open() -> None:
    stream = Slow(10**9, 0.2)
    assert next(windows(stream, 1024)) == ["row 1"]


def test_a_flood_is_read_no_further_than_a_window_ahead() -> None:
    stream = Slow(10**9, 0)
    reading = windows(stream, 100)
    taken = [len(next(reading)) for _ in range(3)]
    time.sleep(0.1)
    assert max(taken) <= 100
    assert stream.given <= sum(taken) + READ_AHEAD + 2
