"""Rows as text: fields joined and escaped, lines split again."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from gft.data.cells import text_of
from gft.errors import UserError, listed
from gft.functions.options import Writing
from gft.language.program import Options
from gft.tasks.options import Ranking

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_UNESCAPES = {"\\": "\\", "|": "|", "t": "\t", "n": "\n", "r": "\r"}
_UNESCAPED_BAR = re.compile(r"(?<!\\)((?:\\\\)*)\|")


def escape(text: str, bars: bool = False) -> str:
    r"""Return a field without tabs and newlines: `\\`, `\t`, `\n`, `\r`, and `\|` with `bars`."""
    escaped = "".join(_ESCAPES.get(character, character) for character in text)
    return escaped.replace("|", "\\|") if bars else escaped


def unescape(text: str) -> str:
    """Return what `escape` was given; an unknown escape stays as it is."""
    if "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda found: _UNESCAPES.get(found[1], found[0]), text)


def join_inputs(values: Sequence[str]) -> str:
    """Return the inputs of a row as one field: several are joined by bars."""
    if len(values) == 1:
        return escape(values[0])
    return "|".join(escape(value, bars=True) for value in values)


def split_line(
    line: str, inputs: int, delimiter: str | None, number: int
) -> tuple[list[str], str | None]:
    """Return the inputs of a line of standard input, and its gold field if it has one.

    With one input the first tab-separated field is the input, a second one is gold, and bars are
    text. With n inputs the first field is split at unescaped bars into n, or the line has n
    tab-separated fields. Raises `UserError` naming the line.
    """
    if delimiter is not None:
        fields = line.split(delimiter)
        if len(fields) not in (inputs, inputs + 1):
            raise UserError(_wrong(number, inputs, len(fields), repr(delimiter)))
        return fields[:inputs], next(iter(fields[inputs:]), None)
    fields = line.split("\t")
    parts = fields[:1] if inputs == 1 else _UNESCAPED_BAR.sub("\\1\0", fields[0]).split("\0")
    if len(parts) == inputs:
        fields = parts + fields[1:]
    elif len(fields) not in (inputs, inputs + 1):
        raise UserError(_wrong(number, inputs, max(len(parts), len(fields)), "| or a tab"))
    texts = [unescape(field) for field in fields[: inputs + 1]]
    return texts[:inputs], next(iter(texts[inputs:]), None)


def _wrong(number: int, inputs: int, found: int, between: str) -> str:
    return f"line {number}: expected {inputs} inputs with {between} between them, found {found}"


def named_row(columns: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a row by name, those of its columns and what was found.

    What is found under the name of a column is called `predicted_NAME`.
    """
    row = dict(columns)
    for name, value in found.items():
        row[f"predicted_{name}" if name in columns else name] = value
    return row


class RowFormat:
    """Writes rows as tsv, csv or jsonl: `names` are the columns' own names.

    In csv the first row names the columns; with `apart`, each of its `scores` has a column.
    """

    def __init__(self, form: str, apart: bool = False) -> None:
        self.form = form
        self.apart = apart
        self._header: list[str] = []

    def lines(self, row: Mapping[str, Any], plain: str) -> str:
        """Return what to write for one row: `plain` as tsv, else the named values.

        Raises `UserError` for a value that csv has no column for.
        """
        if self.form == "jsonl":
            return json.dumps(row, ensure_ascii=False, default=str) + "\n"
        if self.form == "csv":
            return self._csv(_with_scores_apart(row) if self.apart else row)
        return plain + "\n"

    def _csv(self, row: Mapping[str, Any]) -> str:
        lines = ""
        if not self._header:
            self._header = list(row)
            lines = _csv_line(self._header)
        strange = row.keys() - set(self._header)
        if strange:
            raise UserError(
                f"--format csv: the columns are {listed(self._header)}, and a later row has "
                f"{listed(sorted(strange))} too; --format jsonl names the values of each row"
            )
        return lines + _csv_line([text_of(row.get(name)) for name in self._header])


def _csv_line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)  # Told to end lines with \n, it would not quote a lone \r.
    return out.getvalue().removesuffix("\r\n") + "\n"


def _with_scores_apart(row: Mapping[str, Any]) -> dict[str, Any]:
    scores = row.get("scores")
    if not isinstance(scores, dict):
        return dict(row)
    rest = {name: value for name, value in row.items() if name != "scores"}
    return rest | {f"score_{label}": scores[label] for label in sorted(scores)}


def row_format(options: Options) -> RowFormat:
    """Return the format of `--format`, tsv if none is given. Raises `UserError`."""
    form = options.of(Writing).format or "tsv"
    if form not in ("tsv", "csv", "jsonl"):
        raise UserError(f"--format {form}: rows are written as tsv, csv or jsonl")
    return RowFormat(form, options.of(Ranking).return_all_scores)
