"""Rows of data in a spreadsheet, and marks by which they are known again."""

from __future__ import annotations

import re

import pyarrow as pa

from gft.data.marks import row_marks, shown_cell
from gft.data.table import Rows


def test_marks_are_those_of_the_cells() -> None:
    rows = Rows(pa.table({"a": ["é", "x", "x", None], "b": ["1\n2", "", "y", ""]}))
    same = Rows(pa.table({"a": ["e\u0301", "x"], "b": ["1\r\n2", ""], "c": [1, 2]}))
    marks = list(row_marks(rows, ["a", "b"]))
    assert marks[:2] == list(row_marks(same, ["a", "b"]))
    assert len(set(marks)) == 4
    assert all(re.fullmatch("x[0-9a-f]{16}", mark) for mark in marks)
    # Which cell a letter is in counts.
    assert len(set(row_marks(Rows(pa.table({"a": ["xy", "x"], "b": ["", "y"]})), ["a", "b"]))) == 2


def test_long_cells_are_cut_and_lists_are_json() -> None:
    rows = Rows(pa.table({"a": ["x" * 40_000], "b": [["p", "q"]]}))
    cut = shown_cell(rows.columns["a"], rows.column("a")[0])
    assert len(cut) < 32_767 and cut.endswith(" …")
    assert shown_cell(rows.columns["b"], rows.column("b")[0]) == '["p", "q"]'
