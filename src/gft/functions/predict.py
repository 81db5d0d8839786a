"""`predict`: one output row per input row, in input order, in bounded memory."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from gft import notes, processes
from gft.covariates.unknown import UnknownCells
from gft.engine.features import WINDOW
from gft.engine.options import Computing
from gft.errors import Mistakes
from gft.functions.input_rows import InputRows, kept_columns, of_stream, own_cells
from gft.functions.inputs import Chosen, chosen_split, with_model
from gft.functions.pipe import predictors
from gft.functions.row_formats import LINES, RowFormat, named_row, row_format
from gft.functions.rows import escape, join_inputs
from gft.functions.streams import lines_in, standard_input, together
from gft.inputs.features import Unread
from gft.language.program import Options, Program
from gft.model.opened import Opened, open_model
from gft.registry import predict_only
from gft.tasks.protocol import Task

if TYPE_CHECKING:
    from gft.engine.inference import Predicting

PREDICTION = "prediction"


def predict(program: Program, stdin: IO[bytes] | None = None) -> Generator[str, None, None]:
    """Yield the lines of a prediction, each with its newline.

    Reads a split of `--data`, or lines of `stdin`. Raises `UserError`, before the weights are
    loaded for what can be seen by then. Several processes share the work; the first one reads
    lines and yields.
    """
    if program.task in predict_only():
        if processes.is_first():
            from gft.functions.apply import apply

            yield from apply(program, stdin)
        return
    form = row_format(program.options)
    program = with_model(program)
    processes.join(program.options.of(Computing).use_cpu)
    mistakes = Mistakes()
    opened = mistakes.attempt(open_model, program)
    fitted = (opened.record, opened.source.folder, opened.task) if opened else ()
    source = mistakes.attempt(chosen_split, program, *fitted)
    kept = None if mistakes else mistakes.attempt(kept_columns, program.options, source)
    mistakes.raise_any()
    assert opened is not None
    if source is not None:
        opened = replace(opened, task=opened.task.located(source.data.folder))
        rows: int | None = len(source.rows)
        found = together(_of_split(opened, source, kept or ()), known=True)
    else:
        task, stream = opened.task, stdin or standard_input()
        # One process looks: all may share the position in a file.
        rows = processes.of_first(lines_in(stream) if processes.is_first() else None)
        found = together(of_stream(task.inputs, task.outputs, stream, program.options), known=False)
    with closing(found):
        first = next(found, None)
        if first is not None:
            windows = itertools.chain([first], found)
            predicted = predictors(opened, program.options, windows, rows)
            yield from _lines(predicted, form, program.options, source is None)


def _lines(
    predicted: Iterator[tuple[Predicting, InputRows]],
    form: RowFormat,
    options: Options,
    are_lines: bool,
) -> Iterator[str]:
    """Yield the lines of a prediction; errors call a row what it is, and by its number."""
    from gft.engine.inference import predict_rows

    called = "line" if are_lines else "row"
    unread, number, with_gold, unknown = Unread(), 1, None, UnknownCells()
    for predictor, window in predicted:
        task = predictor.task
        form.words = _of_words(task)
        if with_gold is None:
            # The first row names the columns of a table, gold too where only later rows have some.
            with_gold = form.form != "jsonl" and any(gold is not None for gold in window.golds)
        task.check_rows(predictor.processor, window.inputs, number, called)
        number += len(window.golds)
        unknown.add(task.unknown_cells(window.inputs))
        predictions = predict_rows(predictor, window.inputs)
        unread += predictions.unread
        if not processes.is_first():
            continue
        for n in range(len(window.golds)):
            value = predictions.values[n]
            score = None if predictions.scores is None else predictions.scores[n]
            cells = [window.inputs[name][n] for name in task.inputs]
            if form.form == LINES:
                yield form.lines({}, _plain(task, cells, window, n, value, score, options))
                continue
            found = {PREDICTION: task.in_json(value, score)} | task.details(value, score, options)
            row = _named(task, cells, window, n, with_gold)
            yield form.lines(named_row(row, found, form.apart), "")
    notes.note(*unknown.messages())
    if unread.rows:
        from gft.functions.truncation import truncated

        notes.note(truncated(unread, predictor.too_long, unit=predictor.unit))


def _of_words(task: Task) -> set[str]:
    """Return the columns of a table that hold words, or a tag for each of them."""
    words = {
        name for name, kind in zip(task.inputs, task.input_kinds, strict=True) if kind.of_lists
    }
    return {*words, *task.outputs, PREDICTION} if words else set()


def _plain(
    task: Task,
    cells: Sequence[Any],
    window: InputRows,
    n: int,
    value: Any,
    score: Any,
    options: Options,
) -> str:
    """Return row `n` as fields: the inputs, gold if there is any, the prediction, what is kept."""
    fields = task.fields_beside(cells, value, score, options)
    gold = window.golds[n]
    shown = [] if gold is None else [gold]
    pairs = zip(task.input_kinds, cells, strict=True)
    inputs = join_inputs([kind.shown(cell) for kind, cell in pairs])
    return "\t".join([inputs, *map(escape, [*shown, *fields, *window.kept_fields(n)])])


def _named(
    task: Task, cells: Sequence[Any], window: InputRows, n: int, with_gold: bool
) -> dict[str, Any]:
    """Return row `n` under the columns' names; a line has its gold, if any, in one of them."""
    triples = zip(task.inputs, task.input_kinds, cells, strict=True)
    row = window.columns_of(n, {name: kind.as_json(cell) for name, kind, cell in triples})
    gold = window.golds[n]
    if window.gold_cells is None and (gold is not None or with_gold):
        row["+".join(task.outputs)] = None if gold is None else task.gold_json(gold)
    return row


def _of_split(opened: Opened, chosen: Chosen, kept: Sequence[str]) -> Iterator[InputRows]:
    task, data, rows = opened.task, chosen.data, chosen.rows
    task.check_columns(data, {"split": rows})
    # A text that is its own gold is not written twice.
    has_gold = task.outputs != task.inputs and all(name in rows.columns for name in task.outputs)
    golden = task.outputs if has_gold else ()
    names, size = dict.fromkeys((*task.inputs, *golden)), WINDOW * processes.count()
    for part, own in rows.batches_beside(list(names), chosen.own, kept, size):
        golds: list[str | None] = [None] * len(part[task.inputs[0]])
        if has_gold:
            columns = [data.columns[name] for name in golden]
            cells = zip(*(part[name] for name in golden), strict=True)
            golds = [task.gold_text(row, columns) for row in cells]
        yield InputRows(
            {name: part[name] for name in task.inputs},
            golds,
            {
                name: [*map(task.gold_json, cells)]
                for name, cells in own_cells(part, golden, rows).items()
            },
            own_cells(own, kept, chosen.own),
        )
