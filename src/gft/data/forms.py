"""The forms of spreadsheets and statistics programs, by the endings of their names."""

from __future__ import annotations

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
    ".spacy": "a DocBin of spaCy; in Python, write its docs as JSON: "
    '[[text, {"entities": [[start, end, label]]}]]',
    ".spv": "output of SPSS, which holds no data; name the sav",
}
"""Forms that are not read, and what to do."""
