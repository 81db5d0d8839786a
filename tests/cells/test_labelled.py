"""Codes with labels: which of the two is read, shown and scored."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from gft.data.labelled import names_cells
from ran import Ran

PARTY = {1: "left", 2: "right", 99: "no answer"}


def write(path: Path, **more: object) -> Path:
    frame = pd.DataFrame(
        {"text": ["mark0 a", "mark1 b", "mark0 c", "mark1 d", "mark1 e"] * 4,
         "party": [1, 2, 1, 2, 99] * 4, "sex": ["m", "f", "f", "m", "f"] * 4, **more}
    )  # fmt: skip
    labels = {"party": PARTY, "sex": {"m": "male", "f": "female"}}
    pyreadstat.write_sav(
        frame, path, variable_value_labels=labels, column_labels={"party": "Which party?"}
    )
    return path


@pytest.fixture
def sav(tmp_path: Path) -> Path:
    return write(tmp_path / "x.sav")


def rows_of(done: Ran) -> list[dict[str, object]]:
    assert done.status == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def test_classify_takes_labels_and_regress_codes(gft: Callable[..., Ran], sav: Path) -> None:
    words = ("cat_data", "--data", sav, "--format", "jsonl", "--eqn")
    done = gft(*words, "classify: party ~ text + sex")
    assert rows_of(done)[:2] == [
        {"text": "mark0 a", "sex": "male", "party": "left"},
        {"text": "mark1 b", "sex": "female", "party": "right"},
    ]
    assert "party is read by the labels of its codes: 1 is left, 2 is right and 99" in done.err
    done = gft(*words, "regress: party ~ text")
    assert [row["party"] for row in rows_of(done)[:5]] == [1, 2, 1, 2, 99]
    assert "party is read by its codes, not their labels: 1 is left" in done.err


@pytest.mark.parametrize("na", ["99", "no answer"])
@pytest.mark.parametrize(("task", "left"), [("classify", "left"), ("regress", 1)])
def test_na_names_codes_by_themselves_or_by_their_labels(
    gft: Callable[..., Ran], sav: Path, na: str, task: str, left: object
) -> None:
    eqn = f"{task}: party ~ text"
    done = gft("cat_data", "--data", sav, "--format", "jsonl", "--na", na, "--eqn", eqn)
    parties = [row["party"] for row in rows_of(done)]
    assert parties[0] == left
    assert parties[4] is None
    assert f"--na: 4 cells taken as missing: {na!r} (4)" in done.err


def test_labels_and_questions_are_shown(gft: Callable[..., Ran], sav: Path) -> None:
    assert rows_of(gft("cat_data", "--data", sav, "--format", "jsonl"))[4]["party"] == "no answer"
    out = gft("summary", "--data", sav).out
    assert "left | right | no answer" in out
    assert "Which party?" in out


def test_splits_with_and_without_labels(gft: Callable[..., Ran], tmp_path: Path) -> None:
    write(tmp_path / "train.sav")
    tests = {"text": ["a", "b"], "party": [2, 1], "sex": ["male", "female"]}
    (tmp_path / "test.jsonl").write_text(
        "".join(json.dumps(dict(zip(tests, row, strict=True))) + "\n"
                for row in zip(*tests.values(), strict=True))
    )  # fmt: skip
    words = ("cat_data", "--data", tmp_path, "--split", "test", "--format", "jsonl", "--eqn")
    # A code of a split without labels is one of those that have them elsewhere.
    assert rows_of(gft(*words, "classify: party ~ text + sex")) == [
        {"text": "a", "sex": "male", "party": "right"},
        {"text": "b", "sex": "female", "party": "left"},
    ]


def test_codes_of_one_label_and_codes_without_one(gft: Callable[..., Ran], tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": list("abcd"), "y": [1, 2, 3, 4]})
    labels = {"y": {1: "yes", 2: "no", 3: "no"}}
    pyreadstat.write_sav(frame, tmp_path / "x.sav", variable_value_labels=labels)
    data = ("--data", tmp_path / "x.sav", "--format", "jsonl")
    done = gft("cat_data", *data, "--eqn", "classify: y ~ text")
    assert [row["y"] for row in rows_of(done)] == ["yes", "no", "no", "4"]
    assert "y: codes share a label: 2 and 3 are 'no'" in done.err
    assert "y: no label says what 4 means" in done.err


@pytest.mark.parametrize(
    ("labels", "codes", "names"),
    [
        ({0: "no", 1: "yes"}, [0, 1], True),
        ({0: "no", 1: "yes"}, [0, 1, 3], True),  # A slip of the pen.
        ({1: "low", 7: "high"}, [1, 2, 3, 7], False),
        ({1: "low", 3: "middle", 5: "high"}, [1, 2, 3, 5], False),
        ({1: "low", 7: "high"}, [1, 4, 7], False),
        ({-9: "refused"}, [23, 51, -9], False),
        ({"m": "male", "f": "female"}, ["m", "f", "x"], True),
        ({1: "one"}, [], False),
    ],
)
def test_labels_of_a_scales_ends_name_nothing(
    labels: dict[int | float | str, str], codes: list[int | float | str], names: bool
) -> None:
    assert names_cells(labels, codes) is names


def test_from_fit_to_predictions(
    gft: Callable[..., Ran], sav: Path, tiny: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = gft("fit", "--model", f"C:{tiny}", "--data", sav, "--na", "no answer", "--eqn",
               "classify: party ~ text", "--num_train_epochs", 1, "--output_dir", out)  # fmt: skip
    assert done.status == 0, done.err
    predicted = rows_of(
        gft("predict", "--model", f"C:{out}", "--data", sav, "--split", "train", "--format",
            "jsonl")
    )  # fmt: skip
    assert {row["prediction"] for row in predicted} <= {"left", "right"}
    assert [row["party"] for row in predicted[:3]] == ["left", "right", "left"]
    assert gft("eval", "--model", f"C:{out}", "--data", sav, "--split", "train").status == 0
