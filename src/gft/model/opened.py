"""A model that was found, with its task and what is known of both; no weight is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft.cells.options import COVARIATES_DECIMAL, CellForms
from gft.covariates.covariates import SETTINGS, Covariates
from gft.data.numbers import POINT
from gft.errors import UserError, listed
from gft.graphs.files import TOKENIZER, Guide, read_guide
from gft.language.equation import Equation, Interaction, parse_equation
from gft.language.program import Program
from gft.opening import open_source
from gft.record_file import read_record
from gft.registry import configured, tasks
from gft.suppliers.graph_model import GraphSource

if TYPE_CHECKING:
    from gft.covariates.effects import Effects
    from gft.suppliers.protocol import ModelSource
    from gft.tasks.protocol import Task


@dataclass(frozen=True)
class Opened:
    """A model that was found, with what is known of its task; no weight was asked for.

    `record` is the `gft.json` of a fitted folder, None for any other model; `guide` what is known
    of a graph that came without its model.
    """

    source: ModelSource
    task: Task
    record: Mapping[str, Any] | None
    equation: Equation | None
    guide: Guide | None = None

    def processor(self) -> Any:
        """Return the model's tokenizer, or processor; that of a graph without its model."""
        if self.guide is None or self.source.folder is None:
            return self.source.processor()
        from gft.graphs.tokenizing import GraphTokenizer

        return GraphTokenizer(self.source.folder / TOKENIZER, self.guide.tokenizer)


def open_model(program: Program) -> Opened:
    """Return the model of a program with its task: the one it was fitted for, or the one asked for.

    Raises `UserError` if there is no such model or no task.
    """
    source = open_source(program)
    if isinstance(source, GraphSource):
        return _opened_graph(program, source)
    record = read_record(source.folder) if source.folder else None
    if record is not None:
        task_type = tasks()[record["task"]["name"]]
        if program.task and program.task != task_type.name:
            raise UserError(
                f"{program.model} was fitted to {task_type.name}, not to {program.task}"
            )
        task, fitted = fitted_task(record, source)
        equation = program.equation or fitted
        task = configured(task.with_columns(equation), program)
        given = program.options.of(CellForms).decimal
        task = task.written(given or _decimal_of(record), certain=given is not None)
        return Opened(source, task, record, equation)
    _refuse_unknown_covariates(program, source)
    found = [
        task_type.of_model(source.config, program.equation)
        for name, task_type in tasks().items()
        if program.task in (None, name)
    ]
    fitting = [task for task in found if task is not None]
    if not fitting:
        heads = listed(source.config.get("architectures") or ["no head at all"])
        raise UserError(
            f"{program.model} ({heads}) has no head for {program.task or 'any task gft has'}; "
            "fit it first: gft_fit --model ..."
        )
    return Opened(source, configured(fitting[0], program), None, program.equation)


def _opened_graph(program: Program, source: GraphSource) -> Opened:
    """Return a graph that came without its model, with the task that its folder names."""
    assert source.folder is not None
    guide = read_guide(source.folder)
    kind = tasks().get(str(guide.task["name"]))
    if kind is None or (program.task and program.task != kind.name):
        asked = program.task or "any task gft has"
        name = guide.task["name"]
        raise UserError(f"{program.model} is a graph for {name}, not for {asked}: --task {name}")
    fitted = parse_equation(guide.equation) if guide.equation else None
    equation = program.equation or fitted
    task = kind.restore(guide.task)
    if fitted is not None:
        task = _with_covariates(task, fitted, source.folder)
    if equation is not None:
        task = task.with_columns(equation)
    task = configured(task, program)
    decimal = program.options.of(CellForms).decimal
    task = task.written(decimal or POINT, certain=decimal is not None)
    return Opened(source, task, None, equation, guide)


def _with_covariates(task: Task, equation: Equation, folder: Path) -> Task:
    """Return a task with what train taught about the covariates of an equation, if it has any."""
    if not equation.covariates:
        return task
    from gft.covariates.files import read_design

    design = read_design(folder / SETTINGS)
    return replace(task, covariates=Covariates(design.terms, design))


def _refuse_unknown_covariates(program: Program, source: ModelSource) -> None:
    """Raise `UserError` for a model without a record where it has covariates, or is to have some.

    Without them it would answer all the same, for other rows than these.
    """
    if source.has_file("covariates.json"):
        raise UserError(
            f"{program.model} has covariates, which only its fitted folder can read: copy the "
            "whole folder here, with its gft.json, and give C:FOLDER"
        )
    covariates = program.equation.covariates if program.equation else ()
    if covariates:
        named = listed([str(Interaction(term)) for term in covariates], 4)
        raise UserError(
            f"{program.model} has not learned {named}; leave it out of the equation, or fit the "
            "model with gft_fit first"
        )


def _decimal_of(record: Mapping[str, Any]) -> str:
    """Return the decimal mark of the data that a model was fitted to.

    It is that of lines and of cells of text: those of files are read by what stands in them.
    """
    fitted = record["data"].get("cells", {}).get(COVARIATES_DECIMAL)
    asked = record["program"].get("arguments", {}).get("decimal")
    return fitted or asked or POINT


def fitted_task(record: Mapping[str, Any], source: ModelSource) -> tuple[Task, Equation]:
    """Return the task of a fitted folder, and the equation that it was fitted to.

    It has what train taught about covariates, if it has any. Raises `UserError`.
    """
    task = tasks()[record["task"]["name"]].restore(record["task"])
    equation = parse_equation(record["program"]["eqn"])
    if source.folder is not None:
        task = _with_covariates(task, equation, source.folder)
    return task.with_columns(equation), equation


def effects_of(opened: Opened) -> Effects | None:
    """Return the effects that a fitted folder has for its covariates. Raises `UserError`."""
    folder, covariates = opened.source.folder, opened.task.covariates
    saved = opened.guide.task if opened.guide else (opened.record or {}).get("task")
    if folder is None or covariates is None or saved is None:
        return None
    from gft.covariates.files import read_effects

    return read_effects(folder, covariates.fitted_design, saved["labels"])
