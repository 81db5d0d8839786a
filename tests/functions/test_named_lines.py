"""Rows of standard input with names: what is read of them, and what is said of wrong ones."""

from __future__ import annotations

import io

import pytest

from gft.errors import UserError
from gft.functions.input_rows import of_stream
from gft.functions.named_lines import named_lines
from gft.language.program import Options

NEEDED, GOLD = ("text", "age"), ("vote",)


def read(text: str, form: str, kept: tuple[str, ...] | None = None) -> dict[str, list[object]]:
    found = list(named_lines(io.BytesIO(text.encode()), form, NEEDED, GOLD, kept))
    return {name: [one for part in found for one in part.cells[name]] for name in found[0].cells}


def test_a_table_is_read_by_the_names_in_its_header() -> None:
    text = 'age,vote,text\n34,yes,"a, b"\n\n,no,"two\nlines ""quoted"""\n'
    assert read(text, "csv") == {
        "text": ["a, b", 'two\nlines "quoted"'], "age": ["34", ""], "vote": ["yes", "no"],
    }  # fmt: skip
    assert read("text;age\nso, so;1,5\n", "csv") == {"text": ["so, so"], "age": ["1,5"]}
    assert read("text\tage\nso\t1\n", "tsv") == {"text": ["so"], "age": ["1"]}


def test_json_is_read_by_its_names() -> None:
    text = '{"age": 34, "text": "a", "id": 7}\n{"text": "b", "age": null}\n'
    assert read(text, "jsonl") == {"text": ["a", "b"], "age": [34, None]}
    assert read(text, "jsonl", ("id",))["id"] == [7, None]


WRONG = {
    ("text,agee\na,1\n", "csv"): r"no column 'age' in standard input \(did you mean 'agee'\?\)",
    ("text,age\na,1\nb\n", "csv"): r"line 3 of standard input has 1 cell and lacks 'age'",
    ("text,age\na,1,2\n", "csv"): r"line 2 of standard input has 3 cells, the header names 2",
    ("text,age,age\n", "csv"): r"has the column 'age' twice",
    ('text,age\n"a,1\n', "csv"): r"line 2 of standard input: its quotation mark is not closed",
    ('{"text": "a", "age": 1}\n{"text": "b"}\n', "jsonl"): r"line 2 .* has no 'age'; it has text",
    ('{"text": "a", "age": 1}\n[1]\n', "jsonl"): r"line 2 of standard input holds \[1\], expected",
    ("text\n", "jsonl"): r"line 1 of standard input is not JSON",
}  # fmt: skip


@pytest.mark.parametrize(("text", "form"), WRONG)
def test_a_wrong_row_is_named(text: str, form: str) -> None:
    with pytest.raises(UserError, match=WRONG[text, form]):
        read(text, form)


def test_gold_and_kept_columns_go_with_the_rows() -> None:
    stream = io.BytesIO(b"id,text,vote,age\n7,a,yes,1\n")
    options = Options({"input_format": "csv", "keep": ("id",)})
    [found] = of_stream(NEEDED, GOLD, stream, options)
    assert (found.golds, found.gold_cells, found.kept) == (
        ["yes"],
        {"vote": ["yes"]},
        {"id": ["7"]},
    )


def test_plain_lines_of_json_are_told_how_to_be_read() -> None:
    stream = io.BytesIO(b'{"text": "a", "age": 1}\n')
    with pytest.raises(UserError, match="line 1 is a JSON object; --input_format jsonl"):
        next(of_stream(NEEDED, GOLD, stream, Options({})))
