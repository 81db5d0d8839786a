"""The split that eval, predict and cat_data read: `--split` means the same rows in all three."""

from __future__ import annotations

from pathlib import Path

from gft import notes
from gft.data.folders import VAL_NAMES
from gft.data.labels import Golds
from gft.data.partition import Partition, read_partition
from gft.data.picking import Labelling, Picked, pick_split
from gft.data.roles import Sizes, usual_val
from gft.data.table import DataSet, Rows
from gft.data.ties import Ties
from gft.errors import UserError, counted, listed
from gft.folder import PARTITION
from gft.functions.options import DrawnSizes, Scoring
from gft.language.equation import Equation
from gft.language.options import Shared
from gft.language.program import SELECT_FROM_TRAIN, TEST_FROM_TRAIN, Options, Program
from gft.registry import tasks
from gft.storage.manifest import check_file
from gft.tasks.protocol import Task
from gft.tasks.together import together

MOST_TIED = 0.2
"""A note names a bundle with a larger share of the rows."""


def read_split(
    program: Program,
    data: DataSet,
    equation: Equation | None,
    folder: Path | None = None,
    model: Task | None = None,
    held_out: str | None = None,
    scores: bool = False,
    without_drawn: bool = False,
) -> Picked:
    """Return the split that a program reads, and note which it is.

    It is what `--split` asks for, else `held_out`, else test, which must have a label where it
    `scores`. What the fit of the model in `folder` drew is read from there. Where nothing was
    drawn, val is taken from train as a fit of the `equation` (to which `model`'s task belongs)
    would take it; train keeps these rows unless it is read `without_drawn`. `data` has its cells as
    the task takes them. Raises `UserError`.
    """
    requested = program.options.of(Shared).split
    name = requested or held_out
    known = None
    drawn_from = without_drawn and name not in (*VAL_NAMES, "test")
    if equation is not None and (scores or drawn_from or _may_be_drawn(name, data)):
        try:
            known = labelling(data, equation, model, program.options)
        except UserError:
            if folder is None or not drawn_from:  # Otherwise it is needed for what was drawn alone.
                raise
    elif drawn_from and folder is None and _sizes_act(program.options, data):
        raise UserError("--val_size and --test_size need --eqn, which names the label column")
    try:
        picked = pick_split(
            data, name, program.splits, known, fitted_partition(folder), scores, without_drawn
        )
    except UserError as problem:
        if equation is None and _may_be_drawn(name, data) and "train" in data.splits:
            raise UserError(
                f"{problem}; gft_fit draws val from train; --eqn names the label column"
            ) from None
        raise
    notes.note(picked.note)
    return picked


def fitted_partition(folder: Path | None) -> Partition | None:
    """Return which row was where when the model in a folder was fitted, None if nobody wrote it."""
    if folder is None:
        return None
    check_file(folder / PARTITION)
    return read_partition(folder / PARTITION)


def labelling(data: DataSet, equation: Equation, model: Task | None, options: Options) -> Labelling:
    """Return how the labels of an equation are read; `model` is the task of a model for it.

    `options` say how large the splits are that are drawn, and whose groups are drawn as a whole.
    """
    group = options.of(Scoring).group
    task_type = tasks()[model.name if model else equation.task]

    def bound(rows: Rows) -> Task:
        return task_type.bind(equation, data, {"test": rows}, model)

    def golds(split: str) -> Golds | None:
        rows = data.splits[split]
        return bound(rows).golds_of(rows) if set(equation.left) <= rows.columns.keys() else None

    first = next(
        (rows for rows in data.splits.values() if set(equation.left) <= rows.columns.keys()), None
    )
    task = model or (bound(first) if first is not None else None)

    def tied(rows: Rows, split: str) -> Ties:
        return together(bound(rows), group)(rows, split)

    stratified = task is not None and task.target.stratified
    return Labelling(golds, tied, stratified, drawn_sizes(options))


def drawn_sizes(options: Options) -> Sizes:
    """Return `--val_size` and `--test_size`."""
    given = options.of(DrawnSizes)
    return Sizes(given.val_size, given.test_size)


def _sizes_act(options: Options, data: DataSet) -> bool:
    """Say whether `--val_size` or `--test_size` is given for a split that the data lacks."""
    sizes = drawn_sizes(options)
    return (sizes.val is not None and usual_val(data) is None) or (
        sizes.test is not None and "test" not in data.splits
    )


def about_drawing(partition: Partition, group: str | None) -> list[str]:
    """Return notes on what belongs together in the split that was drawn from."""
    drawn, found = partition.drawing, list[str]()
    if drawn is None:
        return []
    roles = listed(role for role, part in partition.parts.items() if part.drawn)
    if drawn.left_out:
        found.append(
            f"left out: {counted(drawn.left_out, 'row')} in groups of {group} that were drawn for "
            f"{roles}, whose short texts other groups have too"
        )
    if drawn.near:
        are = "are" if drawn.near > 1 else "is"
        found.append(f"{counted(drawn.near, 'row')} of {roles} {are} nearly in train")
    if drawn.largest > MOST_TIED * drawn.rows:
        found.append(
            f"{drawn.largest:,} of the {drawn.rows:,} labelled rows belong together (the same "
            f"input{f', {group},' if group else ''} or nearly), so they are all on one side; "
            "remove what is repeated, or name a val split: --splits TRAIN,VAL,TEST"
        )
    return found


def _may_be_drawn(name: str | None, data: DataSet) -> bool:
    drawn = (*VAL_NAMES, "test", SELECT_FROM_TRAIN, TEST_FROM_TRAIN)
    return name in drawn and name not in data.splits
