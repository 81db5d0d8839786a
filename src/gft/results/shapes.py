"""Columns that belong together: questions and answers, prompts and completions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gft.cells.answers import are_answers
from gft.results.seen import Seen

OF_ANSWERS = "classify_spans"
OF_TEXTS = "generate"
LOOKED_AT = 200
_ANSWERS = re.compile(r"(gold_?)?answers?(_?text)?", re.IGNORECASE)
_QUESTION = re.compile(r"questions?|query", re.IGNORECASE)
_CONTEXT = re.compile(r"contexts?|passage|paragraph|document|text", re.IGNORECASE)
_PAIRS = [
    (re.compile(asked, re.IGNORECASE), re.compile(answered, re.IGNORECASE))
    for asked, answered in (
        (r"prompt|instruction|question|query|input", r"completion|response|answer|output|reply"),
        (r"document|article|text|dialogue|body|source", r"summary|highlights|abstract|headline"),
        (r"source|src|(.*[._])?en", r"target|tgt|translation|(.*[._])?(de|fr|es|it|ru|zh|pt|nl)"),
    )
]  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """Columns that belong together, and the task that they are for."""

    task: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    reason: str


def answers(columns: Sequence[Seen]) -> Shape | None:
    """Return the columns of answers to questions about texts, None if there are none."""
    found: list[Seen] = []
    for pattern, kinds in ((_ANSWERS, ("struct", "list", "text", "other")), (_QUESTION, ("text",)),
                           (_CONTEXT, ("text",))):  # fmt: skip
        found += [
            one for one in columns
            if one.column.kind in kinds and pattern.fullmatch(one.name) and one not in found
        ][:1]  # fmt: skip
    if len(found) < 3 or not are_answers(found[0].cells[:LOOKED_AT]):
        return None
    left, *right = (one.name for one in found)
    return Shape(
        OF_ANSWERS, (left,), tuple(right), f"{left} holds answers to {' and '.join(right)}"
    )


def texts_and_answers(texts: Sequence[Seen]) -> Shape | None:
    """Return columns of texts and of what is to be written for them, None if there are none."""
    for asked, answered in _PAIRS:
        first = next((one for one in texts if asked.fullmatch(one.name)), None)
        second = next((one for one in texts if answered.fullmatch(one.name)), None)
        if first is not None and second is not None and first is not second:
            reason = f"{second.name} holds what is written for {first.name}"
            return Shape(OF_TEXTS, (second.name,), (first.name,), reason)
    return None
