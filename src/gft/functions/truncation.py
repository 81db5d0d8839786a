"""What a model does not read of rows that are too long, in a sentence."""

from __future__ import annotations

from gft.errors import counted
from gft.inputs.features import Unread
from gft.report.tables import percent
from gft.tasks.protocol import Task


def truncated(
    unread: Unread, task: Task, limit: int, split: str | None = None, rows: int = 0
) -> str:
    """Return the note that rows are longer than a task reads, with the share that is lost.

    `limit` is the longest feature in tokens. `split` has so many `rows`; None: the number of all
    is not known.
    """
    which = f"{unread.rows:,} of {rows:,} rows of {split}" if split else counted(unread.rows, "row")
    are = "is" if unread.rows == 1 else "are"
    return (
        f"{which} {are} {task.too_long(limit)}: {percent(unread.share)} of all tokens are not read"
    )
