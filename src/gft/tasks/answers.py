"""Answers as data sets write them, and where they stand in their contexts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gft.inputs.text import as_text

TEXT, START = "text", "answer_start"
STARTS, IMPOSSIBLE = "answer_starts", "is_impossible"
"""PaddleNLP's columns of where a list of answers begin, and of whether there is none to find."""


@dataclass(frozen=True)
class Answers:
    """The gold answers of a row, none where the context has none.

    `starts` are the characters of the context at which they begin, None where nobody says.
    """

    texts: tuple[str, ...]
    starts: tuple[int | None, ...]


def answers_of(cell: Any, starts: Any = None) -> Answers | None:
    """Return the answers in a cell, None where it has no label.

    It is an object with lists `text` and `answer_start`, a list of objects with one of each, a
    list of texts, an object or list of those as JSON, or one text.
    """
    cell = _parsed(cell)
    if cell is None or cell == "":
        return None
    if isinstance(cell, Mapping):
        texts, starts = cell.get(TEXT), cell.get(START)
        if texts is None:
            return None
        if isinstance(texts, str):
            texts, starts = [texts], [starts]
    elif isinstance(cell, list | tuple):
        if any(isinstance(one, Mapping) for one in cell):
            texts = [one.get(TEXT) for one in cell]
            starts = [one.get(START) for one in cell]
        else:
            texts = cell
    else:
        texts, starts = [cell], None
    spelt = tuple(as_text(one) for one in texts)
    places = list(starts) if isinstance(starts, list | tuple) else []
    places += [None] * (len(spelt) - len(places))
    return Answers(spelt, tuple(None if one is None or one < 0 else int(one) for one in places))


def _parsed(cell: Any) -> Any:
    """Return what a cell says as JSON, if it is that of answers, else the cell."""
    if isinstance(cell, str) and cell.lstrip()[:1] in ("{", "["):
        with suppress(ValueError):
            found = json.loads(cell)
            return found if are_answers([found]) else cell
    return cell


def shown(cell: Any) -> str | None:
    """Return the answers in a cell for people, each once; '' where there is none."""
    found = answers_of(cell)
    return None if found is None else " / ".join(dict.fromkeys(found.texts))


def place_of(answers: Answers, context: str) -> tuple[int, int] | None:
    """Return where the first answer that stands in the context begins and ends, in characters.

    It is looked for where it is said to begin; a little off, where it stands nearest to that;
    without a place, where it stands first. None when no answer stands there.
    """
    for written, start in zip(answers.texts, answers.starts, strict=True):
        for text in (written, written.strip()):
            begin = _nearest(text, start or 0, context) if text.strip() else -1
            if begin >= 0:
                return begin, begin + len(text)
    return None


def _nearest(text: str, start: int, context: str) -> int:
    """Return where a text stands nearest to a place, -1 where it does not."""
    if context.startswith(text, start):
        return start
    before, after = context.rfind(text, 0, start + len(text)), context.find(text, start)
    if before < 0 or after < 0:
        return max(before, after)
    return before if start - before <= after - start else after


def are_answers(cells: Sequence[Any]) -> bool:
    """Say whether objects or lists look like answers."""
    for cell in cells:
        if isinstance(cell, Mapping) and TEXT not in cell:
            return False
        if isinstance(cell, list) and any(
            not isinstance(one, str) and not (isinstance(one, Mapping) and TEXT in one)
            for one in cell
        ):
            return False
    return True
