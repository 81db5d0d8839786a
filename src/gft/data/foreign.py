"""Files of spreadsheets and statistics programs: which there are, and who reads them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gft.errors import UserError

if TYPE_CHECKING:
    from gft.data.objects import Read

WORKBOOKS = (".xlsx", ".xlsm", ".ods", ".xls")
SURVEYS = (".sav", ".zsav", ".por", ".dta", ".sas7bdat", ".xpt")
RDS = ".rds"
FOREIGN_FORMS = (*WORKBOOKS, *SURVEYS, RDS)

_IN_SPREADSHEETS = "open it in a spreadsheet program and save it as xlsx or csv"
NOT_READ = {
    ".numbers": "a document of Apple Numbers; there, File > Export To > Excel or CSV",
    ".xlsb": f"a binary workbook; {_IN_SPREADSHEETS}",
    ".gsheet": "a link to a sheet of Google's; there, File > Download > xlsx or csv",
    ".rdata": "a file of R's save(); in R, load() it and saveRDS(the_data_frame, 'x.rds')",
    ".rda": "a file of R's save(); in R, load() it and saveRDS(the_data_frame, 'x.rds')",
    ".sas7bcat": "a catalog of labels; name the sas7bdat beside it",
    ".spv": "output of SPSS, which holds no data; name the sav",
}
"""Forms that are not read, and what to do."""


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
