"""Classes that a draw of whole groups leaves out of train, or of what is scored."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gft.data.drawing import classes_of_rows
from gft.data.groups import groups_of
from gft.data.labels import Golds
from gft.data.partition import Partition
from gft.data.table import DataSet
from gft.errors import listed
from gft.tasks.protocol import Task

SHOWN = 6


def missing_classes(
    data: DataSet, partition: Partition, labels: Mapping[str, Golds], task: Task, group: str
) -> list[str]:
    """Return a warning for each part of a split that a draw left without a class.

    That is train, where a part that was drawn out of it has the class, and a part that was drawn
    and would have a row of the class if it had its share. `labels` are the gold values of each
    split, and no two rows of one value of the column `group` were drawn apart.
    """
    drawn = [role for role, part in partition.parts.items() if part.drawn]
    if not drawn or not task.target.stratified:
        return []
    split = partition.parts["train"].split
    counts, sizes = {}, {}
    for role in ("train", *drawn):
        golds = labels[split].of(partition.rows(data, role).numbers())
        counts[role] = task.target.described(golds, task.labels)
        sizes[role] = len(golds)
    every = {name: sum(one[name] for one in counts.values()) for name in task.labels}
    rows, why = sum(sizes.values()), _why(data, split, labels[split], group)
    found = []
    for role, of in counts.items():
        enough = 1 if role == "train" else rows / sizes[role]
        missing = [repr(name) for name in every if not of[name] and every[name] >= enough]
        if missing:
            found.append(f"{role} has no row of {listed(missing, SHOWN)}: {why}")
    return found


def _why(data: DataSet, split: str, golds: Golds, group: str) -> str:
    """Return what keeps classes apart: groups of one class each, or only whole groups."""
    rows = data.splits[split].select(np.flatnonzero(golds.known))
    groups = groups_of(rows, group, split)
    assert groups is not None
    pairs = np.stack([groups, classes_of_rows(golds.values, len(groups))])
    if np.unique(pairs, axis=1).shape[1] == len(np.unique(groups)):
        return f"every value of --group {group} has one class"
    return f"rows with the same value of --group {group} stay together, and few have this class"
