"""What a model does not read of rows that are too long, in a sentence."""

from __future__ import annotations

from gft.errors import counted
from gft.inputs.features import Unread
from gft.report.tables import percent


def truncated(unread: Unread, limit: int, split: str | None = None, rows: int = 0) -> str:
    """Return the note that rows are longer than `limit` tokens, with the share that is lost.

    `split` has so many `rows`; None: the number of all is not known.
    """
    which = f"{unread.rows:,} of {rows:,} rows of {split}" if split else counted(unread.rows, "row")
    are = "is" if unread.rows == 1 else "are"
    return (
        f"{which} {are} longer than {limit} tokens and {are} truncated there: "
        f"{percent(unread.share)} of all tokens are not read"
    )
