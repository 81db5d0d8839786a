"""Files of spreadsheets and statistics programs, each read by its own reader."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gft.data.forms import RDS, WORKBOOKS
from gft.errors import UserError

if TYPE_CHECKING:
    from gft.data.objects import Read


def read_foreign(
    path: Path, form: str, sheet: str | None = None, encoding: str | None = None
) -> Read:
    """Return a file of one of `FOREIGN_FORMS`; `sheet` is the sheet of a workbook.

    `encoding` is that of a statistics program's texts, if the file does not say it rightly.

    Raises `UserError`, before anything else where the library that reads it is not installed.
    """
    if sheet is not None and form not in WORKBOOKS:
        raise UserError(f"{path} has no sheets; expected no name of one after it: {sheet!r}")
    if form in WORKBOOKS:
        from gft.data.workbooks import read_workbook

        return read_workbook(path, sheet)
    if form == RDS:
        from gft.data.rds import read_rds

        return read_rds(path)
    from gft.data.surveys import read_survey

    return read_survey(path, form, encoding)
