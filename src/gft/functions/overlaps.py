"""What the splits that are scored share with the rows that a model is trained on."""

from __future__ import annotations

from collections.abc import Mapping

from gft import notes
from gft.data.overlap import Overlap
from gft.data.partition import Partition
from gft.data.table import Rows
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
    return found
