"""`predict`: one output row per input row, in input order, in bounded memory."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from gft import notes, processes
from gft.data.table import DataSet, Rows
from gft.engine.features import WINDOW
from gft.engine.options import Computing
from gft.errors import Mistakes
from gft.functions.apply import apply
from gft.functions.inputs import InputRows, chosen_split, of_lines, with_model
from gft.functions.rows import escape, join_inputs, named_row, row_format
from gft.functions.streams import together
from gft.functions.truncation import truncated
from gft.inputs.features import Unread
from gft.language.program import Options, Program
from gft.model import Opened, make_predictor, open_model
from gft.registry import predict_only
from gft.tasks.protocol import Task

if TYPE_CHECKING:
    from gft.engine.inference import Predictor

PREDICTION = "prediction"


def predict(program: Program, stdin: IO[bytes] | None = None) -> Generator[str, None, None]:
    """Yield the lines of a prediction, each with its newline.

    Reads a split of `--data`, or lines of `stdin`. Raises `UserError`, before the weights are
    loaded for what can be seen by then. Several processes share the work; the first one reads
    lines and yields.
    """
    if program.task in predict_only():
        if processes.is_first():
            yield from apply(program, stdin)
        return
    row_format(program.options)
    program = with_model(program)
    processes.join(program.options.of(Computing).use_cpu)
    mistakes = Mistakes()
    opened = mistakes.attempt(open_model, program)
    fitted = (opened.record, opened.source.folder, opened.task) if opened else ()
    source = mistakes.attempt(chosen_split, program, *fitted)
    mistakes.raise_any()
    assert opened is not None
    if source is not None:
        opened = replace(opened, task=opened.task.located(source[0].folder))
        found = together(_of_split(opened, *source), known=True)
    else:
        lines = of_lines(opened.task.inputs, stdin or sys.stdin.buffer, program.options)
        found = together(lines, known=False)
    with closing(found):
        first = next(found, None)
        if first is not None:
            with processes.first_before_others():
                predictor = make_predictor(opened, program.options)
            windows = itertools.chain([first], found)
            yield from _lines(predictor, windows, program.options, "row" if source else "line")


def _lines(
    predictor: Predictor, windows: Iterator[InputRows], options: Options, called: str
) -> Iterator[str]:
    """Yield the lines of a prediction; errors call a row as it is `called` and by its number."""
    from gft.engine.inference import predict_rows

    form, task = row_format(options), predictor.task
    unread, number, with_gold = Unread(), 1, None
    for window in windows:
        if with_gold is None:
            # The first row names the columns of csv, gold too where only later rows have some.
            with_gold = form.form == "csv" and any(gold is not None for gold in window.golds)
        task.check_rows(predictor.processor, window.inputs, number, called)
        number += len(window.golds)
        predictions = predict_rows(predictor, window.inputs)
        unread += predictions.unread
        if not processes.is_first():
            continue
        columns = [window.inputs[name] for name in task.inputs]
        for n, gold in enumerate(window.golds):
            value = predictions.values[n]
            score = None if predictions.scores is None else predictions.scores[n]
            inputs = [column[n] for column in columns]
            plain = _plain(task, inputs, gold, value, score, options)
            named: dict[str, Any] = {}
            if form.form != "tsv":
                told = task.gold_json(gold, None if window.cells is None else window.cells[n])
                row = _named(task, inputs, told, gold is not None or with_gold)
                found = {PREDICTION: task.value(value, score)} | task.details(value, score, options)
                named = named_row(row, found)
            yield form.lines(named, plain)
    if unread.rows:
        notes.note(truncated(unread, predictor.max_length))


def _plain(
    task: Task, cells: Sequence[Any], gold: str | None, value: Any, score: Any, options: Options
) -> str:
    """Return a row as tab-separated fields: the inputs, gold if there is any, the prediction."""
    fields = task.fields_beside(cells, value, score, options)
    shown = [] if gold is None else [gold]
    pairs = zip(task.input_kinds, cells, strict=True)
    inputs = join_inputs([kind.shown(cell) for kind, cell in pairs])
    return "\t".join([inputs, *map(escape, [*shown, *fields])])


def _named(task: Task, cells: Sequence[Any], told: Any, with_gold: bool) -> dict[str, Any]:
    """Return the inputs of a row and, `with_gold`, what is told of it, under the columns' names."""
    triples = zip(task.inputs, task.input_kinds, cells, strict=True)
    row = {name: kind.as_json(cell) for name, kind, cell in triples}
    return row | {"+".join(task.outputs): told} if with_gold else row


def _of_split(opened: Opened, data: DataSet, rows: Rows) -> Iterator[InputRows]:
    task = opened.task
    task.check_columns(data, {"split": rows})
    # A text that is its own gold is not written twice.
    has_gold = task.outputs != task.inputs and all(name in rows.columns for name in task.outputs)
    names = dict.fromkeys((*task.inputs, *(task.outputs if has_gold else ())))
    for part in rows.batches(list(names), WINDOW * processes.count()):
        golds: list[str | None] = [None] * len(part[task.inputs[0]])
        cells = None
        if has_gold:
            cells = list(zip(*(part[name] for name in task.outputs), strict=True))
            columns = [data.columns[name] for name in task.outputs]
            golds = [task.gold_text(row, columns) for row in cells]
        yield InputRows({name: part[name] for name in task.inputs}, golds, cells)
