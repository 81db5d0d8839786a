"""The door between data and tasks: every function reads an equation's columns here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Protocol

from gft.cells import covariates, labelled, missing, names, texts
from gft.cells.columns import Columns
from gft.cells.options import CellForms
from gft.data.checks import expand
from gft.data.numbers import POINT
from gft.data.table import DataSet
from gft.errors import UserError
from gft.inputs.kind import InputKind
from gft.inputs.number import Number
from gft.language.equation import Equation
from gft.language.program import Options
from gft.targets.protocol import Target

Step = Callable[[Columns], Columns]
STEPS: tuple[Step, ...] = (labelled.read,)
"""What is done for every task; what the target's own module does comes after them."""
CLASSES = "gft.cells.classes"
"""The module of targets that are classes, the only one that knows `--label_delimiter`."""
NUMBERS = "gft.cells.decimals"
"""The module of targets that are numbers, the only one that knows `--decimal`."""


class Binds(Protocol):
    """A task's class, or a task, as far as it says what its columns hold."""

    @property
    def name(self) -> str:
        """The task's canonical name."""
        ...

    @property
    def target(self) -> Target:
        """What it predicts."""
        ...

    @property
    def several_outputs(self) -> bool:
        """Whether more than one column may stand on the left."""
        ...

    @property
    def takes(self) -> tuple[InputKind, ...]:
        """The kinds of input that it takes."""
        ...

    def kinds_of(self, equation: Equation) -> tuple[InputKind, ...]:
        """Return the kind of each input."""
        ...


class Bound(Protocol):
    """A task that knows its columns, as far as it says what they hold."""

    @property
    def name(self) -> str:
        """The task's canonical name."""
        ...

    @property
    def target(self) -> Target:
        """What it predicts."""
        ...

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that it reads."""
        ...

    @property
    def input_kinds(self) -> tuple[InputKind, ...]:
        """The kind of each of them."""
        ...


def read_columns(
    equation: Equation, data: DataSet, task: Binds, options: Options, group: str | None = None
) -> Columns:
    """Return an equation, `.` replaced, and its data with the columns as the task takes them.

    Every cell of its columns is looked at, in every split. Raises `UserError` for columns of it,
    or of `--group`, that data lacks, and for cells that cannot be what the task needs.
    """
    data = names.read(equation, data)
    beside = any(kind.is_covariate for kind in task.takes) and task.takes[0].is_text
    expanded, message = expand(equation, data, group, beside)
    kinds = task.kinds_of(expanded)
    columns = Columns(expanded, data, task.name, task.target, kinds, options).noting(message)
    if len(expanded.left) > 1 and not task.several_outputs:
        return columns  # The task refuses them, and says how many it takes.
    return read_cells(columns)


def read_cells(columns: Columns) -> Columns:
    """Return columns as the task takes them; some of them, such as labels, may not be there."""
    own = columns.target.cells_in
    if own != CLASSES and columns.options.of(CellForms).label_delimiter is not None:
        raise UserError(f"--label_delimiter is for classes; {columns.task} has none")
    read_as_numbers = own == NUMBERS or covariates.number_names(columns)
    if not read_as_numbers and columns.options.of(CellForms).decimal is not None:
        columns = columns.noting(f"--decimal has no effect: {columns.task} has no numbers to learn")
    of_target: tuple[Step, ...] = (import_module(own).read,) if own else ()
    columns = texts.read(replace(columns, data=names.read(columns.equation, columns.data)))
    absent = missing.wanted(columns.options)
    columns, taken = missing.without(columns, absent)
    for step in (*STEPS, *of_target, covariates.read):
        columns = step(columns)
    _refuse_mixed(columns)
    columns, within = missing.without_members(columns, absent)  # Lists are lists only now.
    return columns.noting(missing.note_of_taken(absent, taken + within))


def _refuse_mixed(columns: Columns) -> None:
    """Raise `UserError` for each column that still holds values of several forms."""
    found = {
        name: rows.columns[name].mixed
        for name in columns.equation.columns
        for _, rows in columns.splits_of(name)
    }
    message = [f"{what}; the equation needs values of one form" for what in found.values() if what]
    if message:
        raise UserError(*message)


def read_inputs(data: DataSet, task: Bound) -> DataSet:
    """Return data with the inputs as a task takes them; nothing else of it is looked at."""
    equation = Equation.of_columns(task.name, (), task.inputs)
    marks = {one.decimal for one in task.input_kinds if isinstance(one, Number)} - {POINT}
    options = Options({"decimal": marks.pop()} if marks else {})
    given = (task.name, task.target, task.input_kinds, options)
    columns = texts.read(Columns(equation, names.read(equation, data), *given))
    return covariates.read(labelled.read(columns) if covariates.has_any(columns) else columns).data
