"""Files of SPSS, Stata and SAS: codes, labels, what is missing."""

import datetime as dt
import gzip
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from gft.data.files import read_data
from gft.errors import UserError

FRAME = pd.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "answer": ["gut  ", "schlecht", "", "ähnlich"],
        "party": [1.0, 2.0, 99.0, 2.0],
        "sex": ["m", "f", "x", "f"],
        "satisfied": [1.0, 4.0, 7.0, -9.0],
        "weight": [1.5, 2.0, 3.0, None],
        "day": [dt.date(2024, 1, 2), None, dt.date(2024, 1, 3), dt.date(2024, 1, 4)],
        "at": [dt.datetime(2024, 1, 2, 3, 4, 5)] * 4,
    }
)
LABELS = {
    "party": {1: "left", 2: "right", 99: "no answer"},
    "satisfied": {1: "not at all", 7: "very"},
}


@pytest.fixture
def sav(tmp_path):
    path = tmp_path / "x.sav"
    pyreadstat.write_sav(
        FRAME, path,
        column_labels={"party": "Which party?"},
        variable_value_labels={**LABELS, "sex": {"m": "male", "f": "female"}},
        missing_ranges={"party": [99], "satisfied": [{"lo": -99, "hi": -1}], "sex": ["x"]},
    )  # fmt: skip
    return path


def train_of(path):
    return read_data(path).splits["train"]


def error_of(path):
    with pytest.raises(UserError) as caught:
        read_data(path)
    return str(caught.value)


def test_codes_labels_and_user_missing_values_of_spss(sav, capsys):
    rows = train_of(sav)
    table = rows.table.to_pydict()
    assert table["id"] == [1, 2, 3, 4]
    assert table["answer"] == ["gut", "schlecht", "", "ähnlich"]  # SPSS pads texts with blanks.
    assert table["party"] == [1, 2, None, 2]
    assert table["sex"] == ["m", "f", None, "f"]
    assert table["satisfied"] == [1, 4, 7, None]
    assert table["weight"] == [1.5, 2.0, 3.0, None]
    assert table["day"] == ["2024-01-02", None, "2024-01-03", "2024-01-04"]
    assert table["at"] == ["2024-01-02T03:04:05"] * 4
    assert rows.columns["party"].kind == "integer"
    assert rows.columns["party"].labels == {1: "left", 2: "right", 99: "no answer"}
    assert rows.columns["party"].title == "Which party?"
    assert rows.columns["sex"].labels == {"m": "male", "f": "female"}
    missing, scale = capsys.readouterr().err.splitlines()
    assert "missing: party (99), sex ('x') and satisfied (-99 to -1)" in missing
    # Labels of both ends only are a scale's.
    assert rows.columns["satisfied"].labels is None
    assert "only some of the codes of satisfied have labels" in scale
    assert "--na takes those that mean a missing value: 1 of satisfied is " in scale


def test_extended_missing_values_of_stata(tmp_path):
    path = tmp_path / "x.dta"
    frame = pd.DataFrame({"text": ["a", "b", "c", "d"], "party": [1, 2, "a", "z"]})
    pyreadstat.write_dta(
        frame, path, missing_user_values={"party": ["a", "z"]},
        variable_value_labels={"party": {1: "left", 2: "right", "a": "refused"}},
    )  # fmt: skip
    rows = train_of(path)
    assert rows.table["party"].to_pylist() == [1, 2, None, None]
    assert rows.columns["party"].labels == {1: "left", 2: "right"}


def test_sas_transport_files(tmp_path):
    path = tmp_path / "x.xpt"
    pyreadstat.write_xport(FRAME[["id", "answer", "weight", "day"]], path, file_format_version=8)
    table = train_of(path).table.to_pydict()
    assert table["id"] == [1, 2, 3, 4]
    assert table["day"] == ["2024-01-02", None, "2024-01-03", "2024-01-04"]
    assert table["weight"] == [1.5, 2.0, 3.0, None]


