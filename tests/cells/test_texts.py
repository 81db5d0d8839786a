"""Inputs as tables have them: bytes, lists of words, objects; names of columns that look alike."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from gft.cells.columns import Columns
from gft.cells.reading import read_columns
from gft.data.objects import read_jsonl
from gft.data.problems import find_problems
from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.language.equation import parse_equation
from gft.language.program import Options
from gft.tasks.classify import Classify
from gft.tasks.classify_tokens import ClassifyTokens

EQUATION = parse_equation("classify: y ~ x")


def read(**splits: Any) -> Columns:
    rows = {
        split: Rows(pa.table({"x": cells, "y": ["a"] * len(cells)}))
        for split, cells in splits.items()
    }
    return read_columns(EQUATION, DataSet("d", rows), Classify, Options({}))


def texts(columns: Columns, split: str = "train") -> list[Any]:
    return columns.data.splits[split].column("x")


def test_texts_are_not_copied() -> None:
    columns = read(train=["a b", None, "['a', 'b']"], test=[1, 2])
    assert columns.data.original is None and not columns.notes


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary_view()])
def test_bytes_are_utf8(kind: pa.DataType) -> None:
    cells = pa.array([b"Z\xc3\xbcge", None, b""], kind)
    assert texts(read(train=cells)) == ["Züge", None, ""]
    with pytest.raises(UserError, match=r"bytes; in row 2 of test they are not UTF-8 text .*0xFC"):
        read(train=["a"], test=pa.array([b"a", b"Z\xfcge"], kind))


def test_labels_of_bytes() -> None:
    rows = Rows(pa.table({"x": ["a", "b"], "y": [b"pos", b"neg"]})).select([1, 0])
    columns = read_columns(EQUATION, DataSet("d", {"train": rows}), Classify, Options({}))
    assert columns.data.splits["train"].column("y") == ["neg", "pos"]


def test_words_of_a_list_are_joined_by_blanks() -> None:
    columns = read(train=[["the", "film"], [], None], test=["the film"])
    assert texts(columns) == ["the film", "", None]
    assert texts(columns, "test") == ["the film"]
    assert "column 'x' of d holds lists: each is read as a text" in columns.notes[0]
    assert texts(read(train=[[["a", "b"], ["c"]]])) == ["a b c"]


def test_lists_written_as_text() -> None:
    columns = read(train=["['the', 'film']", '["a"]', ""], test=["['it''s' 'so']"])
    assert texts(columns) == ["the film", "a", ""]
    assert "lists written as text" in columns.notes[0]
    for cells in (["['the']", "the"], ["[1, 2]"], ["[]"]):
        assert texts(read(train=cells)) == cells


def test_words_stay_lists_where_a_task_takes_them() -> None:
    rows = Rows(pa.table({"x": [["a", "b"]], "y": [["O", "O"]]}))
    data = DataSet("d", {"train": rows})
    equation = parse_equation("classify_tokens: y ~ x")
    assert read_columns(equation, data, ClassifyTokens, Options({})).data.splits["train"] is rows


@pytest.mark.parametrize(("cell", "told"), [
    ({"en": "a", "de": "b"}, "holds objects with the fields en and de; classify needs text"),
    ([{"w": "a"}], "holds lists of objects with the fields w; classify needs text"),
])  # fmt: skip
def test_objects_are_no_texts(cell: Any, told: str) -> None:
    columns = read(train=[cell])
    with pytest.raises(UserError, match=told):
        Classify.bind(EQUATION, columns.data, columns.data.splits)


def test_a_split_that_lacks_an_input_is_named() -> None:
    lacking = Rows(pa.table({"text": ["a"], "y": ["a"]}))
    data = DataSet("d", {"train": Rows(pa.table({"x": ["a"], "y": ["a"]})), "test": lacking})
    told = "split test of d has no column 'x'; it has text and y"
    assert told in [one.message for one in find_problems(data, ["y"], ["x"], False)]
    with pytest.raises(UserError, match=told):
        Classify.bind(EQUATION, data, data.splits)


def test_names_of_columns_that_look_alike_are_the_same() -> None:
    composed, decomposed = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    rows = {
        "train": Rows(pa.table({decomposed: ["a"], "y": [0]}), {"y": ["n", "p"]}),
        "test": Rows(pa.table({f"{composed}\u00a0": ["a"], "y": [1]}), {"y": ["n", "p"]}),
    }
    data = DataSet("d", rows)
    for name in (composed, decomposed):
        equation = parse_equation(f"classify: y ~ {name}")
        found = read_columns(equation, data, Classify, Options({})).data
        assert [list(one.columns) for one in found.splits.values()] == [[name, "y"]] * 2
        assert found.fingerprint() == data.fingerprint()
        assert found.splits["train"].columns["y"].classes == ("n", "p")


def test_half_of_a_surrogate_pair_becomes_the_replacement_character(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_text('{"x": "cut \\ud83d", "y": "a"}\n{"x": "\\ud83d\\ude00"}\n')
    data = DataSet("d", {"train": Rows(read_jsonl(tmp_path / "d.jsonl"))})
    columns = read_columns(EQUATION, data, Classify, Options({}))
    assert texts(columns) == ["cut \ufffd", "\U0001f600"]
