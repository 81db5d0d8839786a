"""Rows worth looking at: the most confident errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gft.inputs.words import words_of
from gft.results.measured import Outcome
from gft.targets.protocol import Noticed
from gft.tasks.protocol import Task

SHOWN = 20
LONGEST = 400
"""So many characters of an input are shown."""
WORDS_AROUND = 8


@dataclass(frozen=True)
class Example:
    """A row with its inputs by column, gold value, prediction, and how sure or wrong it is."""

    row: int
    inputs: tuple[tuple[str, str], ...]
    gold: str
    prediction: str
    remark: str


def worst_rows(outcome: Outcome, role: str) -> list[Example]:
    """Return the rows of a split, or words, with the most confident or the largest errors."""
    target = outcome.task.target
    found = target.errors(outcome.scored(role), outcome.results[role], outcome.metrics[0], SHOWN)
    return [
        _example(outcome, role, one) if one.word is None else _word(outcome, role, one, one.word)
        for one in found
    ]


def _example(outcome: Outcome, role: str, one: Noticed) -> Example:
    """Return a row of a split with its prediction."""
    task, n = outcome.task, one.row
    golds, values, scores = outcome.results[role]
    gold = prediction = ""
    if task.target.shows_values:
        score = None if scores is None else scores[n]
        gold, prediction = value_text(task, golds[n], None), value_text(task, values[n], score)
    rows = outcome.splits[role]
    return Example(row_number(rows, n), inputs_of(task, rows, n), gold, prediction, one.remark)


def _word(outcome: Outcome, role: str, one: Noticed, place: int) -> Example:
    """Return a word of a row with its tags and what stands around it."""
    task, rows, n = outcome.task, outcome.splits[role], one.row
    words = words_of(rows.select([n]).column(task.inputs[0])[0])
    around = words[max(0, place - WORDS_AROUND) : place + WORDS_AROUND + 1]
    golds, values, _ = outcome.results[role]
    gold, tag = (task.labels[int(each[n][place])] for each in (golds, values))
    shown = ("word", truncated(words[place])), ("in", truncated(" ".join(around)))
    return Example(row_number(rows, n), shown, gold, tag, one.remark)


def row_number(rows: Any, n: int) -> int:
    """Return the number that the n-th row has in the data's split, from 1."""
    return 1 + int(rows.numbers()[n])


def inputs_of(task: Task, rows: Any, n: int) -> tuple[tuple[str, str], ...]:
    """Return the input cells of a row as text, cut where they are long."""
    one = rows.select([n])
    pairs = zip(task.inputs, task.input_kinds, strict=True)
    return tuple((name, truncated(kind.shown(one.column(name)[0]))) for name, kind in pairs)


def truncated(text: str) -> str:
    """Return a text, or its beginning with a mark that more follows."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def value_text(task: Task, value: Any, scores: Any) -> str:
    """Return a gold value or a prediction for people."""
    shown = task.value(value, scores)
    if isinstance(shown, list):
        parts = (f"{one:.4g}" if isinstance(one, float) else _text(one) for one in shown)
        return truncated(", ".join(parts)) or "none"
    return truncated(_text(shown))


def _text(cell: Any) -> str:
    if isinstance(cell, list | tuple):
        return " ".join(map(_text, cell))
    if isinstance(cell, dict):
        return str(cell.get("filler", ""))
    return "" if cell is None else str(cell)
