"""`--na`: cells that mean a missing value, in every function."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import gft as package
from gft.cells.missing import values_of
from gft.cells.reading import read_columns
from gft.data.table import DataSet, Rows
from gft.language.command_line import normalize
from gft.language.equation import parse_equation
from gft.language.program import Options
from gft.registry import arguments, tasks
from ran import Ran


def read(data: Any, eqn: str, na: list[Any]) -> DataSet:
    """Return data as a task reads it with `--na`, as Python's functions are given it."""
    given = data if isinstance(data, DataSet) else package.load_data(data)
    parsed = normalize("fit", {"na": na}, arguments()).given
    equation = parse_equation(eqn)
    return read_columns(equation, given, tasks()[equation.task], Options(parsed)).data


CELLS = [("good film", "yes"), ("bad film", "no"), ("NA", "NA"), ("so so", "no answer"),
         ("fine", "yes"), ("poor", "no")]  # fmt: skip


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "d.csv"
    file.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in CELLS))
    return file


def test_values_are_separated_by_commas_as_in_csv() -> None:
    assert values_of(["NA,99,no answer"]) == ("NA", "99", "no answer")
    assert values_of(['"a, b",-', "NA"]) == ("a, b", "-", "NA")


EQN = "classify: label ~ text"


def test_cells_are_missing_on_both_sides(gft: Callable[..., Ran], table: Path) -> None:
    na = "NA,no answer,99"
    done = gft("cat_data", "--data", table, "--na", na, "--eqn", EQN, "--format", "jsonl")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [row["label"] for row in rows] == ["yes", "no", None, None, "yes", "no"]
    assert rows[2]["text"] is None
    assert "--na: 3 cells taken as missing: 'NA' (2) and 'no answer' (1); none is '99'" in done.err


def test_numbers_are_compared_as_numbers(gft: Callable[..., Ran], tmp_path: Path) -> None:
    file = tmp_path / "d.jsonl"
    ages = [1.5, 99.0, 2.0]
    file.write_text("".join(json.dumps({"text": f"t{a}", "age": a}) + "\n" for a in ages))
    words = ("--data", file, "--na", "99", "--eqn", "regress: age ~ text", "--format", "jsonl")
    done = gft("cat_data", *words)
    assert [json.loads(line)["age"] for line in done.out.splitlines()] == [1.5, None, 2.0]


def test_fit_remembers_it_for_eval_and_predict(
    gft: Callable[..., Ran], table: Path, tiny: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = ("--splits", "train,train", "--num_train_epochs", 1, "--output_dir", out)
    data = ("--data", table, "--na", "NA,no answer", "--eqn", EQN)
    done = gft("fit", "--model", f"C:{tiny}", *data, *words)
    assert done.status == 0
    assert "left out of train: 2 rows without a label" in done.err
    assert json.loads((out / "gft.json").read_text())["task"]["labels"] == ["no", "yes"]
    done = gft("eval", "--model", f"C:{out}", "--split", "train", "--format", "json")
    assert json.loads(done.out)["rows_without_label"] == 2
    words = ("--split", "train", "--data", table, "--format", "jsonl")
    done = gft("predict", "--model", f"C:{out}", *words)
    assert json.loads(done.out.splitlines()[2])["text"] == ""


def test_numbers_from_python_and_decimals_that_are_none() -> None:
    assert values_of(["NA", "99.0"]) == ("NA", "99")
    columns = {"text": ["a", "b", "c"], "y": [1.5, 99.0, 2.0]}
    data = read(columns, "regress: y ~ text", na=["NA", 99])
    assert data.splits["train"].column("y") == [1.5, None, 2.0]


def test_members_of_lists_and_named_classes() -> None:
    columns = {"text": ["a", "b", "c", "d"], "y": [["NA", "joy"], ["fear"], ["NA"], []]}
    data = read(columns, "classify: y ~ text", na=["NA"])
    labels = [cell and [one for one in cell if one] for cell in data.splits["train"].column("y")]
    assert labels == [["joy"], ["fear"], None, []]
    columns = {"text": ["a", "b", "c"], "y": ["['NA', 'joy']", "['fear']", "['NA']"]}
    data = read(columns, "classify: y ~ text", na=["NA"])
    labels = [cell and [one for one in cell if one] for cell in data.splits["train"].column("y")]
    assert labels == [["joy"], ["fear"], None]
    named = Rows(pa.table({"text": ["a", "b", "c"], "y": [0, 1, 2]}), {"y": ("no", "NA", "yes")})
    data = read(DataSet("d", {"train": named}), "classify: y ~ text", na=["NA"])
    assert data.splits["train"].column("y") == [0, None, 1]
    assert data.columns["y"].classes == ("no", "yes")


def test_na_needs_a_value(gft: Callable[..., Ran], table: Path) -> None:
    ran = gft("cat_data", "--data", table, "--na", "", "--eqn", EQN)
    assert ran.status == 2
    assert "--na: expected the cells that mean a missing value, such as --na NA,99" in ran.errors[0]


def test_na_that_leaves_nothing_says_so(gft: Callable[..., Ran], table: Path, tiny: Path) -> None:
    every = "yes,no,NA,no answer"
    ran = gft("fit", "--model", f"C:{tiny}", "--data", table, "--na", every, "--eqn", EQN)
    assert ran.status == 2
    assert ran.errors == [
        "gft_fit: error: --na: all 6 cells of column 'label' of train are taken as missing, "
        "so nothing is left to train on"
    ]


def test_the_data_keeps_its_fingerprint(table: Path) -> None:
    data = package.load_data(str(table))
    columns = read_columns(
        parse_equation("classify: label ~ text"), data, tasks()["classify"], Options({"na": ["NA"]})
    )
    assert columns.data.splits["train"].column("label")[2] is None
    assert columns.data.fingerprint() == data.fingerprint()
    assert columns.data.original is data


def test_cells_of_a_view_go_to_their_rows() -> None:
    import numpy as np

    rows = Rows(pa.table({"a": ["w", "x", "y", "z"]}), indices=np.array([3, 1]))
    other = DataSet("d", {"train": rows}).splits["train"].with_cells("a", pa.array(["Z", "X"]))
    assert other.column("a") == ["Z", "X"]
    assert other.numbers().tolist() == rows.numbers().tolist()
