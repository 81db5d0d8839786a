"""What Python's csv module writes is what is read, cell by cell, as csv and as tsv."""

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from gft.data.delimited import read_delimited

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
MARKS = st.text(st.sampled_from("\",;\t\n\r|\\ a'é"), max_size=8)
NAMES = ["text", "label", "other"]


def tables(columns: int) -> st.SearchStrategy[list[list[str]]]:
    row = st.lists(CELLS | MARKS, min_size=columns, max_size=columns)
    return st.lists(row, min_size=1, max_size=6)


def read_back(rows: list[list[str]], ending: str, **writing: object) -> list[list[str]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"x.{ending}"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter="\t" if ending == "tsv" else ",", **writing)
            writer.writerows([NAMES[: len(rows[0])], *rows])
        table = read_delimited(path, tab=ending == "tsv")
        return [list(row.values()) for row in table.to_pylist()]


@given(rows=tables(2) | tables(3))
@example(rows=[["a\rb", "\r"]])
def test_csv(rows: list[list[str]]) -> None:
    assert read_back(rows, "csv") == rows


@given(rows=tables(2) | tables(3))
def test_csv_whose_lines_end_as_unix_has_them(rows: list[list[str]]) -> None:
    # Before Python 3.13 the csv module leaves a lone carriage return out of quotation marks then.
    rows = [[cell.replace("\r", "") for cell in row] for row in rows]
    assert read_back(rows, "csv", lineterminator="\n") == rows


@given(rows=tables(2) | tables(3))
def test_tsv_in_quotes(rows: list[list[str]]) -> None:
    assert read_back(rows, "tsv", quoting=csv.QUOTE_ALL) == rows


@given(rows=tables(1), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_one_column(rows: list[list[str]], quoting: int) -> None:
    assert read_back(rows, "csv", quoting=quoting) == rows
