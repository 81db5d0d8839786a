"""The split that eval, predict and cat_data read: `--split` means the same rows in all three."""

from __future__ import annotations

from pathlib import Path

from gft import notes
from gft.data.folders import VAL_NAMES
from gft.data.labels import Golds
from gft.data.partition import Partition, read_partition
from gft.data.picking import Labelling, Picked, pick_split
from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.folder import PARTITION
from gft.language.equation import Equation
from gft.language.options import Shared
from gft.language.program import SELECT_FROM_TRAIN, Program
from gft.registry import tasks
from gft.tasks.protocol import Task


def read_split(
    program: Program,
    data: DataSet,
    equation: Equation | None,
    folder: Path | None = None,
    model: Task | None = None,
    held_out: str | None = None,
    scores: bool = False,
) -> Picked:
    """Return the split that a program reads, and note which it is.

    It is what `--split` asks for, else `held_out`, else test, which must have a label where it
    `scores`. What the fit of the model in `folder` drew is read from there. Where nothing was
    drawn, val is taken from train as a fit of the `equation` (to which `model`'s task belongs)
    would take it. `data` has its cells as the task takes them. Raises `UserError`.
    """
    asked = program.options.of(Shared).split
    name = asked or held_out
    known = None
    if equation is not None and (scores or _may_be_drawn(name, data)):
        known = labelling(data, equation, model)
    try:
        picked = pick_split(data, name, program.splits, known, fitted_partition(folder), scores)
    except UserError as problem:
        if equation is None and _may_be_drawn(name, data) and "train" in data.splits:
            raise UserError(
                f"{problem}; gft_fit takes val out of train, and --eqn says of which column"
            ) from None
        raise
    notes.note(picked.note)
    return picked


def fitted_partition(folder: Path | None) -> Partition | None:
    """Return which row was where when the model in a folder was fitted, None if nobody wrote it."""
    return None if folder is None else read_partition(folder / PARTITION)


def labelling(data: DataSet, equation: Equation, model: Task | None) -> Labelling:
    """Return how the labels of an equation are read; `model` is the task of a model for it."""
    kind = tasks()[model.name if model else equation.task]

    def bound(rows: Rows) -> Task:
        return kind.bind(equation, data, {"test": rows}, model)

    def golds(split: str) -> Golds | None:
        rows = data.splits[split]
        return bound(rows).golds_of(rows) if set(equation.left) <= rows.columns.keys() else None

    first = next(
        (rows for rows in data.splits.values() if set(equation.left) <= rows.columns.keys()), None
    )
    task = model or (bound(first) if first is not None else None)
    return Labelling(golds, task is not None and task.target.stratified)


def _may_be_drawn(name: str | None, data: DataSet) -> bool:
    return name in (*VAL_NAMES, SELECT_FROM_TRAIN) and name not in data.splits
