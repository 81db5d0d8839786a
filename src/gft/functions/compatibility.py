"""A model and a data set side by side: which equation, how labels match, what a fit would do."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gft.cells.reading import read_columns
from gft.data.roles import assign_roles
from gft.data.sampling import lengths_of, spread
from gft.data.spelling import comparing
from gft.data.table import DataSet, Rows
from gft.errors import UserError, counted, listed
from gft.language.equation import Equation, parse_equation
from gft.language.program import Program
from gft.model.opened import fitted_task
from gft.model.predictors import longest
from gft.record_file import read_record
from gft.registry import task_names, tasks
from gft.results.candidates import Candidates, candidates
from gft.results.compatibility import Compatibility
from gft.results.data_facts import TOKENIZED_ROWS, DataFacts
from gft.results.label_counts import COUNTED_ROWS
from gft.suppliers.protocol import ModelSource
from gft.tasks.protocol import Task

READ_ROWS = 200
UNTRUNCATED = 1_000_000
"""Tokens: longer than any text that is measured."""


def compatibility(
    program: Program, source: ModelSource, tokenizer: Any, data: DataSet, about: DataFacts
) -> Compatibility:
    """Return how the model of a program and its data fit together, without loading weights.

    Inputs are measured where there is a `tokenizer`. Raises `UserError` if the equation that was
    given does not suit the data.
    """
    possible = candidates(data, about)
    record = read_record(source.folder) if source.folder else None
    equation, why = _equation(program, record, data, possible)
    bare = Compatibility(str(source.spec), data.name, possible.left, possible.right, None, why)
    if equation is None:
        return bare
    written = equation.task.lower().replace("-", "_")
    name = str(program.task) if program.equation is not None else task_names()[written]
    try:
        columns = read_columns(equation, data, tasks()[name], program.options)
        equation, data = columns.equation, columns.data
        task = tasks()[name].bind(equation, data, _used(program, data, equation))
    except UserError as problem:
        if program.equation is not None:
            raise
        why = f"{why}, but gft_fit refuses it: {problem.messages[0]}"
        return replace(bare, equation=str(equation), why=why)
    model = _task_of_model(name, source, record, equation)
    known = replace(
        bare,
        equation=str(equation),
        data_labels=task.labels,
        model_labels=model.labels if model else (),
        command=_command(program, equation) if data.origin.get("supplier") != "memory" else None,
    )
    compatible = _labels(known, task, model, source)
    if source.without_net() is not None:
        return replace(compatible, fit="refuses: the model is no net", command=None)
    if tokenizer is None or not task.longest:
        return compatible
    return _measured(compatible, task, tokenizer, source, data.splits[about.split])


def _equation(
    program: Program, record: Mapping[str, Any] | None, data: DataSet, possible: Candidates
) -> tuple[Equation | None, str]:
    """Return the equation as given, as the model was fitted, or as the columns suggest, and why."""
    if program.equation is not None:
        return program.equation, "as given"
    if record is not None and program.task in (None, record["task"]["name"]):
        fitted = parse_equation(record["program"]["eqn"])
        if set(fitted.columns) <= data.columns.keys():
            return fitted, "the model was fitted with it"
    suggested = possible.equation(program.task)
    if suggested is not None:
        return suggested, "suggested by the columns"
    missing = "no column looks like labels" if possible.right else "no column of text"
    return None, f"{missing}: name the columns with --eqn"


def _used(program: Program, data: DataSet, equation: Equation) -> dict[str, Rows]:
    """Return the splits that a fit would use and that have labels, some rows of very large ones."""
    used = assign_roles(data, program.splits).rows(data, equation.left)
    return {role: spread(rows, COUNTED_ROWS) for role, rows in used.items()}


def _task_of_model(
    name: str, source: ModelSource, record: Mapping[str, Any] | None, equation: Equation
) -> Task | None:
    """Return the task that the model can do as it is, if it has this name."""
    if record is not None:
        return fitted_task(record, source)[0] if record["task"]["name"] == name else None
    return tasks()[name].of_model(source.config, equation)


def _labels(
    known: Compatibility, task: Task, model: Task | None, source: ModelSource
) -> Compatibility:
    """Return the compatibility with what becomes of the labels."""
    replaced = task.adapt(source.config).request.new_head
    outputs = counted(len(task.labels), "output")
    if model is None:
        heads = source.heads()
        fit = f"makes a new head with {outputs}; everything else keeps its weights"
        if heads and task.head not in heads:
            model_type = source.config.get("model_type")
            fit = f"refuses: a {model_type} model cannot have a head for {task.name}"
        return replace(known, meet="no head", evaluation="refuses: fit it first", fit=fit)
    fit = (
        f"replaces the model's head for {listed(model.labels, 6)} by a new one with {outputs}; "
        "everything else keeps its weights"
        if replaced
        else "keeps the head and goes on from its weights"
    )
    try:
        aligned, warnings = task.aligned(model)
    except UserError as problem:
        return replace(
            known, meet="not at all", evaluation=f"refuses: {problem.messages[0]}", fit=fit
        )
    key = comparing(task.labels, model.labels)
    named = set(map(key, task.labels)) <= set(map(key, model.labels))
    how = "by name" if named else "by position"
    evaluation = "works, with a warning" if warnings else "works as it is"
    return replace(known, meet=how, order=aligned.labels, evaluation=evaluation, fit=fit)


def _measured(
    known: Compatibility, task: Task, tokenizer: Any, source: ModelSource, every: Rows
) -> Compatibility:
    """Return the compatibility with the lengths of the inputs as the model reads them."""
    rows, task = spread(every, TOKENIZED_ROWS), replace(task, covariates=None)
    limit = longest(None, tokenizer, source.config, task.longest)
    lengths: list[int] = []
    for part in rows.batches(task.inputs, READ_ROWS):
        encoded = task.encode(tokenizer, part, UNTRUNCATED)
        lengths += [len(feature[task.length_of]) for feature in encoded.features]
    over = sum(one > limit for one in lengths) / max(len(lengths), 1)
    return replace(
        known,
        lengths=lengths_of(lengths),
        limit=limit,
        over=over,
        measured=len(rows),
        windowed=task.windowed,
    )


def _command(program: Program, equation: Equation) -> str:
    words = ["gft_fit", "--model", str(program.model), "--data", str(program.data)]
    words += ["--splits", ",".join(program.splits)] if program.splits else []
    return " ".join([*map(shlex.quote, words), "--eqn", shlex.quote(str(equation))])
