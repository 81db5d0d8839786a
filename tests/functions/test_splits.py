"""`--split val` and `--split test` are the same rows in predict, eval and cat_data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow.parquet
import pytest

import gft as python
from hub import models

Gft = Callable[..., Any]
EQUATION = "classify: colour ~ text"


def write(folder: Path, name: str, **splits: int) -> str:
    for split, count in splits.items():
        lines = ["n,text,colour"]
        for n in range(count):
            # Some rows have no label: they are in no split that is drawn.
            label = "" if n % 7 == 3 else ["red", "blue"][n % 2]
            lines.append(f"{n},river mark{n % 2} {split} {n},{label}")
        (folder / f"{name}.{split}").write_text("\n".join(lines) + "\n", "utf-8")
    return f"C:{folder / name}"


@pytest.fixture(scope="module")
def drawn(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A model whose fit took val out of train, and its data."""
    folder = tmp_path_factory.mktemp("drawn")
    data = write(folder, "d", train=60, test=20)
    python.fit(model=f"C:{tiny}", data=data, eqn=EQUATION, output_dir=str(folder / "out"),
               num_train_epochs=1)  # fmt: skip
    return f"C:{folder / 'out'}", data


def numbers(gft: Gft, *words: str) -> list[int]:
    ran = gft(*words, "--format", "jsonl")
    assert ran.status == 0, ran.err
    return [int(json.loads(line)["n"]) for line in ran.out.splitlines()]


def same_rows(gft: Gft, model: str, split: str, *more: str) -> list[int]:
    """Return the numbers of the rows that all three read."""
    asked = ("--model", model, "--split", split, *more)
    predicted = numbers(gft, "predict", *asked, "--keep", "n")
    shown = numbers(gft, "cat_data", *asked)
    with_equation = gft("cat_data", *asked, "--eqn", EQUATION, "--format", "jsonl")
    again = [int(json.loads(line)["text"].split()[-1]) for line in with_equation.out.splitlines()]
    data = {more[n].removeprefix("--"): more[n + 1] for n in range(0, len(more), 2)}
    scored = python.evaluate(model=model, split=split, **data)
    labelled = np.array([n for n in predicted if n % 7 != 3], dtype=np.int64)
    assert scored.basis.rows_id[2] == hashlib.blake2b(labelled.data).hexdigest()
    assert predicted == shown == again
    return predicted


def test_what_the_fit_drew(drawn: tuple[str, str], gft: Gft) -> None:
    model, data = drawn
    table = pyarrow.parquet.read_table(Path(model[2:]) / "partition.parquet").to_pylist()
    val = [row["row"] for row in table if row["role"] == "val"]
    assert 4 <= len(val) <= 6 and not any(n % 7 == 3 for n in val)
    for more in ((), ("--data", data)):
        for name in ("val", "validation", "dev"):
            assert same_rows(gft, model, name, *more) == val
        assert same_rows(gft, model, "test", *more) == [*range(20)]
    assert python.predict(model=model, data=data, split="val") == [
        json.loads(line)["prediction"]
        for line in gft("predict", "--model", model, "--split", "val", "--format", "jsonl")
        .out.splitlines()
    ]  # fmt: skip


MATRIX: dict[str, tuple[dict[str, int], str | None, int, int]] = {
    "usual": ({"train": 30, "val": 8, "test": 9}, None, 8, 9),
    "dev": ({"train": 30, "dev": 8, "test": 9}, None, 8, 9),
    "validation": ({"train": 30, "validation": 8, "test": 9}, None, 8, 9),
    "renamed": ({"a": 30, "b": 8, "c": 9}, "a,b,c", 8, 9),
    "swapped": ({"train": 30, "x": 8, "y": 9}, "train,y,x", 9, 8),
}


def table(count: int, split: str) -> datasets.Dataset:
    labels = [None if n % 7 == 3 else ["red", "blue"][n % 2] for n in range(count)]
    texts = [f"river mark{n % 2} {split} {n}" for n in range(count)]
    return datasets.Dataset.from_dict({"n": [*range(count)], "text": texts, "colour": labels})


@pytest.mark.parametrize("form", MATRIX)
def test_splits_of_other_data(form: str, drawn: tuple[str, str], gft: Gft, tmp_path: Path) -> None:
    splits, names, val, test = MATRIX[form]
    rows = {split: table(count, split) for split, count in splits.items()}
    folder = tmp_path / "d"
    datasets.DatasetDict(rows).save_to_disk(folder)
    more = ("--data", f"C:{folder}", *(("--splits", names) if names else ()))
    assert same_rows(gft, drawn[0], "val", *more) == [*range(val)]
    assert same_rows(gft, drawn[0], "test", *more) == [*range(test)]


@pytest.mark.parametrize("names", [None, "train", "train,__select_from_train__,test"])
def test_val_is_drawn_as_a_fit_would_draw_it(
    names: str | None, drawn: tuple[str, str], gft: Gft, tmp_path: Path
) -> None:
    """Of data that no fit has seen: from the labelled rows, of each class its share."""
    data = write(tmp_path, "other", train=80, test=10)
    more = ("--data", data, *(("--splits", names) if names else ()))
    val = same_rows(gft, drawn[0], "val", *more)
    assert 6 <= len(val) <= 8 and not any(n % 7 == 3 for n in val)
    assert [*val] != [*range(len(val))]
    fit = python.plan(model=drawn[0], data=data, eqn=EQUATION, output_dir=str(tmp_path / "out"),
                      **({"splits": names} if names else {}), preprocessing_only=True)  # fmt: skip
    assert fit.rows["val"] == len(val)


