"""Data frames of R; nothing else of R is read."""

import math
import sys

import pytest
from rds_files import (
    NA,
    doubles,
    factor,
    frame,
    function,
    integers,
    items,
    labelled,
    logicals,
    named_rows,
    sequence,
    texts,
    write_rds,
)  # fmt: skip

from gft.data.files import read_data
from gft.errors import UserError


@pytest.fixture
def write(tmp_path):
    return lambda thing, name="x.rds", packed=True: write_rds(tmp_path / name, thing, packed)


def train_of(path):
    return read_data(path).splits["train"]


def error_of(path):
    with pytest.raises(UserError) as caught:
        read_data(path)
    return str(caught.value)


@pytest.mark.parametrize("packed", [True, False])
def test_a_data_frame(write, packed):
    path = write(
        frame(
            text=texts(["gut", None, "ähnlich"]),
            party=factor([2, NA, 1], ["left", "right"]),
            n=integers([3, NA, -1]),
            whole=doubles([1, 2, math.nan]),
            x=doubles([0.5, math.nan, 2]),
            ok=logicals([1, 0, NA]),
            day=doubles([19724, math.nan, 19725.5], **{"class": texts(["Date"])}),
            at=doubles(
                [1704164645.25, math.nan, 0],
                tzone=texts(["Europe/Berlin"]), **{"class": texts(["POSIXct", "POSIXt"])},
            ),
        ),
        packed=packed,
    )  # fmt: skip
    rows = train_of(path)
    assert rows.table.to_pydict() == {
        "text": ["gut", None, "ähnlich"],
        "party": ["right", None, "left"],
        "n": [3, None, -1],
        "whole": [1, 2, None],
        "x": [0.5, None, 2.0],
        "ok": [True, False, None],
        "day": ["2024-01-02", None, "2024-01-03"],
        "at": ["2024-01-02T04:04:05", None, "1970-01-01T01:00:00"],
    }
    assert rows.columns["whole"].kind == "integer"


def test_times_without_a_zone_are_in_utc_with_a_note(write, capsys):
    posix = {"class": texts(["POSIXct", "POSIXt"])}
    rows = train_of(write(frame(a=doubles([0], tzone=texts([""]), **posix), b=texts(["x"]))))
    assert rows.table["a"].to_pylist() == ["1970-01-01T00:00:00"]
    assert "times without a time zone are written in UTC" in capsys.readouterr().err


def test_codes_with_labels_as_haven_keeps_them(write):
    path = write(
        frame(
            text=texts(["a", "b", "c"]),
            party=labelled([1, 2, 99], {"left": 1, "right": 2, "none": 99},
                           na_values=doubles([99]), label=texts(["Which party?"])),
            age=labelled([30, 41, -8], {"refused": -9}, na_range=doubles([-9, -1])),
        )
    )  # fmt: skip
    rows = train_of(path)
    assert rows.table["party"].to_pylist() == [1, 2, None]
    assert rows.columns["party"].labels == {1: "left", 2: "right", 99: "none"}
    assert rows.columns["party"].title == "Which party?"
    assert rows.table["age"].to_pylist() == [30, 41, None]
    assert rows.columns["age"].labels is None


def test_a_list_of_vectors_and_columns_that_are_none(write, capsys):
    path = write(items([texts(["a", "b"]), integers([1, 2])], ["text", "n"], None))
    assert train_of(path).table.to_pydict() == {"text": ["a", "b"], "n": [1, 2]}
    words = items([texts(["a", "b"]), texts(["c"])], ["", ""], None)
    inner = frame(a=integers([1, 2]))
    rows = train_of(write(frame(text=texts(["a", "b"]), words=words, inner=inner, f=function())))
    assert rows.table.to_pydict() == {"text": ["a", "b"], "words": [["a", "b"], ["c"]]}
    assert "left out inner and f, which are not atomic vectors" in capsys.readouterr().err


def test_data_frames_named_after_splits(write):
    frames = [frame(text=texts(["a", "b"])), frame(text=texts(["c"]))]
    data = read_data(write(items(frames, ["train", "test"], None)))
    assert {name: len(rows) for name, rows in data.splits.items()} == {"train": 2, "test": 1}
    assert "holds several data frames: a and b; save one of them" in error_of(
        write(items(frames, ["a", "b"], None))
    )


def test_rows_that_have_names(write, capsys):
    rows = train_of(write(named_rows(["Mazda RX4", "Fiat 128"], cyl=integers([6, 4]))))
    assert rows.table.to_pydict() == {"row_name": ["Mazda RX4", "Fiat 128"], "cyl": [6, 4]}
    assert "the rows have names: row_name" in capsys.readouterr().err


def test_what_r_abridges(write):
    rows = train_of(write(frame(text=texts(["a", "b", "c"]), n=sequence(3))))
    assert rows.table["n"].to_pylist() == [1, 2, 3]
    message = error_of(write(frame(n=sequence(1e15))))
    assert "a sequence of 1,000,000,000,000,000 numbers" in message


@pytest.mark.parametrize(
    ("thing", "what"),
    [
        (function(), "a function"),
        (items([integers([1])], ["call"], "lm"), "an object of class lm"),
        (integers([1, 2]), "a single vector"),
    ],
    ids=["function", "model", "vector"],
)
def test_only_data_frames_are_read(write, thing, what):
    assert f"holds {what}, and only a data frame is read" in error_of(write(thing))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"X\n\0\0", "is not a complete rds file"),
        (b"text\na\n", "is not an rds file"),
        (b"X\n" + bytes(100), "is not a complete rds file"),
    ],
)
def test_what_is_no_rds_is_one_line(tmp_path, content, problem):
    (tmp_path / "x.rds").write_bytes(content)
    message = error_of(tmp_path / "x.rds")
    assert problem in message
    assert "\n" not in message


def test_files_of_save_are_named(tmp_path):
    for name in ("x.rds", "x.RData", "x.rda"):
        (tmp_path / name).write_bytes(b"RDX3\nX\n")
        assert "saveRDS(the_data_frame, 'x.rds')" in error_of(tmp_path / name)


def test_a_file_that_unpacks_to_too_much(write, monkeypatch):
    from gft.data import rds

    monkeypatch.setattr(rds, "MOST_BYTES", 1 << 20)
    path = write(frame(text=texts(["a" * (1 << 21)])))
    assert "holds more than 1 MiB of data when unpacked" in error_of(path)


def test_without_its_reader_a_line_says_what_to_install(write, monkeypatch):
    monkeypatch.setitem(sys.modules, "rdata.parser", None)
    assert "pip install 'gft[tables]'" in error_of(write(frame(n=integers([1]))))
