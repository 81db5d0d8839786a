"""Rows as they are written: gft's own lines, tables with a header (csv, tsv), or JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date, time
from typing import Any

from gft import notes
from gft.data.cells import text_of
from gft.data.numbers import is_number
from gft.data.spreadsheet import guarded
from gft.errors import UserError, listed
from gft.functions.options import Writing
from gft.language.program import Options
from gft.tasks.options import Ranking

LINES = "lines"
"""What is written without --format: the inputs, gold and prediction, tab-separated, no header."""
_SEPARATORS = {"csv": ",", "tsv": "\t"}


def named_row(
    columns: Mapping[str, Any], found: Mapping[str, Any], apart: bool = False
) -> dict[str, Any]:
    """Return the values of a row by name, those of its columns and what was found.

    What is found under the name of a column is called `predicted_NAME`; with `apart` each of the
    `scores` has a name of its own, `score_LABEL`.
    """
    row = dict(columns)
    for name, value in (_with_scores_apart(found) if apart else found).items():
        own = name
        while own in row:
            own = f"predicted_{own}"
        row[own] = value
    return row


def _with_scores_apart(found: Mapping[str, Any]) -> dict[str, Any]:
    scores = found.get("scores")
    if not isinstance(scores, dict):
        return dict(found)
    rest = {name: value for name, value in found.items() if name != "scores"}
    return rest | {f"score_{label}": scores[label] for label in sorted(scores)}


class RowFormat:
    """Writes rows as lines, csv, tsv or jsonl.

    In csv and tsv the first row names the columns, and with `apart` each score of a row has one;
    with `safe` a text that a spreadsheet would take for a formula has an apostrophe before it.
    """

    def __init__(self, form: str, apart: bool = False, safe: bool = False) -> None:
        self.form = form
        self.safe = safe
        self.apart = apart and form in _SEPARATORS
        self.words: Collection[str] = ()
        """The columns of lists of words or tags: separated by spaces, as in texts."""
        self._header: list[str] = []

    def lines(self, row: Mapping[str, Any], plain: str) -> str:
        """Return what to write for one row: `plain` as a line, else the named values.

        Raises `UserError` for a value that a table has no column for.
        """
        if self.form == LINES:
            return plain + "\n"
        return self._of_table(row) if self.form in _SEPARATORS else as_json(row) + "\n"

    def _of_table(self, row: Mapping[str, Any]) -> str:
        separator, lines = _SEPARATORS[self.form], ""
        if not self._header:
            self._header = list(row)
            # A tsv is read without quotation marks unless its header has them.
            lines = _line_of_table(self._guarded(self._header), separator, whole=self.form == "tsv")
        strange = row.keys() - set(self._header)
        if strange:
            raise UserError(
                f"--format {self.form}: the columns are {listed(self._header)}, and a later row "
                f"has {listed(sorted(strange))} too; --format jsonl names the values of each row"
            )
        cells = [cell_text(row.get(name), name in self.words) for name in self._header]
        return lines + _line_of_table(self._guarded(cells), separator)

    def _guarded(self, cells: Sequence[str]) -> Sequence[str]:
        return [one if is_number(one) else guarded(one) for one in cells] if self.safe else cells


def _line_of_table(cells: Sequence[str], separator: str, whole: bool = False) -> str:
    out = io.StringIO()
    # Told to end lines with \n, it would not quote a lone \r.
    writer = csv.writer(
        out, delimiter=separator, quoting=csv.QUOTE_ALL if whole else csv.QUOTE_MINIMAL
    )
    writer.writerow(cells)
    return out.getvalue().removesuffix("\r\n") + "\n"


def cell_text(value: Any, words: bool = False) -> str:
    """Return a value as a cell of a table, from which it can be read again.

    Missing is empty. A list is JSON; one of fractions, or of `words` without spaces inside,
    is separated by spaces.
    """
    if isinstance(value, list | tuple):
        plain = (
            all(isinstance(one, float) and math.isfinite(one) for one in value)
            or (words and all(_is_word(one) for one in value))
        )  # fmt: skip
        return " ".join(map(str, value)) if value and plain else as_json(list(value))
    if isinstance(value, dict):
        return as_json(value)
    if isinstance(value, float) and math.isnan(value):
        return ""
    return text_of(_plain(value))


def _is_word(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    # A text that begins so would be read as a list that was written into a cell.
    return value.split() == [value] and not value.startswith(("[", "("))


def as_json(value: Any) -> str:
    """Return a value as one line of JSON: NaN is null, a date is in ISO's form."""
    try:
        return json.dumps(value, ensure_ascii=False, default=_plain, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, default=_plain)


def _finite(value: Any) -> Any:
    """Return a value as JSON can hold it: null for a number that is none."""
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plain(value: Any) -> Any:
    """Return a value that JSON does not know as one that it knows."""
    from decimal import Decimal

    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | time):  # A time of a day is one too.
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value if isinstance(value, bool | int | float | str | None) else str(value)


def row_format(options: Options) -> RowFormat:
    """Return the format of `--format`, gft's lines if none is given. Raises `UserError`."""
    form = options.of(Writing).format or LINES
    if form not in (LINES, "tsv", "csv", "jsonl"):
        raise UserError(f"--format {form}: rows are written as tsv, csv or jsonl")
    if form == "tsv":  # It was another name for lines.
        notes.note("--format tsv is a table with a header; gft's own lines are without --format")
    safe = options.of(Writing).safe_csv
    if safe and form not in _SEPARATORS:
        notes.note("--safe_csv has no effect: it is for --format csv and tsv")
    return RowFormat(form, options.of(Ranking).return_all_scores, safe)