@pytest.mark.parametrize("given", [("--val_size", "0.2"), ("--test_size", "0.2"),
                                   ("--test_size", "12", "--val_size", "9")])  # fmt: skip
def test_sizes_mean_the_same_rows_in_all(
    given: tuple[str, ...], drawn: tuple[str, str], gft: Gft, tmp_path: Path
) -> None:
    data = write(tmp_path, "one", train=80)
    more = ("--data", data, *given)
    sizes = {given[n][2:]: float(given[n + 1]) for n in range(0, len(given), 2)}
    fit = python.plan(model=drawn[0], data=data, eqn=EQUATION, output_dir=str(tmp_path / "out"),
                      preprocessing_only=True, **sizes)  # fmt: skip
    found = {
        role: same_rows(gft, drawn[0], role, *more)
        for role in ("val", "test")
        if role == "val" or "test_size" in sizes
    }
    assert {role: len(some) for role, some in found.items()} == {
        role: fit.rows[role] for role in found
    }
    assert not set(found["val"]) & set(found.get("test", ()))


def test_the_test_rows_that_a_fit_drew(tiny: Path, gft: Gft, tmp_path: Path) -> None:
    data = write(tmp_path, "one", train=80)
    out = tmp_path / "out"
    python.fit(model=f"C:{tiny}", data=data, eqn=EQUATION, output_dir=str(out), test_size=0.2,
               num_train_epochs=1)  # fmt: skip
    table = pyarrow.parquet.read_table(out / "partition.parquet").to_pylist()
    rows = {role: [row["row"] for row in table if row["role"] == role] for role in ("val", "test")}
    assert not set(rows["val"]) & set(rows["test"]) and 12 <= len(rows["test"]) <= 15
    for role, some in rows.items():
        assert same_rows(gft, f"C:{out}", role) == some
    scores = json.loads((out / "metrics.json").read_text("utf-8"))["splits"]
    assert scores["test"]["rows"] == len(rows["test"]) and not scores["test"]["optimistic"]
    scored = python.evaluate(model=f"C:{out}")
    assert (scored.rows, "test (taken out of train)" in repr(scored)) == (len(rows["test"]), True)


def test_a_split_without_data_is_of_what_the_model_was_fitted_to(
    drawn: tuple[str, str], gft: Gft, tmp_path: Path, shell: Gft
) -> None:
    ran = gft("predict", "--model", drawn[0], "--split", "test")
    assert len(ran.out.splitlines()) == 20
    assert f"note: the data is {drawn[1]}, which the model was fitted to" in ran.err
    ready = models.bert(tmp_path / "ready", ["calm", "hard"])
    ran = shell("predict", "--model", f"C:{ready}", "--split", "test", stdin="river\n")
    assert len(ran.out.splitlines()) == 1
    assert "note: --split has no effect without --data: lines of standard input" in ran.err


def test_without_an_equation_nothing_says_which_rows_have_labels(gft: Gft, tmp_path: Path) -> None:
    data = write(tmp_path, "d", train=20)
    ran = gft("cat_data", "--data", data, "--split", "val")
    assert ran.status == 2
    assert "no split 'val' in d" in ran.errors[0]
    assert "gft_fit draws val from train; --eqn names the label column" in ran.errors[0]
    found = numbers(gft, "cat_data", "--data", data, "--split", "val", "--eqn",
                    "classify: colour ~ n")  # fmt: skip
    assert len(found) == 2 and not any(n % 7 == 3 for n in found)


def test_the_default_is_test_for_what_is_shown_and_labelled_for_what_is_scored(
    drawn: tuple[str, str], gft: Gft, tmp_path: Path
) -> None:
    data = write(tmp_path, "d", train=20, val=6)
    (tmp_path / "d.test").write_text("n,text\n0,river\n1,stone\n", "utf-8")
    words = ("--model", drawn[0], "--data", data)
    assert numbers(gft, "predict", *words, "--keep", "n") == [0, 1]
    assert numbers(gft, "cat_data", *words) == [0, 1]
    assert python.evaluate(model=drawn[0], data=data).split == "val"


def test_cat_data_writes_the_train_that_the_fit_learned_from(
    drawn: tuple[str, str], gft: Gft, tmp_path: Path
) -> None:
    """Whoever trains on it does not see the val of the fit."""
    model, data = drawn
    train, val = (
        numbers(gft, "cat_data", "--model", model, "--split", one) for one in ("train", "val")
    )
    labelled = {n for n in range(60) if n % 7 != 3}
    assert set(train) | set(val) == labelled and not set(train) & set(val)
    told = f"train is {len(train)} of the 60 rows of train: without those that gft_fit drew for val"
    for more in ([], ["--data", data]):
        ran = gft("cat_data", "--model", model, *more, "--split", "train")
        assert len(ran.out.splitlines()) == len(train) and told in ran.err
    # Without a model it is the file, unless what a fit would draw is asked for.
    alone = ["cat_data", "--data", data, "--split", "train"]
    assert len(numbers(gft, *alone)) == 60
    sized = [*alone, "--val_size", "0.5", "--format", "jsonl"]
    ran = gft(*sized, "--eqn", EQUATION)
    assert 20 < len(ran.out.splitlines()) < 31 and "would draw for val" in ran.err
    wrong = gft(*sized)
    assert wrong.status == 2 and "--test_size need --eqn" in wrong.err
