"""Rows worth looking at: the most confident errors, and figures by the length of the input."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gft.metrics.intervals import figures_with_intervals
from gft.metrics.protocol import (
    ANSWERS,
    CLASSES,
    LOSSES,
    NUMBERS,
    SEVERAL,
    TAGS,
    Array,
    Metric,
    Scored,
)
from gft.metrics.table import find
from gft.results.measured import Outcome, at
from gft.tasks.protocol import Task, Worded

SHOWN = 20
LONGEST = 400
"""So many characters of an input are shown."""
WORDS_AROUND = 8
READ_ROWS = 500
"""So many rows are looked at one by one where errors have no confidence, such as texts."""
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


def confident_errors(outcome: Outcome, role: str) -> list[Example]:
    """Return the errors of a split that the model is most confident of, or the largest ones."""
    scored = outcome.scored(role)
    _, values, scores = outcome.results[role]
    if scored.kind == CLASSES:
        sure = np.asarray(scored.scores)[np.arange(len(scored)), scored.prediction]
        wrong = scored.prediction != scored.gold
        chosen = _first(np.where(wrong, sure, -1.0), int(wrong.sum()))
        return [example(outcome, role, n, f"{sure[n]:.3f}") for n in chosen]
    if scored.kind == SEVERAL:
        off = np.abs(np.asarray(scored.scores) - scored.gold).max(1)
        wrong = (scored.prediction != scored.gold).any(1)
        chosen = _first(np.where(wrong, off, -1.0), int(wrong.sum()))
        return [example(outcome, role, n, f"{off[n]:.3f}") for n in chosen]
    if scored.kind == NUMBERS:
        spread = np.maximum(np.asarray(scored.gold).std(0), 1e-12)
        off = (np.abs(scored.prediction - scored.gold) / spread).max(1)
        chosen = _first(np.nan_to_num(off), len(off))
        return [example(outcome, role, n, f"{off[n]:.2f} sd") for n in chosen]
    if scored.kind == TAGS:
        return _words(outcome, role, values, scores)
    return _worst(outcome, role, scored)


def example(outcome: Outcome, role: str, n: int, remark: str) -> Example:
    """Return a row of a split with its prediction."""
    golds, values, scores = outcome.results[role]
    task = outcome.task
    score = None if scores is None else scores[n]
    return Example(
        row_number(outcome.splits[role], n),
        inputs_of(task, outcome.splits[role], n),
        told(task, golds[n], None),
        told(task, values[n], score),
        remark,
    )


def row_number(rows: Any, n: int) -> int:
    """Return the number that the n-th row has in the data's split, from 1."""
    return 1 + int(n if rows.indices is None else rows.indices[n])


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


def _first(order: Array, count: int) -> list[int]:
    """Return the numbers of the largest values, `SHOWN` at most and no more than `count`."""
    found: list[int] = np.argsort(-order, kind="stable")[: min(SHOWN, count)].tolist()
    return found


def _words(outcome: Outcome, role: str, values: Any, scores: Any) -> list[Example]:
    """Return the words whose wrong tag is most certain, with what stands around them."""
    task, rows, golds = outcome.task, outcome.splits[role], outcome.results[role][0]
    assert isinstance(task, Worded)
    wrong = [
        (-float(np.max(scores[n][place])) if scores is not None else 0.0, n, int(place))
        for n, gold in enumerate(golds)
        for place in np.flatnonzero((np.asarray(gold) >= 0) & (np.asarray(gold) != values[n]))
    ]
    found = []
    for sure, n, place in sorted(wrong)[:SHOWN]:
        words = task.words(rows.select([n]).column(task.inputs[0])[0])
        around = words[max(0, place - WORDS_AROUND) : place + WORDS_AROUND + 1]
        gold, tag = (task.labels[int(one[n][place])] for one in (golds, values))
        shown = ("word", cut(words[place])), ("in", cut(" ".join(around)))
        found.append(Example(row_number(rows, n), shown, gold, tag, f"{-sure:.3f}"))
    return found


def _worst(outcome: Outcome, role: str, scored: Scored) -> list[Example]:
    """Return rows with the worst figure of the first metric, each row by itself."""
    metric = outcome.metrics[0]
    count = min(len(scored), READ_ROWS)
    values = metric.reduce(metric.rows(scored)[:count], np.eye(count))[0]
    figure = metric.figures(scored.names)[0]
    wrong = np.array([_is_wrong(scored, n) for n in range(count)]) & np.isfinite(values)
    order = np.where(wrong, -values if figure.greater_is_better else values, -np.inf)
    chosen = _first(order, int(wrong.sum()))
    found = [example(outcome, role, n, f"{figure.name} {values[n]:.3g}") for n in chosen]
    if scored.kind == LOSSES:  # What was hidden is in the input, and what was found is no answer.
        return [replace(one, gold="", prediction="") for one in found]
    return found


def _is_wrong(scored: Scored, n: int) -> bool:
    """Say whether a prediction is not what it should be, letter by letter."""
    gold, prediction = scored.gold[n], scored.prediction[n]
    if scored.kind == ANSWERS:
        return prediction not in (gold or [""])
    return scored.kind == LOSSES or bool(gold != prediction)


def figures_by_length(outcome: Outcome, role: str) -> tuple[str, list[dict[str, Any]]]:
    """Return a figure, and its value for rows of about one length, from the shortest on.

    Each has as many rows as the others, or nearly; nothing where all are of one length.
    """
    lengths = outcome.lengths.get(role)
    if lengths is None or len(np.unique(lengths)) < 2:
        return "", []
    metric, place = _metric_of_length(outcome)
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
        result = figures_with_intervals([metric], scored, samples=SAMPLES)[place]
        if result.value is not None:
            found.append({"from": int(lengths[chosen].min()), "to": int(lengths[chosen].max()),
                          "rows": len(chosen), **result.saved()})  # fmt: skip
    return metric.figures(outcome.task.labels)[place].name, found


def _metric_of_length(outcome: Outcome) -> tuple[Metric, int]:
    """Return a metric that a few rows are enough for, and the place of its figure."""
    kind = outcome.task.serves
    if kind == CLASSES:
        return find("accuracy"), 0
    if kind == NUMBERS:
        return find("mean_absolute_error"), 0
    return outcome.metrics[0], 0


def unit_of(length_of: str) -> str:
    """Return what a task's lengths are counted in."""
    return "tokens" if length_of == "input_ids" else length_of.rpartition("_")[2]
