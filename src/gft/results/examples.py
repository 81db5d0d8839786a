"""Rows worth looking at: the most confident errors, and figures by the length of the input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gft.metrics.intervals import figures_with_intervals
from gft.metrics.table import find
from gft.results.measured import Outcome, at
from gft.targets.protocol import Noticed
from gft.tasks.protocol import Task, Worded

SHOWN = 20
LONGEST = 400
"""So many characters of an input are shown."""
WORDS_AROUND = 8
BINS, FEWEST = 6, 10
SAMPLES = 200


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
        gold, prediction = told(task, golds[n], None), told(task, values[n], score)
    rows = outcome.splits[role]
    return Example(row_number(rows, n), inputs_of(task, rows, n), gold, prediction, one.remark)


def _word(outcome: Outcome, role: str, one: Noticed, place: int) -> Example:
    """Return a word of a row with its tags and what stands around it."""
    task, rows, n = outcome.task, outcome.splits[role], one.row
    assert isinstance(task, Worded)
    words = task.words(rows.select([n]).column(task.inputs[0])[0])
    around = words[max(0, place - WORDS_AROUND) : place + WORDS_AROUND + 1]
    golds, values, _ = outcome.results[role]
    gold, tag = (task.labels[int(each[n][place])] for each in (golds, values))
    shown = ("word", cut(words[place])), ("in", cut(" ".join(around)))
    return Example(row_number(rows, n), shown, gold, tag, one.remark)


def row_number(rows: Any, n: int) -> int:
    """Return the number that the n-th row has in the data's split, from 1."""
    return 1 + int(rows.numbers()[n])


def inputs_of(task: Task, rows: Any, n: int) -> tuple[tuple[str, str], ...]:
    """Return the input cells of a row as text, cut where they are long."""
    one = rows.select([n])
    return tuple((name, cut(_text(one.column(name)[0]))) for name in task.inputs)


def cut(text: str) -> str:
    """Return a text, or its beginning with a mark that more follows."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def told(task: Task, value: Any, scores: Any) -> str:
    """Return a gold value or a prediction for people."""
    shown = task.value(value, scores)
    if isinstance(shown, list):
        parts = (f"{one:.4g}" if isinstance(one, float) else _text(one) for one in shown)
        return cut(", ".join(parts)) or "none"
    return cut(_text(shown))


def _text(cell: Any) -> str:
    if isinstance(cell, list | tuple):
        return " ".join(map(_text, cell))
    if isinstance(cell, dict):
        return str(cell.get("filler", cell.get("path", "")))
    return "" if cell is None else str(cell)


def figures_by_length(outcome: Outcome, role: str) -> tuple[str, list[dict[str, Any]]]:
    """Return a figure, and its value for rows of about one length, from the shortest on.

    Each has as many rows as the others, or nearly; nothing where all are of one length.
    """
    lengths = outcome.lengths.get(role)
    if lengths is None or len(np.unique(lengths)) < 2:
        return "", []
    name = outcome.task.target.metric_by_length
    metric = outcome.metrics[0] if name is None else find(name, None, outcome.task.target)
    parts = min(BINS, max(2, len(lengths) // FEWEST))
    edges = np.unique(np.quantile(lengths, np.linspace(0, 1, parts + 1), method="nearest"))
    bins = np.clip(np.searchsorted(edges, lengths, side="right") - 1, 0, max(0, len(edges) - 2))
    found = []
    golds, values, scores = outcome.results[role]
    for one in np.unique(bins):
        chosen = np.flatnonzero(bins == one)
        scored = outcome.task.scored(
            [golds[n] for n in chosen.tolist()], at(values, chosen), at(scores, chosen)
        )
        result = figures_with_intervals([metric], scored, samples=SAMPLES)[0]
        if result.value is not None:
            found.append({"from": int(lengths[chosen].min()), "to": int(lengths[chosen].max()),
                          "rows": len(chosen), **result.saved()})  # fmt: skip
    return metric.figures(outcome.task.labels)[0].name, found


def unit_of(length_of: str) -> str:
    """Return what a task's lengths are counted in."""
    return "tokens" if length_of == "input_ids" else length_of.rpartition("_")[2]
