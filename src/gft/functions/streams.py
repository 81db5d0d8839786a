"""Lines of standard input in windows: full when lines wait, at once when they come one by one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import IO

from gft.errors import UserError

READ_AHEAD = 4096
PATIENCE_SECONDS = 0.05
"""How long a window waits for one more line before it goes off unfilled."""


def windows(stream: IO[bytes], size: int) -> Iterator[list[str]]:
    """Yield lists of up to `size` lines, in order; memory stays bounded whatever the length.

    Lines are UTF-8 and end with a newline; raises `UserError` naming a line that is not.
    """
    lines: queue.Queue[bytes | None] = queue.Queue(READ_AHEAD)

    def read() -> None:
        for line in stream:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    number, ended = 0, False
    while not ended:
        window: list[str] = []
        while len(window) < size:
            try:
                line = lines.get(timeout=PATIENCE_SECONDS if window else None)
            except queue.Empty:
                break
            if line is None:
                ended = True
                break
            number += 1
            window.append(_decoded(line, number))
        if window:
            yield window


def _decoded(line: bytes, number: int) -> str:
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise UserError(f"line {number} of standard input is not UTF-8") from None
    return text.rstrip("\r\n")