def test_a_catalog_beside_a_file_of_sas_has_its_labels(tmp_path):
    # Nothing but SAS writes these files, so that what a reader says of them is made up here.
    from gft.data import surveys

    formats = SimpleNamespace(value_labels={"SEX": {1.0: "female"}, "$PARTY": {"l": "left"}})
    reader = SimpleNamespace(read_sas7bcat=lambda path, output_format: ({}, formats))
    known = SimpleNamespace(variable_to_label={"sex": "SEX", "day": "DATE", "party": "$PARTY"})
    assert surveys._labels_of_sas(reader, tmp_path, known) == {
        "sex": {1.0: "female"}, "party": {"l": "left"},
    }  # fmt: skip
    assert surveys._catalog(tmp_path / "x.sas7bdat") is None
    for name in ("formats.sas7bcat", "x.sas7bcat"):
        (tmp_path / name).touch()
        assert surveys._catalog(tmp_path / "x.sas7bdat") == tmp_path / name


def test_a_date_that_is_none_leaves_numbers(tmp_path, capsys):
    frame = pd.DataFrame({"text": ["a", "b"], "at": [6306150067200.0, 13630867160.0]})
    pyreadstat.write_sav(frame, tmp_path / "x.sav", variable_format={"at": "DATETIME20"})
    table = train_of(tmp_path / "x.sav").table.to_pydict()
    assert table == {"text": ["a", "b"], "at": [6306150067200, 13630867160]}
    assert "a date is out of range, so dates and times are left as numbers" in (
        capsys.readouterr().err
    )


def test_short_floats_are_what_was_written(tmp_path):
    frame = pd.DataFrame({"x": np.array([5.1, 0.25, np.nan], dtype="float32")})
    frame.to_stata(tmp_path / "x.dta", write_index=False)
    assert train_of(tmp_path / "x.dta").table["x"].to_pylist() == [5.1, 0.25, None]


def test_an_encoding_that_is_named_is_taken(sav):
    table = read_data(sav, encoding="latin-1").splits["train"].table
    assert table["answer"].to_pylist()[3] == "ähnlich".encode().decode("latin-1")


def test_many_rows_are_read_in_parts(tmp_path, monkeypatch):
    from gft.data import surveys

    monkeypatch.setattr(surveys, "FEWEST_ROWS", 100)
    monkeypatch.setattr(surveys, "CELLS_PER_CHUNK", 200)
    frame = pd.DataFrame({"n": range(250), "x": [None] * 120 + [0.5] * 130})
    pyreadstat.write_sav(frame, tmp_path / "x.sav")
    table = train_of(tmp_path / "x.sav").table
    assert table["n"].to_pylist() == list(range(250))
    assert table["x"].to_pylist() == [None] * 120 + [0.5] * 130


def test_compressed(sav):
    packed = sav.with_name("x.sav.gz")
    packed.write_bytes(gzip.compress(sav.read_bytes()))
    assert train_of(packed).table["party"].to_pylist() == [1, 2, None, 2]


@pytest.mark.parametrize(
    ("name", "program"), [("x.sav", "SPSS"), ("x.dta", "Stata"), ("x.sas7bdat", "SAS")]
)
def test_what_cannot_be_read_is_one_line(tmp_path, name, program):
    (tmp_path / name).write_bytes(b"text,label\na,b\n")
    message = error_of(tmp_path / name)
    assert message.startswith(f"{tmp_path / name} cannot be read as a file of {program}: ")
    assert "\n" not in message


def test_a_file_that_is_cut_off(sav):
    sav.write_bytes(sav.read_bytes()[:-60])
    assert "did not contain the expected number of rows" in error_of(sav)


def test_without_its_reader_a_line_says_what_to_install(sav, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    assert "pip install 'gft[tables]'" in error_of(sav)
