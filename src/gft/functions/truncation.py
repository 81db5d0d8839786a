"""What a model does not read of rows that are too long, in a sentence."""

from __future__ import annotations

from gft.errors import counted
from gft.inputs.features import Unread
from gft.report.tables import percent


def truncated(
    unread: Unread, too_long: str, split: str | None = None, rows: int = 0, unit: str = "tokens"
) -> str:
    """Return the note that rows are longer than a model reads, with the share that is lost.

    `too_long` says what they are; lengths are counted in `unit`. `split` has so many `rows`; None:
    the number of all is not known.
    """
    which = f"{unread.rows:,} of {rows:,} rows of {split}" if split else counted(unread.rows, "row")
    are = "is" if unread.rows == 1 else "are"
    return f"{which} {are} {too_long}: {percent(unread.share)} of all {unit} are not read"
