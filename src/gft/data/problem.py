"""What is wrong with data, one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass

WIDEST = 60


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: `count` rows (or classes), and what to know and do, in a line."""

    kind: str
    count: int
    message: str


def shown(text: str) -> str:
    """Return a text for a sentence: in quotes, on one line, truncated where it is long."""
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= WIDEST else flat[: WIDEST - 1] + "…")


def around(text: str, offset: int) -> str:
    """Return what stands around an offset of a text."""
    start = max(0, offset - WIDEST // 2)
    return text[start : start + WIDEST]
