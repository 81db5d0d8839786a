"""What the splits that are scored share with the rows that a model is trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from gft import notes
from gft.data.overlap import Overlap
from gft.data.partition import Partition
from gft.data.picking import Picked
from gft.data.table import DataSet, Rows
from gft.functions.splits import fitted_partition
from gft.tasks.protocol import Task
from gft.tasks.together import overlap


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
    task: Task, folder: Path | None, data: DataSet, picked: Picked, rows: Rows, group: str | None
) -> Overlap | None:
    """Return what the scored `rows` share with those that the model in a folder was trained on.

    It is None where they share nothing, where the rows are of the split that was trained on, or
    drawn out of it, and where the model was not fitted to this data. What is shared is warned of.
    """
    partition = fitted_partition(folder)
    train = None if partition is None else partition.parts.get("train")
    if partition is None or train is None or partition.fingerprint != data.fingerprint():
        return None
    if train.split in (picked.name, picked.split):
        return None
    shared = overlap(task, rows, partition.used(data, "train"), group)
    notes.warn(*(one.message for one in shared.problems(picked.name, "train", group)))
    return shared if shared.shared.any() or shared.near else None
