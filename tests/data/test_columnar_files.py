"""Parquet and arrow files whose columns or notes are wrong: one line, or the codes as they are."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from gft.data.columnar import classes_in
from gft.data.files import read_data
from gft.errors import UserError

CODES = pa.schema([("text", pa.string()), ("label", pa.int64())])


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_two_columns_of_one_name(tmp_path: Path, ending: str) -> None:
    texts = pa.array(["good", "bad"])
    table = pa.Table.from_arrays([texts, texts], names=["text", "text"])
    file = tmp_path / f"d.{ending}"
    if ending == "parquet":
        pa.parquet.write_table(table, file)
    else:
        pa.feather.write_feather(table, file)
    with pytest.raises(UserError) as caught:
        read_data(file)
    assert caught.value.messages == (f"{file}: two columns are called 'text'; rename one",)


def noted(label: object, codes: tuple[int | None, ...] = (1, 0, -1, None)) -> pa.Table:
    text = json.dumps({"info": {"features": {"label": label}}})
    rows = {"text": ["a day"] * len(codes), "label": codes}
    return pa.table(rows, CODES.with_metadata({"huggingface": text}))


def test_classes_that_are_noted_in_a_file() -> None:
    assert classes_in(noted({"_type": "ClassLabel", "names": ["x", "y"]})) == {"label": ("x", "y")}
    for names in (["x", "x"], "xy", 7, ["x", 1], None, []):
        assert classes_in(noted({"_type": "ClassLabel", "names": names})) == {}


@pytest.mark.parametrize(
    "note",
    ["[" * 100_000, '{"feature":' * 50_000, '{"a": ' + "1" * 5000 + "}", "[]", "{", "\udcff"],
)
def test_a_note_that_cannot_be_read_says_nothing(note: str) -> None:
    schema = CODES.with_metadata({"huggingface": note.encode("utf-8", "surrogateescape")})
    assert classes_in(schema.empty_table()) == {}


def test_a_code_without_a_name_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    feature = {"_type": "ClassLabel", "names": ["x", "y"]}
    assert classes_in(noted(feature, (0, 7))) == {}
    assert (
        "column 'label' holds the code 7, and its file names 2 classes, from 0 on: the codes are "
        "taken as they are" in capsys.readouterr().err
    )
