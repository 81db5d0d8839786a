"""Rows that gft writes are rows that it reads: escaped fields, bars, and every form of a table."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from gft.data.delimited import read_delimited
from gft.functions.row_formats import RowFormat
from gft.functions.rows import escape, join_inputs, split_line, unescape

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
MARKS = st.text(st.sampled_from("\\|\t\n\rtn a"), max_size=8)
FIELDS = TEXTS | MARKS


@given(FIELDS, st.booleans())
def test_a_field_is_one_field_and_reads_back(text: str, bars: bool) -> None:
    escaped = escape(text, bars)
    assert not {"\t", "\n", "\r"} & set(escaped)
    assert unescape(escaped) == text


@given(st.lists(FIELDS, min_size=1, max_size=4), st.none() | FIELDS)
def test_a_line_is_its_inputs_and_gold(inputs: list[str], gold: str | None) -> None:
    line = "\t".join([join_inputs(inputs), *([] if gold is None else [escape(gold)])])
    assert split_line(line, len(inputs), None, 1) == (inputs, gold)


ROWS = st.lists(st.fixed_dictionaries({"text": FIELDS, "label": FIELDS}), min_size=1, max_size=5)


@given(ROWS)
def test_csv_that_is_written_is_read(rows: list[dict[str, str]]) -> None:
    form = RowFormat("csv")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_text("".join(form.lines(row, "") for row in rows), "utf-8", newline="")
        assert read_delimited(path).to_pylist() == rows


@given(ROWS)
def test_jsonl_that_is_written_is_read(rows: list[dict[str, str]]) -> None:
    form = RowFormat("jsonl")
    lines = [form.lines(row, "") for row in rows]
    assert all(line.count("\n") == 1 for line in lines)
    assert [json.loads(line) for line in lines] == rows
