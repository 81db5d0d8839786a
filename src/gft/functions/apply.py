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
from gft.model import longest
from gft.opening import open_source
from gft.predict_only.embeddings import FeatureExtraction
from gft.predict_only.protocol import Answering, Applied, PredictOnly
from gft.registry import configured, predict_only
from gft.request import ModelRequest
from gft.suppliers.graph_model import GraphSource
from gft.suppliers.installed import parse
from gft.suppliers.protocol import ModelSource
from gft.tasks.options import TextLength

KINDS = {"text": ("text",), "image": ("file", "text")}
"""The kinds of columns that a column of these names may have."""


def apply(program: Program, stdin: IO[bytes] | None = None) -> Iterator[str]:
    """Yield the lines of a prediction, each with its newline, in input order.

    The precision is fp32 unless another is asked for. Raises `UserError`, before the weights are
    loaded for what can be seen by then.
    """
    form = row_format(program.options)
    kind = predict_only()[str(program.task)]
    program = with_model(program)
    mistakes = Mistakes()
    task = mistakes.attempt(configured, kind, program)
    source = mistakes.attempt(open_source, program)
    head = mistakes.attempt(head_of, kind, source) if source is not None else None
    chosen = mistakes.attempt(chosen_split, program)
    kept = None if mistakes else mistakes.attempt(kept_columns, program.options, chosen)
    mistakes.raise_any()
    assert task is not None and source is not None and head is not None
    task = replace(task, fetches=program.options.of(Shared).fetch_urls)
    names = columns_read(kind, program, chosen.data if chosen else None)
    outputs = program.equation.left if program.equation else ()
    if chosen is not None:
        task = task.located(chosen.data.folder)
        found = _of_split(names, outputs, chosen, kept or ())
    else:
        several = kind.several and len(names) > 1 and program.equation is None
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
            plain = "\t".join([join_inputs(texts), *map(escape, fields)])
            named = window.columns_of(n, dict(zip(names, texts, strict=True)))
            if window.told is None and gold is not None:
                named["+".join(outputs) or "gold"] = gold
            yield form.lines(named_row(named, answer.values, form.apart), plain)


@dataclass(frozen=True)
class Ready:
    """What answers rows, and what it is to be used in: a precision, a number of cores."""

    answering: Answering
    in_use: Callable[[], AbstractContextManager[None]]


def _computing(task: PredictOnly, source: ModelSource, head: str, options: Options) -> Ready:
    """Return what answers rows: a graph that came without its model, or the model."""
    if isinstance(source, GraphSource):
        return Ready(task.answering(_applied_graph(source, options)), nullcontext)
    from gft.engine.placed_model import Cores

    # What comes out is looked at itself, where a class is only the largest of some numbers.
    asked = options.of(Computing)
    plain = "fp32" if asked.precision == "auto" else asked.precision
    precision, cores = choose_precision(plain, asked.use_cpu), Cores(asked.cores)

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
    guide, asked = read_guide(source.folder), options.of(Computing)
    runtime, length = options.of(Running).runtime, options.of(TextLength).max_length
    use = chosen_alone(guide, runtime, asked.precision, FEW, str(source.spec))
    if length is not None and length > guide.limit:
        raise UserError(f"--max_length {length}: the model takes at most {guide.limit} tokens")
    graph = open_vectors(source.folder, guide, use, asked.cores)
    return Applied(None, graph.processor, length or guide.max_length, graph)


def head_of(kind: type[PredictOnly], source: ModelSource) -> str:
    """Return the head to load. Raises `UserError` if models of this type have none that will do."""
    if isinstance(source, GraphSource):
        return _head_of_graph(kind, source)
    model = source.without_net()
    if model is not None:
        raise UserError(f"{source.spec} is no net but a {model.what}; {kind.name} needs a net")
    there = source.heads()
    for head in kind.heads:
        if head in there:
            return head
    if there:
        raise UserError(
            f"{source.spec} is a {source.config.get('model_type')} model, which has no head for "
            f"{kind.name} ({listed(kind.heads)}); one that is ready for it: "
            f"{parse(kind.default_model)}"
        )
    return kind.heads[0]


def _head_of_graph(kind: type[PredictOnly], source: GraphSource) -> str:
    """Return the head of a graph. Raises `UserError` for one of another task."""
    assert source.folder is not None
    name = str(read_guide(source.folder).task["name"])
    if name != FeatureExtraction.name or FeatureExtraction.heads != kind.heads:
        raise UserError(f"{source.spec} is a graph for {name}, not for {kind.name}")
    return kind.heads[0]


def loaded_model(
    kind: type[PredictOnly], source: ModelSource, head: str, precision: Precision, options: Options
) -> Applied:
    """Load the weights. Raises `UserError` if some that the task uses would be newly made."""
    processor = source.processor()
    loaded = source.load(ModelRequest(head))
    new = [name for name in loaded.new_weights if not any(part in name for part in kind.ignored)]
    if new:
        raise UserError(
            f"{source.spec} was not trained for {kind.name}: {listed(new, 4)} would be made at "
            f"random, so its predictions would mean nothing; {parse(kind.default_model)} is "
            "ready for it"
        )
    precision.place(loaded.model)
    loaded.model.eval()
    asked = options.of(TextLength).max_length if TextLength in kind.reads else None
    limit = longest(asked, processor, source.config)
    return Applied(loaded.model, processor, limit)


def columns_read(
    kind: type[PredictOnly], program: Program, data: DataSet | None
) -> tuple[str, ...]:
    """Return the columns to read: the equation's, the task's own, or the only ones that will do.

    Raises `UserError` that says how to name them.
    """
    if program.equation is not None:
        names = program.equation.inputs
        if len(names) < len(kind.inputs) or (len(names) > len(kind.inputs) and not kind.several):
            raise UserError(
                f"{kind.name} takes {listed(kind.inputs)}: {kind.right}; the equation has "
                f"{len(names)} on its right: {listed(names)}"
            )
        if data is not None:
            check_inputs(names, data)
        return names
    if data is None or all(name in data.columns for name in kind.inputs):
        return kind.inputs
    if len(kind.inputs) == 1:
        kinds = KINDS.get(kind.inputs[0], ("text",))
        fitting = [column.name for column in data.columns.values() if column.kind in kinds]
        if len(fitting) == 1:
            return (fitting[0],)
    raise UserError(
        f"{kind.name} reads {listed(kind.inputs)}, and {data.name} has the columns "
        f"{listed(data.columns)}; say which: --eqn '{kind.name}: LABEL ~ COLUMN'"
    )


def _of_split(
    names: Sequence[str], outputs: Sequence[str], chosen: Chosen, kept: Sequence[str]
) -> Iterator[InputRows]:
    """Yield the rows of a split, with gold values where the equation names some that are there."""
    rows = chosen.rows
    shown = [name for name in outputs if name in rows.columns]
    carried = chosen.own.batches(kept, WINDOW)
    parts = rows.batches(list(dict.fromkeys((*names, *shown))), WINDOW)
    for part, own in zip(parts, carried, strict=True):
        golds: list[str | None] = [None] * len(part[names[0]])
        if shown:
            columns: list[Sequence[Any]] = [part[name] for name in shown]
            golds = ["\t".join(map(text_of, cells)) for cells in zip(*columns, strict=True)]
        inputs, told = {name: part[name] for name in names}, own_cells(part, shown, rows)
        yield InputRows(inputs, golds, told, own_cells(own, kept, chosen.own))
