"""Answers for people, and where they stand in their contexts."""

from __future__ import annotations

from typing import Any

from gft.cells.answers import Answers, answers_of


def shown(cell: Any) -> str | None:
    """Return the answers in a cell for people, each once; '' where there is none."""
    found = answers_of(cell)
    return None if found is None else " / ".join(dict.fromkeys(found.texts))


def offsets_of(answers: Answers, context: str) -> tuple[int, int] | None:
    """Return where the first answer that stands in the context begins and ends, in characters.

    It is looked for at its start; if it is a little off, where it stands nearest to that;
    without a start, where it stands first. None when no answer stands there.
    """
    for written, start in zip(answers.texts, answers.starts, strict=True):
        for text in (written, written.strip()):
            begin = _nearest(text, start or 0, context) if text.strip() else -1
            if begin >= 0:
                return begin, begin + len(text)
    return None


def _nearest(text: str, start: int, context: str) -> int:
    """Return the offset of a text nearest to another offset, -1 where it is not there."""
    if context.startswith(text, start):
        return start
    before, after = context.rfind(text, 0, start + len(text)), context.find(text, start)
    if before < 0 or after < 0:
        return max(before, after)
    return before if start - before <= after - start else after
