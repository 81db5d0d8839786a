"""`predict` for a task that only predicts."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import IO, Any

from gft.data.cells import text_of
from gft.data.checks import check_inputs
from gft.data.table import DataSet
from gft.engine.features import WINDOW
from gft.engine.options import Computing
from gft.engine.precision import Precision, choose_precision
from gft.errors import Mistakes, UserError, listed
from gft.functions.input_rows import InputRows, kept_columns, of_stream, own_cells
from gft.functions.inputs import Chosen, chosen_split, with_model
from gft.functions.row_formats import named_row, row_format
from gft.functions.rows import escape, join_inputs
from gft.functions.streams import standard_input
from gft.graphs.choice import FEW
from gft.graphs.files import read_guide
from gft.graphs.options import Running
from gft.graphs.pick import chosen_alone
from gft.language.options import Shared
from gft.language.program import Options, Program
from gft.model.predictors import longest
from gft.opening import open_source
from gft.predict_only.embeddings import FeatureExtraction
from gft.predict_only.protocol import Answering, Applied, PredictOnly
from gft.registry import configured, predict_only
from gft.request import ModelRequest
from gft.suppliers.graph_model import GraphSource
from gft.suppliers.installed import parse
from gft.suppliers.protocol import ModelSource
from gft.tasks.options import TextLength

COLUMN_KINDS = {"text": ("text",), "image": ("file", "text")}
"""The kinds of columns that an input with such a name may be."""


def apply(program: Program, stdin: IO[bytes] | None = None) -> Iterator[str]:
    """Yield the lines of a prediction, each with its newline, in input order.

    The precision is fp32 by default. Raises `UserError`; what can be checked without weights is
    checked before they are loaded.
    """
    form = row_format(program.options)
    task_type = predict_only()[str(program.task)]
    program = with_model(program)
    mistakes = Mistakes()
    task = mistakes.attempt(configured, task_type, program)
    source = mistakes.attempt(open_source, program)
    head = mistakes.attempt(head_of, task_type, source) if source is not None else None
    chosen = mistakes.attempt(chosen_split, program)
    kept = None if mistakes else mistakes.attempt(kept_columns, program.options, chosen)
    mistakes.raise_any()
    assert task is not None and source is not None and head is not None
    task = replace(task, fetches=program.options.of(Shared).fetch_urls)
    names = columns_read(task_type, program, chosen.data if chosen else None)
    outputs = program.equation.left if program.equation else ()
    if chosen is not None:
        task = task.located(chosen.data.folder)
        found = _of_split(names, outputs, chosen, kept or ())
    else:
        several = task_type.several and len(names) > 1 and program.equation is None
        stream = stdin or standard_input()
        found = of_stream(names, outputs, stream, program.options, several)
    first = next(found, None)
    if first is None:
        return
    names = tuple(first.inputs)
    computing = _computing(task, source, head, program.options)
    answering = computing.answering
    number, row = 1, "row" if chosen else "line"
    for window in itertools.chain([first], found):
        rows = list(zip(*(window.inputs[name] for name in names), strict=True))
        answers = answering(rows, number)
        for n, cells in enumerate(rows):
            try:
                with computing.in_use():
                    answer = next(answers)
            except UserError as problem:
                raise UserError(f"{row} {number}: {problem}") from problem
            number += 1
            texts, gold = [text_of(cell) for cell in cells], window.golds[n]
            fields = [*([] if gold is None else [gold]), *answer.fields, *window.kept_fields(n)]
            line = "\t".join([join_inputs(texts), *map(escape, fields)])
            named = window.columns_of(n, dict(zip(names, texts, strict=True)))
            if window.gold_cells is None and gold is not None:
                named["+".join(outputs) or "gold"] = gold
            yield form.lines(named_row(named, answer.values, form.apart), line)


@dataclass(frozen=True)
class Ready:
    """What answers rows, and the context to use it in: a precision, a number of cores."""

    answering: Answering
    in_use: Callable[[], AbstractContextManager[None]]


def _computing(task: PredictOnly, source: ModelSource, head: str, options: Options) -> Ready:
    """Return what answers rows: a graph that came without its model, or the model."""
    if isinstance(source, GraphSource):
        return Ready(task.answering(_applied_graph(source, options)), nullcontext)
    from gft.engine.placed_model import Cores

    # The vectors themselves are the output: unlike a class, they show every rounding.
    computing = options.of(Computing)
    line = "fp32" if computing.precision == "auto" else computing.precision
    precision, cores = choose_precision(line, computing.use_cpu), Cores(computing.cores)

    @contextmanager
    def in_use() -> Iterator[None]:
        with precision.autocast(), cores.in_use():
            yield

    applied = loaded_model(type(task), source, head, precision, options)
    return Ready(task.answering(applied), in_use)


def _applied_graph(source: GraphSource, options: Options) -> Applied:
    """Return a graph that makes vectors, ready. Raises `UserError`."""
    from gft.graphs.opening import open_vectors

    assert source.folder is not None
    guide, computing = read_guide(source.folder), options.of(Computing)
    runtime, length = options.of(Running).runtime, options.of(TextLength).max_length
    # The vectors themselves are the output, as above.
    line = "fp32" if computing.precision == "auto" else computing.precision
    use = chosen_alone(guide, runtime, line, FEW, str(source.spec))
    if length is not None and length > guide.limit:
        raise UserError(f"--max_length {length}: the model takes at most {guide.limit} tokens")
    graph = open_vectors(source.folder, guide, use, computing.cores)
    return Applied(None, graph.processor, length or guide.max_length, graph)


def head_of(task_type: type[PredictOnly], source: ModelSource) -> str:
    """Return the head to load. Raises `UserError` if models of this type have none that will do."""
    if isinstance(source, GraphSource):
        return _head_of_graph(task_type, source)
    model = source.without_net()
    if model is not None:
        raise UserError(
            f"{source.spec} is a {model.what}, not a neural network, which {task_type.name} needs"
        )
    there = source.heads()
    for head in task_type.heads:
        if head in there:
            return head
    if there:
        raise UserError(
            f"{source.spec} is a {source.config.get('model_type')} model, which has no head for "
            f"{task_type.name} ({listed(task_type.heads)}); one that is ready for it: "
            f"{parse(task_type.default_model)}"
        )
    return task_type.heads[0]


def _head_of_graph(task_type: type[PredictOnly], source: GraphSource) -> str:
    """Return the head of a graph. Raises `UserError` for one of another task."""
    assert source.folder is not None
    name = str(read_guide(source.folder).task["name"])
    if name != FeatureExtraction.name or FeatureExtraction.heads != task_type.heads:
        raise UserError(f"{source.spec} is a graph for {name}, not for {task_type.name}")
    return task_type.heads[0]


def loaded_model(
    task_type: type[PredictOnly],
    source: ModelSource,
    head: str,
    precision: Precision,
    options: Options,
) -> Applied:
    """Load the weights. Raises `UserError` if some that the task uses would be random."""
    processor = source.processor()
    loaded = source.load(ModelRequest(head))
    new = [
        name for name in loaded.new_weights if not any(part in name for part in task_type.ignored)
    ]
    if new:
        raise UserError(
            f"{source.spec} was not trained for {task_type.name}: {listed(new, 4)} would get "
            "random weights, so its predictions would mean nothing; "
            f"{parse(task_type.default_model)} is ready for it"
        )
    precision.place(loaded.model)
    loaded.model.eval()
    computing = options.of(TextLength).max_length if TextLength in task_type.reads else None
    limit = longest(computing, processor, source.config)
    return Applied(loaded.model, processor, limit)


def columns_read(
    task_type: type[PredictOnly], program: Program, data: DataSet | None
) -> tuple[str, ...]:
    """Return the columns to read: the equation's, the task's own, or the only suitable ones.

    Raises `UserError` that says how to name them.
    """
    if program.equation is not None:
        names = program.equation.inputs
        if len(names) < len(task_type.inputs) or (
            len(names) > len(task_type.inputs) and not task_type.several
        ):
            raise UserError(
                f"{task_type.name} takes {listed(task_type.inputs)}: {task_type.right}; the "
                f"equation has {len(names)} on its right: {listed(names)}"
            )
        if data is not None:
            check_inputs(names, data)
        return names
    if data is None or all(name in data.columns for name in task_type.inputs):
        return task_type.inputs
    if len(task_type.inputs) == 1:
        column_kinds = COLUMN_KINDS.get(task_type.inputs[0], ("text",))
        fitting = [column.name for column in data.columns.values() if column.kind in column_kinds]
        if len(fitting) == 1:
            return (fitting[0],)
    raise UserError(
        f"{task_type.name} reads {listed(task_type.inputs)}, and {data.name} has the columns "
        f"{listed(data.columns)}; name the column: --eqn '{task_type.name}: LABEL ~ COLUMN'"
    )


def _of_split(
    names: Sequence[str], outputs: Sequence[str], chosen: Chosen, kept: Sequence[str]
) -> Iterator[InputRows]:
    """Yield the rows of a split, with gold values where the equation names some that are there."""
    rows = chosen.rows
    shown = [name for name in outputs if name in rows.columns]
    read = list(dict.fromkeys((*names, *shown)))
    for part, own in rows.batches_beside(read, chosen.own, kept, WINDOW):
        golds: list[str | None] = [None] * len(part[names[0]])
        if shown:
            columns: list[Sequence[Any]] = [part[name] for name in shown]
            golds = ["\t".join(map(text_of, cells)) for cells in zip(*columns, strict=True)]
        inputs, gold_cells = {name: part[name] for name in names}, own_cells(part, shown, rows)
        yield InputRows(inputs, golds, gold_cells, own_cells(own, kept, chosen.own))
