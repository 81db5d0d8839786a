"""What the splits that are scored share with the rows that a model is trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gft import notes
from gft.cells.reading import read_columns
from gft.data.overlap import Overlap
from gft.data.partition import Partition
from gft.data.picking import Picked
from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.functions.inputs import with_fitted_data
from gft.functions.options import Scoring
from gft.functions.splits import fitted_partition
from gft.language.equation import parse_equation
from gft.language.program import Program
from gft.model.opened import Opened
from gft.opening import open_data
from gft.registry import tasks
from gft.tasks.protocol import Task
from gft.tasks.together import overlap

LARGEST = 256_000_000
"""Bytes of files of a fit's data that are too many to be read for a look at them."""


def overlaps_with_train(
    task: Task, partition: Partition, used: Mapping[str, Rows], group: str | None
) -> dict[str, Overlap]:
    """Return by role what val and test share with train, and warn of it; nothing of the others.

    `used` holds the rows that are trained on or scored. What was drawn out of train shares
    nothing with it, and a role that is train itself all.
    """
    names = partition.names()
    found = {}
    for role, rows in used.items():
        if names[role] != names["train"] and not partition.parts[role].drawn:
            shared = overlap(task, rows, used["train"], group)
            notes.warn(*(one.message for one in shared.problems(role, "train", group)))
            if shared.shared.any() or shared.near:
                found[role] = shared
    _warn_of_val(task, partition, used, found)
    return found


def _warn_of_val(
    task: Task, partition: Partition, used: Mapping[str, Rows], found: Mapping[str, Overlap]
) -> None:
    """Warn of rows of test that val has, which chooses the epoch, but for those that train has."""
    names = partition.names()
    if not {"val", "test"} <= used.keys() or names["val"] == names["test"]:
        return
    if partition.parts["val"].drawn and partition.parts["test"].drawn:
        return
    same = np.zeros(len(used["test"]), dtype=bool)
    left = np.flatnonzero(~found["test"].shared if "test" in found else ~same)
    if not len(left):
        return
    shared = overlap(task, used["test"].select(left), used["val"], near=False)
    same[left] = shared.same
    shared = replace(shared, same=same, grouped=np.zeros_like(same))
    notes.warn(*(one.message for one in shared.problems("test", "val")))


def overlap_with_fitted(
    task: Task, fitted: Opened, data: DataSet, picked: Picked, rows: Rows, program: Program
) -> Overlap | None:
    """Return what the scored `rows` share with those that a fitted model was trained on.

    It is None where they share nothing, where the rows are of the split that was trained on, or
    drawn out of it, and where other data was trained on that cannot be had (`_train_elsewhere`).
    What is shared is warned of.
    """
    partition = fitted_partition(fitted.source.folder)
    train = None if partition is None else partition.parts.get("train")
    if partition is None or train is None or fitted.record is None:
        return None
    if partition.fingerprint == data.fingerprint():
        if train.split in (picked.name, picked.split):
            return None
        known, name = partition.used(data, "train"), "train"
    else:
        found = _train_elsewhere(task, fitted.record, partition, program)
        if found is None:
            return None
        known, name = found, "the fit's train"
    group = program.options.of(Scoring).group
    shared = overlap(task, rows, known, group)
    notes.warn(*(one.message for one in shared.problems(picked.name, name, group)))
    return shared if shared.shared.any() or shared.near else None


def _train_elsewhere(
    task: Task, record: Mapping[str, Any], partition: Partition, program: Program
) -> Rows | None:
    """Return the rows that a model was trained on, from the files that they were in.

    It is None where these have gone, are `LARGEST` or more, or have changed, where the data was no
    file, and where its inputs had other names.
    """
    equation = parse_equation(record["program"]["eqn"])
    files = record["data"].get("files")
    if not isinstance(files, dict) or not record["data"].get("path"):
        return None
    path = Path(record["data"]["path"])
    every = [_file(path, name) for names in files.values() for name in names]
    if None in every or sum(one.stat().st_size for one in every if one) >= LARGEST:
        return None
    given = replace(program, datas=(), splits=None, options=program.options.but(splits=None))
    given = with_fitted_data(given, record)
    try:
        data = open_data(given)
        if data.fingerprint() != partition.fingerprint:
            return None
        data = read_columns(equation, data, tasks()[task.name], given.options).data
    except UserError:
        return None  # The user did not name this data: a defect in it is not a mistake.
    train = partition.used(data, "train")
    return train if set(task.inputs) <= set(train.columns) else None


def _file(path: Path, name: str) -> Path | None:
    """Return a file of data: in the folder that it is, or beside what it is called."""
    return next((one for one in (path / name, path.parent / name) if one.is_file()), None)
