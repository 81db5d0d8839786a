"""Lines of standard input: in order, without waiting for a full window, and few at a time."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import pytest

from gft.functions import streams
from gft.functions.streams import READ_AHEAD, lines_in, windows


class Slow(io.RawIOBase):
    """A stream that gives a line every so often, and counts them."""

    def __init__(self, lines: int, seconds: float) -> None:
        self.lines, self.seconds, self.given = lines, seconds, 0

    def readline(self, size: int | None = -1, /) -> bytes:
        if self.given:
            time.sleep(self.seconds)
        if self.given >= self.lines:
            return b""
        self.given += 1
        return b"row %d\n" % self.given


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
    taken = [len(next(reading)) for _ in range(6)]
    time.sleep(0.1)
    assert max(taken) <= 100
    assert stream.given <= sum(taken) + READ_AHEAD + 2


def test_long_lines_are_read_ahead_by_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BYTES_AHEAD", 20)
    stream = Slow(10**9, 0)  # lines of 6 to 8 bytes
    reading = windows(stream, 100)
    assert [len(next(reading)) for _ in range(3)] == [4, 4, 3]
    time.sleep(0.1)
    assert 11 < stream.given <= 11 + 2 + 1  # two lines wait, a third is in the reader's hand


def test_a_line_that_is_longer_than_all_that_may_wait_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "BYTES_AHEAD", 20)
    found = list(windows(io.BytesIO(b"a\n" + b"x" * 100 + b"\nb\n"), 100))
    assert [line for window in found for line in window] == ["a", "x" * 100, "b"]


def test_windows_grow_while_the_work_is_quick_and_shrink_when_it_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    monkeypatch.setattr(streams.time, "monotonic", lambda: clock[0])
    found = []
    for window in windows(io.BytesIO(b"a line\n" * 4000), 1000):
        found.append(len(window))
        # A hundred lines a second, then, where a text has become longer, ten.
        clock[0] += len(window) / (100 if sum(found) < 1500 else 10)
    assert found[:9] == [8, 16, 32, 64, 64, 64, 64, 64, 64]
    assert found[-2] == 16 and sum(found) == 4000
    assert len(list(windows(io.BytesIO(b"a line\n" * 4000), 1000))) == 10  # up to 1,000 of them


def test_no_window_is_larger_than_the_largest() -> None:
    assert [len(one) for one in windows(io.BytesIO(b"a line\n" * 7), 3)] == [3, 3, 1]


def test_lines_of_a_file_are_counted_and_of_a_pipe_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rows.txt"
    file.write_bytes(b"row 1\n" * 999 + b"row 2")
    with file.open("rb") as stream:
        assert lines_in(stream) == 1000 and stream.readline() == b"row 1\n"
        assert lines_in(stream) == 999
        monkeypatch.setattr(streams, "SAMPLE_BYTES", 60)
        assert lines_in(stream) == 999  # Estimated: all lines are as long as the first ones.
        stream.read()
        assert lines_in(stream) == 0
    assert lines_in(io.BytesIO(b"row 1\n")) is None
    reading, writing = os.pipe()
    os.write(writing, b"row 1\n")
    with os.fdopen(reading, "rb") as pipe:
        assert lines_in(pipe) is None
        os.close(writing)
        assert pipe.read() == b"row 1\n"
