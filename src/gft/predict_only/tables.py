"""Answers to questions about tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gft.errors import UserError
from gft.inputs.files import source_of
from gft.inputs.text import as_text
from gft.predict_only.pipelines import pipeline
from gft.predict_only.protocol import Answer, Applied, RowByRow, text_in


class TableQuestionAnswering(RowByRow):
    """The cells of a table that answer a question (TAPAS, Herzig et al. 2020)."""

    name = "table_question_answering"
    aliases = ("table-question-answering",)
    summary = "the cells of a table that answer a question"
    right = "a question, and a table: a csv or tsv file, or its columns"
    inputs = ("question", "table")
    heads = ("table-question-answering",)
    default_model = "google/tapas-base-finetuned-wtq"
    example = "echo 'how old is Ann|people.csv' | gft_predict --task table_question_answering"

    def answering_row(self, applied: Applied) -> Callable[[Any, Any], Answer]:
        """Return the function that answers a row: with cells, and how to aggregate them."""
        import pandas as pd

        find = pipeline("table-question-answering", applied)

        def answer(question: Any, cell: Any) -> Answer:
            table = pd.DataFrame(table_of(cell, self.folders), dtype=str)
            found = find(table=table, query=text_in(question, "question"))
            cells = [str(one).strip() for one in found.get("cells", ())]
            how = str(found.get("aggregator", "NONE"))
            return Answer([", ".join(cells), how], {"prediction": cells, "aggregation": how})

        return answer


def table_of(cell: Any, folders: Sequence[str]) -> dict[str, list[str]]:
    """Return the columns of a table in a file, a dict of lists, or a list of rows.

    A dict or a list may be written as JSON. A dict may also hold `header` and `rows`, as in the
    data set wikitablequestions. Raises `UserError` for anything else.
    """
    if isinstance(cell, str) and cell.lstrip()[:1] in ("{", "["):
        try:
            cell = json.loads(cell)
        except ValueError as problem:
            raise UserError(f"the table is not valid JSON: {problem}") from None
    if isinstance(cell, str):
        return _of_file(source_of(cell, folders))
    if isinstance(cell, Mapping) and {"header", "rows"} <= set(cell):
        rows = [dict(zip(cell["header"], row, strict=False)) for row in cell["rows"]]
        return _of_rows(rows)
    if isinstance(cell, Mapping) and cell:
        columns = {str(name): cell[name] for name in cell}
        lists = [column for column in columns.values() if isinstance(column, list)]
        if len(lists) == len(columns) and len({len(column) for column in lists}) == 1:
            return {name: list(map(as_text, column)) for name, column in columns.items()}
    if isinstance(cell, list) and cell and all(isinstance(row, Mapping) for row in cell):
        return _of_rows(cell)
    raise UserError(
        "expected a table: a csv or tsv file, or columns such as "
        f'{{"name": ["Ann", "Bob"], "age": ["31", "40"]}}; found {cell!s:.40}'
    )


def _of_rows(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    return {name: [as_text(row.get(name)) for row in rows] for name in names}


def _of_file(path: str) -> dict[str, list[str]]:
    """Return the columns of a csv or tsv file with a header. Raises `UserError`."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            mark = "\t" if path.endswith(".tsv") else ","
            lines = list(csv.reader(file, delimiter=mark))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise UserError(f"{path} cannot be read as a table: {problem}") from None
    lines = [line for line in lines if line]
    if len(lines) < 2 or any(len(line) != len(lines[0]) for line in lines):
        raise UserError(
            f"{path} is not a table: expected a header, and rows with as many cells as it"
        )
    return {name: [line[n] for line in lines[1:]] for n, name in enumerate(lines[0])}
