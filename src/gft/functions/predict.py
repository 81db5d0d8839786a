"""`predict`: one output row per input row, in input order, in bounded memory."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import IO, Any

from gft import notes
from gft.data.checks import check_inputs
from gft.data.table import DataSet, Rows
from gft.engine.features import WINDOW
from gft.errors import Mistakes
from gft.functions.apply import apply
from gft.functions.inputs import Window, chosen_split, of_lines, with_model
from gft.functions.rows import escape, join_inputs, row_format, text_of
from gft.language.program import Options, Program
from gft.model import Opened, make_predictor, open_model
from gft.registry import predict_only
from gft.tasks.protocol import ChecksInputs, Detailed, Ranked, ReadsFiles, Task, Worded

PREDICTION = "prediction"
DIGITS = 6
UNLABELLED = -1


def predict(program: Program, stdin: IO[bytes] | None = None) -> Iterator[str]:
    """Yield the lines of a prediction, each with its newline.

    Reads a split of `--data`, or lines of `stdin`. Raises `UserError`, before the weights are
    loaded for what can be seen by then.
    """
    if program.task in predict_only():
        yield from apply(program, stdin)
        return
    form = row_format(program.options)
    program = with_model(program)
    mistakes = Mistakes()
    opened = source = None
    with mistakes.collect():
        opened = open_model(program)
    with mistakes.collect():
        source = chosen_split(program)
    mistakes.raise_any()
    assert opened is not None
    if source is not None:
        if isinstance(opened.task, ReadsFiles):
            opened = replace(opened, task=opened.task.located(source[0].folder))
        found = _of_split(opened, *source)
    else:
        found = of_lines(opened.task.inputs, stdin or sys.stdin.buffer, program.options)
    first = next(found, None)
    if first is None:
        return
    predictor = make_predictor(opened, program.options)
    # The first row names the columns of csv, gold among them where only later rows have some.
    with_gold = form.form == "csv" and any(gold is not None for gold in first.golds)
    cut, number, row = 0, 1, "row" if source else "line"
    for window in itertools.chain([first], found):
        if isinstance(opened.task, ReadsFiles):
            opened.task.check_files(window.inputs, number, row)
        if isinstance(opened.task, ChecksInputs):
            opened.task.check_inputs(predictor.processor, window.inputs, number, row)
        number += len(window.golds)
        predictions = predictor.rows(window.inputs)
        cut += predictions.cut
        columns = [window.inputs[name] for name in opened.task.inputs]
        for n, gold in enumerate(window.golds):
            score = None if predictions.scores is None else predictions.scores[n]
            cells = [column[n] for column in columns]
            plain = _plain(opened.task, cells, gold, predictions.values[n], score, program.options)
            named: dict[str, Any] = {}
            if form.form != "tsv":
                named = _named(opened.task, cells, gold, with_gold)
                named.update(_predicted(opened.task, predictions.values[n], score, program.options))
            yield form.lines(named, plain)
    if cut:
        notes.note(f"{cut} rows are longer than {predictor.max_length} tokens and were cut there")


def _plain(
    task: Task, cells: Sequence[Any], gold: str | None, value: Any, score: Any, options: Options
) -> str:
    """Return a row as tab-separated fields: the inputs, gold if there is any, the prediction."""
    if isinstance(task, Worded):
        fields = task.tagged(task.words(cells[0]), value, score, options)
    else:
        fields = task.fields(value, score, options)
    shown = [] if gold is None else [gold]
    return "\t".join([join_inputs(list(map(text_of, cells))), *map(escape, [*shown, *fields])])


def _named(task: Task, cells: Sequence[Any], gold: str | None, with_gold: bool) -> dict[str, Any]:
    """Return the inputs of a row, and gold if there is any, under the columns' own names."""
    shown: list[Any] = list(map(text_of, cells))
    told: Any = gold
    if isinstance(task, Worded):
        shown = [task.words(cells[0])]
        told = None if gold is None else task.words(gold)
    row = dict(zip(task.inputs, shown, strict=True))
    if gold is not None or with_gold:
        row["+".join(task.outputs)] = told
    return row


def _predicted(task: Task, value: Any, score: Any, options: Options) -> dict[str, Any]:
    """Return the prediction for a row and its scores, by name."""
    row = {PREDICTION: task.value(value, score)}
    if isinstance(task, Detailed):
        return row | task.details(value, score, options)
    if isinstance(task, Worded):
        row["score"] = [round(float(one), DIGITS) for one in score.max(-1)]
    elif getattr(score, "ndim", None) == 1:
        row["score"] = round(float(score.max()), DIGITS)
    ranked = task.ranked(score, options) if isinstance(task, Ranked) else None
    return row if ranked is None else row | {"scores": ranked}


def _of_split(opened: Opened, data: DataSet, rows: Rows) -> Iterator[Window]:
    task = opened.task
    check_inputs(task.inputs, data)
    # A text that is its own gold is not written twice.
    has_gold = task.outputs != task.inputs and all(name in rows.columns for name in task.outputs)
    names = dict.fromkeys((*task.inputs, *(task.outputs if has_gold else ())))
    for part in rows.batches(list(names), WINDOW):
        golds: list[str | None] = [None] * len(part[task.inputs[0]])
        if has_gold and isinstance(task, Detailed):
            golds = task.gold_texts(part[task.outputs[0]])
        elif has_gold:
            golds = [gold_text(data, task.outputs, part, n) for n in range(len(golds))]
        yield Window({name: part[name] for name in task.inputs}, golds)


def gold_text(
    data: DataSet, outputs: Sequence[str], part: Mapping[str, Sequence[Any]], row: int
) -> str | None:
    """Return a row's gold values as the data has them, class numbers by their names.

    None for a row that has no label.
    """
    shown = []
    for name in outputs:
        value = part[name][row]
        if value in (None, "") or (data.columns[name].classes and value == UNLABELLED):
            return None
        shown.append(text_of(with_class_names(data, name, value)))
    return "\t".join(shown)


def with_class_names(data: DataSet, name: str, value: Any) -> Any:
    """Return a cell with the names of classes for their numbers, within lists too."""
    if isinstance(value, list):
        return [with_class_names(data, name, one) for one in value]
    classes = data.columns[name].classes
    known = classes and isinstance(value, int) and 0 <= value < len(classes)
    return classes[value] if classes and known else value
