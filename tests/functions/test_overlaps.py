"""Rows that the user's own splits share with train: told before a fit, and taken out beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gft as python

Gft = Callable[..., Any]
EQUATION = "classify: colour ~ text"
WORDS = [f"word{n}" for n in range(60)]


def text(n: int) -> str:
    return " ".join(np.random.default_rng(n).choice(WORDS, 9))


def row(n: int, of: str = "") -> list[str]:
    return [of or text(n), ["red", "blue"][n % 2], f"author{n % 25}" if n < 100 else f"new{n}"]


def write(folder: Path, **splits: list[list[str]]) -> str:
    folder.mkdir(exist_ok=True)
    for name, rows in splits.items():
        lines = ["text,colour,who", *(",".join(one) for one in rows)]
        (folder / f"d.{name}").write_text("\n".join(lines) + "\n", "utf-8")
    return f"C:{folder / 'd'}"


def splits() -> dict[str, list[list[str]]]:
    """12 of the 40 rows of val stand in train, one is nearly there; 4 of test are in a group."""
    known = [row(n, f"RT @me: {text(n).upper()}!") for n in range(12)]
    nearly = [row(150, text(30) + " and")]
    val = [*known, *nearly, *(row(n) for n in range(200, 227))]
    test = [*(row(n) for n in range(300, 326)), *(row(n, text(n + 500)) for n in range(4))]
    return {"train": [row(n) for n in range(90)], "val": val, "test": test}


@pytest.fixture(scope="module")
def fitted(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("overlaps")
    data = write(folder, **splits())
    python.fit(model=f"C:{tiny}", data=data, eqn=EQUATION, output_dir=str(folder / "out"),
               num_train_epochs=1, group="who", metric=["accuracy", "f1"])  # fmt: skip
    return folder / "out", data


def test_a_fit_says_so_before_it_trains(gft: Gft, tiny: Path, tmp_path: Path) -> None:
    data = write(tmp_path, **splits())
    given = ("fit", "--model", f"C:{tiny}", "--data", data, "--eqn", EQUATION,
             "--output_dir", tmp_path / "out", "--preprocessing_only")  # fmt: skip
    ran = gft(*given)
    assert ran.status == 0, ran.err
    first = f"'RT @me: {text(0).upper()}!"[:40]
    assert f"12 of the 40 rows of val are in train too (30.0%), such as {first}" in ran.err
    assert (
        f"1 more of the 40 rows of val (2.5%) is nearly in train, such as '{text(30)[:50]}"
        in ran.err
    )
    assert "rows of test" not in ran.err
    ran = gft(*given, "--group", "who")
    assert "12 of the 40 rows of val (30.0%) are of a group of who that train has too" in ran.err
    assert "4 of the 30 rows of test (13.3%) are of a group of who that train has too" in ran.err


def test_rows_of_test_that_val_has(gft: Gft, tiny: Path, tmp_path: Path) -> None:
    """Val chooses the epoch; what train has too is told of once."""
    both = row(3)
    val = [both, *(row(n) for n in range(200, 220))]
    test = [both, *(row(n) for n in range(200, 205)), *(row(n) for n in range(300, 314))]
    data = write(tmp_path, train=[row(n) for n in range(90)], val=val, test=test)
    ran = gft("fit", "--model", f"C:{tiny}", "--data", data, "--eqn", EQUATION,
              "--output_dir", tmp_path / "out", "--preprocessing_only")  # fmt: skip
    assert "1 of the 20 rows of test is in train too (5.0%)" in ran.err
    assert f"5 of the 20 rows of test are in val too (25.0%), such as '{text(200)[:20]}" in ran.err


def test_metrics_without_them_stand_beside(fitted: tuple[Path, str], gft: Gft) -> None:
    folder, data = fitted
    metrics = json.loads((folder / "metrics.json").read_text("utf-8"))["splits"]
    val, test = (metrics[role]["shared_with_train"] for role in ("val", "test"))
    counts = {"rows": 12, "same_inputs": 12, "groups": 12, "near": 1}
    assert {name: val[name] for name in counts} == counts
    assert (test["rows"], test["same_inputs"], test["groups"]) == (4, 0, 4)
    predicted = python.predict(model=f"C:{folder}", data=data, split="val")
    golds = [one[1] for one in splits()["val"]]
    right = [gold == said for gold, said in zip(golds, predicted, strict=True)]
    assert metrics["val"]["metrics"]["accuracy"]["value"] == pytest.approx(np.mean(right))
    rest = val["metrics"]["accuracy"]
    assert rest["value"] == pytest.approx(np.mean(right[12:]))
    assert rest["low"] < rest["value"] < rest["high"] and "f1" in val["metrics"]
    shown = gft("summary", "--model", f"C:{folder}").out
    told = (
        "12 of the 40 rows of val are also in train, by their inputs or group: its scores are "
        "optimistically biased. {} 1 more of the 40 rows of val is a near-duplicate of one of "
        "train."
    )
    one = f"{rest['value']:.4f} ({rest['low']:.4f} to {rest['high']:.4f})"
    assert told.format(f"On the other 28, accuracy is {one}.") in shown
    told = told.format("The scores on the other 28 stand beside.")
    card = (folder / "README.md").read_text("utf-8")
    assert told in card
    assert f"| {rest['value']:.4f} | {rest['low']:.4f} to {rest['high']:.4f} |" in card
    page = (folder / "report.html").read_text("utf-8")
    assert "val, not shared with train (28 rows)" in page and told in page


def test_eval_tells_it_too(fitted: tuple[Path, str], gft: Gft) -> None:
    folder, _ = fitted
    metrics = json.loads((folder / "metrics.json").read_text("utf-8"))["splits"]
    ran = gft("eval", "--model", f"C:{folder}", "--split", "val")
    assert "12 of the 40 rows of val are in train too" in ran.err
    assert "--group who, as in the fit" in ran.err
    assert "not shared with train (28 rows)" in ran.out
    saved = python.evaluate(model=f"C:{folder}", split="val").saved()
    assert saved["shared_with_train"] == metrics["val"]["shared_with_train"]
    assert saved["metrics"] == metrics["val"]["metrics"]
    train = python.evaluate(model=f"C:{folder}", split="train").saved()
    assert "shared_with_train" not in train


def test_eval_on_other_data_is_compared_with_the_train_of_the_fit(
    fitted: tuple[Path, str], gft: Gft, tmp_path: Path
) -> None:
    folder, _ = fitted
    other = write(tmp_path, test=[*splits()["val"], *(row(n) for n in range(400, 403))])
    given = ("eval", "--model", f"C:{folder}", "--data", other)
    ran = gft(*given)
    assert "12 of the 43 rows of test are in the fit's train too (27.9%)" in ran.err
    assert "not shared with train (31 rows)" in ran.out
    saved = json.loads(gft(*given, "--format", "json").out)["shared_with_train"]
    assert (saved["rows"], saved["near"], "groups" in saved) == (12, 1, False)
    new = write(tmp_path / "new", test=[row(n) for n in range(400, 420)])
    assert "the fit's train" not in gft("eval", "--model", f"C:{folder}", "--data", new).err


def test_the_group_of_the_fit_holds_on_changed_data(tiny: Path, tmp_path: Path, gft: Gft) -> None:
    data = write(tmp_path, train=splits()["train"])
    folder = str(tmp_path / "out")
    python.fit(model=f"C:{tiny}", data=data, eqn=EQUATION, output_dir=folder, group="who",
               num_train_epochs=1)  # fmt: skip
    write(tmp_path, train=splits()["train"][:-1])
    shown = {}
    for split in ("val", "train"):
        ran = gft("cat_data", "--model", f"C:{folder}", "--split", split, "--format", "jsonl")
        assert "--group who, as in the fit" in ran.err
        shown[split] = {json.loads(line)["who"] for line in ran.out.splitlines()}
    assert shown["val"] and shown["train"] and not shown["val"] & shown["train"]
    rows = gft("cat_data", "--model", f"C:{folder}", "--split", "val", "--format", "jsonl").out
    of_val = [json.loads(line)["who"] for line in rows.splitlines()]
    every = [one[2] for one in splits()["train"][:-1]]
    assert all(every.count(who) == of_val.count(who) for who in set(of_val))
    ran = gft("eval", "--model", f"C:{folder}", "--split", "val")
    assert "--group who, as in the fit" in ran.err and ran.status == 0
