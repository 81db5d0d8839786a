"""Whether the scores of val and test fit into memory: one number for each row and class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gft.errors import UserError
from gft.storage.memory import free_memory
from gft.storage.space import in_words

if TYPE_CHECKING:
    from gft.data.table import Rows
    from gft.tasks.protocol import Task

BYTES = 4
COPIES = 4
"""How often they are there at a time at most: in batches, joined, as probabilities, compared."""
NEGLIGIBLE = 1 << 28
"""Bytes that are not worth asking the system for."""


def check_scores(task: Task, rows: Mapping[str, Rows]) -> None:
    """Raise `UserError` if the scores of the rows of val or test do not fit into memory."""
    for role, some in rows.items():
        needed = COPIES * BYTES * len(some) * len(task.labels)
        if role == "train" or needed < NEGLIGIBLE:
            continue
        free = free_memory()
        if free is not None and needed > free:
            affordable = max(1, len(some) * free // (2 * needed))
            raise UserError(
                f"scores of {len(some):,} rows of {role} for each of {len(task.labels):,} classes "
                f"take {in_words(needed)} of memory, and {in_words(free)} are free: score fewer "
                f"rows (--max_eval_samples {affordable}), or choose a column with fewer classes"
            )
