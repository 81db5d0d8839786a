"""Problems of data for an equation, found before anything is fitted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gft.cells.columns import Columns
from gft.cells.missing_codes import LOOKS_MISSING, likely_missing, ordinary_in, warning_of
from gft.data.checks import bare_columns
from gft.data.overlap import Overlap
from gft.data.problem import Problem
from gft.data.problems import find_problems, given_away
from gft.data.roles import Roles
from gft.data.sampling import spread
from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.language.equation import Equation
from gft.report.tables import percent
from gft.results.compatibility import Compatibility
from gft.targets.classes import PROBLEMS
from gft.tasks.protocol import Task
from gft.tasks.together import overlap

_OF_TEXTS = {"long", "damaged", "bytes", "markup", "given away", "gives away",
             "nearly in two splits", "languages", "lengths"}  # fmt: skip
"""Kinds of problems that only inputs of text have."""
MEASURED_ROWS = 200
MOST_CHARACTERS = 2_000_000
"""The number of characters that are searched before a fit for label leakage."""
OF_LABELS = PROBLEMS
"""Kinds of problems of labels; the target says which of them can concern a task."""


def problems_of(
    data: DataSet,
    equation: Equation,
    task_type: type[Task],
    roles: dict[str, str],
    named: Sequence[str] = (),
    group: str | None = None,
) -> list[Problem]:
    """Return the problems of data; file names are not texts, texts and tags are not classes.

    `roles` has the splits that are used as train, val and test. `named` are the values of `--na`,
    `group` is the column of `--group`.
    """
    read = _reads_text(task_type, equation)
    excluded = set() if read else _OF_TEXTS
    excluded = excluded | (OF_LABELS - task_type.target.problems)
    excluded = excluded | ({"long"} if task_type.windowed else set())
    used = [name for name in roles.values() if name in data.splits]
    ordered = DataSet(
        data.name, {name: data.splits[name] for name in dict.fromkeys([*used, *data.splits])}
    )
    task = task_type.of_columns(equation).located(data.folder)
    found = find_problems(
        ordered,
        equation.left,
        equation.texts,
        task_type.target.numeric,
        _overlaps(ordered, task, group),
        _alike(task),
        group,
        tuple(name for name in equation.inputs if name not in equation.texts),
    )
    problems = [problem for problem in found if problem.kind not in excluded]
    looks_missing = likely_missing(data, equation, task_type.target)
    ordinary = ordinary_in(looks_missing, data, equation)
    warning = warning_of(looks_missing, task_type.target.numeric, named, ordinary)
    if warning is not None:
        problems.append(Problem(LOOKS_MISSING, sum(one.count for one in looks_missing), warning))
    return problems


def _alike(task: Task) -> Callable[[tuple[str, ...]], tuple[str, ...]] | None:
    """Return how a fit normalises inputs to find duplicates; None if they are not texts."""
    if not task.reads_text:
        return None
    pairs = [*zip(task.inputs, task.input_kinds, strict=True)]
    kinds = [*task.texts.values(), *(kind for _, kind in pairs if kind.is_covariate)]
    return lambda inputs: tuple(
        one.bare([cell])[0] for one, cell in zip(kinds, inputs, strict=True)
    )


def giveaways_of(rows: Rows, equation: Equation, task_type: type[Task]) -> list[Problem]:
    """Return label leakage, as `problems_of` does, in about a second.

    Fewer rows of long texts are searched.
    """
    if not _reads_text(task_type, equation) or "gives away" not in task_type.target.problems:
        return []
    if not {*equation.left, *equation.inputs} <= rows.columns.keys():
        return []
    some = spread(rows, MEASURED_ROWS)
    long = sum(len(str(cell)) for name in equation.texts for cell in some.column(name))
    each = max(1, long) * len(equation.left) / max(1, len(some))
    rows = spread(rows, max(MEASURED_ROWS, int(MOST_CHARACTERS / each)))
    beside = tuple(name for name in equation.inputs if name not in equation.texts)
    return list(given_away(rows, equation.left, equation.texts, task_type.target.numeric, beside))


def _reads_text(task_type: type[Task], equation: Equation) -> bool:
    """Say whether all inputs but covariates are texts or words."""
    input_kinds = task_type.kinds_of(equation)
    return all(one.is_text for one in input_kinds if not one.is_covariate)


def bare_columns_of(task_type: type[Task], columns: Columns) -> list[str]:
    """Return notes on bare columns that could be covariates, if the task takes covariates."""
    if not any(one.is_covariate for one in task_type.takes):
        return []
    return bare_columns(columns.equation, columns.data)


def _overlaps(data: DataSet, task: Task, group: str | None) -> dict[tuple[str, str], Overlap]:
    """Return the overlap of each split with each split before it, by both names.

    Near duplicates are searched in the first split, which is trained on.
    """
    splits = {
        name: rows for name, rows in data.splits.items() if {*task.inputs} <= rows.columns.keys()
    }
    names = list(splits)
    return {
        (name, other): overlap(task, splits[name], splits[other], group, near=other == names[0])
        for index, name in enumerate(names)
        for other in names[:index]
    }


def refused(
    data: DataSet, equation: Equation, task_type: type[Task], roles: Roles
) -> list[Problem]:
    """Return the mistakes that would end a fit of an equation, such as an extra tag."""
    try:
        used = roles.rows(data, equation.left)
        task = task_type.bind(equation, data, used)
        if "train" in used:
            task.with_design(used["train"])
    except UserError as error:
        return [Problem("refused", 1, f"not to be fitted: {one}") for one in error.messages]
    return []


def with_truncated_rows(
    problems: list[Problem], compatible: Compatibility | None, split: str
) -> list[Problem]:
    """Return the problems with the rows that a model would truncate, measured in its own tokens."""
    if compatible is None or compatible.over is None or compatible.windowed:
        return problems
    others = [problem for problem in problems if problem.kind != "long"]
    if not compatible.over:
        return others
    message = (
        f"{percent(compatible.over)} of the rows of {split} are longer than the "
        f"{compatible.limit:,} tokens that {compatible.model} reads, and would be truncated "
        f"(counted in {compatible.measured:,} of them)"
    )
    return [*others, Problem("cut", round(compatible.over * (compatible.measured or 0)), message)]
