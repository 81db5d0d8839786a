"""What is read: the model, data and split of a program, or of the fit it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft import notes
from gft.cells.options import CellForms
from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.functions.options import DrawnSizes
from gft.language.argument import Arguments, rows
from gft.language.equation import Equation
from gft.language.options import Shared, Written
from gft.language.program import Options, Program
from gft.language.spec import Spec
from gft.opening import open_data
from gft.registry import predict_only, tasks
from gft.suppliers.installed import letters, parse, suppliers
from gft.suppliers.options import FilesOfText
from gft.tasks.protocol import Task

if TYPE_CHECKING:
    from gft.cells.columns import Columns


def with_model(program: Program) -> Program:
    """Return the program with the default model of its task, if it names none.

    `--task L:sentiment` is a task that a supplier has a model for. Raises `UserError` if there is
    no model, nor one for the task.
    """
    if program.model is not None:
        return program
    if program.task is None:
        raise UserError(
            "gft_predict needs --model, or a task with a default model: --task classify"
        )
    task_name = _task_as_typed(program)
    model = default_model(program)
    if model is None:
        raise UserError(f"gft_predict needs --model: there is no default one for {task_name}")
    notes.note(f"the model is {model}, the default for {task_name}; --model names another")
    return replace(program, models=(model,))


def _task_as_typed(program: Program) -> str:
    """Return the task in the user's own word: `translation` where the task is `generate`."""
    letter, _, name = str(program.options.of(Written).task or "").partition(":")
    return name or letter or (program.equation.task if program.equation else str(program.task))


def default_model(program: Program) -> Spec | None:
    """Return the model of a program's task, or of what it is called; None if there is none.

    `--task L:sentiment` asks that supplier. Raises `UserError` that says what there is, if the
    supplier has none.
    """
    task = str(program.task)
    letter, colon, name = str(program.options.of(Written).task or "").partition(":")
    supplier = suppliers().get(letters().by_name.get(letter.lower(), "")) if colon else None
    found = supplier.model_for(name) if supplier else None
    if found is not None:
        return found
    if task in predict_only():
        default: str | None = predict_only()[task].default_model
    else:
        default = tasks()[task].default_for(
            _task_as_typed(program).strip().lower().replace("-", "_")
        )
    return parse(default) if default else None


@dataclass(frozen=True)
class Chosen:
    """The rows that are predicted, with cells as the task takes them and with the data's `own`."""

    data: DataSet
    rows: Rows
    own: Rows


def chosen_split(
    program: Program,
    record: Mapping[str, Any] | None = None,
    folder: Path | None = None,
    task: Task | None = None,
) -> Chosen | None:
    """Return the data that is predicted and its split, None where lines are read.

    `record` is what the fit wrote of a model, in `folder`; the columns of a fitted `task` are
    read as it takes them. A split that is asked for without data is of the data that the model was
    fitted to. Raises `UserError`.
    """
    given = program
    split = program.options.of(Shared).split
    if program.data is not None or split is not None:
        program = with_fitted_data(program, record)
    if program.data is None:
        if split is not None:
            notes.note("--split has no effect without --data: lines of standard input are read")
        return None
    if given.data is None:
        notes.note(f"the data is {program.data}, which the model was fitted to")
    # Lines of standard input need nothing of it, and are answered sooner so.
    from gft.functions.correcting import corrected_again
    from gft.functions.splits import read_split

    data, equation, made = open_data(program), None, None
    program = with_fitted_group(program, record, data)
    if task is not None:
        equation = Equation.of_columns(task.name, task.outputs, task.inputs)
        columns = _read_to_predict(equation, data, task, program.options)
        columns.tell()
        data = columns.data
        made = corrected_again(columns, program.options, program.splits, folder, record)
    picked = read_split(program, data, equation, folder, task)
    if made is None:
        return Chosen(data, picked.rows, picked.of(data.original or data))
    return Chosen(data, picked.of(made.columns.data), picked.of(made.data))


def _read_to_predict(equation: Equation, data: DataSet, task: Task, options: Options) -> Columns:
    """Return the columns as a task takes them; classes that it cannot read stay as they are.

    Raises `UserError` for inputs that it cannot read.
    """
    from gft.cells.columns import Columns
    from gft.cells.reading import CLASSES, read_cells

    columns = Columns(equation, data, task.name, task.target, task.input_kinds, options)
    try:
        return read_cells(columns)
    except UserError as problem:
        if task.target.cells_in != CLASSES:
            raise
        inputs = Equation.of_columns(task.name, (), task.inputs)
        warning = f"the labels are written as the data has them: {problem.messages[0]}"
        return read_cells(replace(columns, equation=inputs)).warning(warning)


def with_fitted_data(
    program: Program, record: Mapping[str, Any] | None, has_data: bool = False
) -> Program:
    """Return a program with the data that a model was fitted to, unless it has data of its own.

    Where they are the same it has the fit's `--splits` and `--encoding` too, unless it names
    others.
    """
    if record is None:
        return program
    fitted = {**record["program"]["arguments"], **record["data"].get("cells", {})}
    program = _as_in(fitted, CellForms, program)
    known = None if has_data else fitted_data(record)
    same = [str(known), record["program"]["data"]]
    if known is not None and (program.data is None or str(program.data) in same):
        program = _as_in(fitted, FilesOfText, replace(program, datas=(program.data or known,)))
        if program.splits is None and record["program"]["splits"]:
            names = record["program"]["splits"]
            # A supplier may read no more than what is named.
            options = program.options.but(splits=",".join(names))
            program = replace(program, splits=tuple(names), options=options)
        program = _as_in(fitted, DrawnSizes, program)
    return program


def with_fitted_group(program: Program, record: Mapping[str, Any] | None, data: DataSet) -> Program:
    """Return a program with the fit's `--group`, unless it names one, and note it.

    That is so where `data` is what the model was fitted to, though it may have changed since, and
    all its splits have the column.
    """
    group = record and record["program"]["arguments"].get("group")
    if record is None or not group or "group" in program.options.given:
        return program
    same = record["data"]["fingerprint"] == data.fingerprint()
    named = {str(fitted_data(record)), record["program"]["data"]}
    if not same and (program.data is None or str(program.data) not in named):
        return program
    if not all(group in rows.columns for rows in data.splits.values()):
        return program
    if program.function == "eval" or not same:  # Else what was drawn is read from the folder.
        notes.note(f"--group {group}, as in the fit")
    return replace(program, options=program.options.but(group=group))


def _as_in(fitted: Mapping[str, Any], table: type[Arguments], program: Program) -> Program:
    """Return a program with a fit's arguments of a table, unless it says otherwise."""
    names = {row.name for row in rows(table)} - program.options.given.keys()
    meant = {name: fitted[name] for name in names if fitted.get(name) is not None}
    return replace(program, options=program.options.but(**meant)) if meant else program


def fitted_data(record: Mapping[str, Any]) -> Spec | None:
    """Return the data that a model was fitted to: files where they were; None if it had no name."""
    origin = record["data"]
    if origin["supplier"] == "memory":
        return None
    if origin.get("path"):
        return Spec(origin["supplier"], origin["path"], literal=True)
    return replace(parse(record["program"]["data"]), literal=True)
