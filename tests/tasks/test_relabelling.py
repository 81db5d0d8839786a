"""`--label_map` in a fit: other names, merged classes, rows that are left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gft.errors import UserError
from gft.tasks.classify import Classify
from gft.tasks.classify_several import ClassifySeveral
from gft.tasks.labels import still_meant
from gft.tasks.relabelling import relabelled
from ran import Ran

STARS = ("bad", "good", "NA", "very good")


def test_labels_are_merged_renamed_and_left_out() -> None:
    made = relabelled(STARS, ("0", "1", "2", "3"), ["very good=Good", "NA=", "bad=poor"], ())
    assert made.labels == ("poor", "good")
    assert made.raw_labels == ("0", "1") and made.more == (("3", "good"),)
    assert made.notes == (
        "--label_map: bad counts as poor; very good counts as good; rows of NA are left out",
    )
    swapped = relabelled(("a", "b"), ("a", "b"), ["a=b", "b=a"], ())
    assert (swapped.labels, swapped.raw_labels) == (("b", "a"), ("a", "b"))
    numbers = ("1", "2", "3")
    assert relabelled(numbers, numbers, ["1=low", "2=low", "3=high"], ()).labels == ("low", "high")


def test_a_label_of_the_model_lends_its_weights_or_names_what_is_merged() -> None:
    theirs = ("ant", "bee")
    lent = relabelled(("ants", "bees"), ("ants", "bees"), ["ants=ant", "bees=bee"], theirs)
    assert lent.labels == ("ants", "bees") and lent.lent == ("ants=ant", "bees=bee")
    merged = relabelled(("red ant", "black ant", "bee"), ("r", "b", "e"),
                        ["red ant=ant", "black ant=ant"], theirs)  # fmt: skip
    assert merged.labels == ("ant", "bee") and merged.more == (("b", "ant"),)
    assert not merged.lent


def test_labels_with_equals_signs_and_those_there_are_not() -> None:
    assert relabelled(("a=b", "c"), ("a=b", "c"), ["a=b=x"], ()).labels == ("x", "c")
    with pytest.raises(UserError, match=r"no label 'goood' in the data \(did you mean 'good'"):
        relabelled(STARS, STARS, ["goood=bad"], ())
    with pytest.raises(UserError, match="--label_map leaves no label"):
        relabelled(("a",), ("a",), ["a="], ())


def test_what_of_a_fit_s_pairs_is_still_meant() -> None:
    pairs = ("very good=good", "NA=", "ants=ant", "new=good")
    assert still_meant(pairs, STARS, ("bad", "good")) == ("very good=good", "NA=")


def test_a_fit_leaves_rows_out_and_eval_remembers(
    gft: Callable[..., Ran], tiny: Path, tmp_path: Path
) -> None:
    file, out = tmp_path / "d.csv", tmp_path / "out"
    labels = ["good", "bad", "very good", "NA", "bad", "good"]
    file.write_text("text,y\n" + "".join(f"text {n},{one}\n" for n, one in enumerate(labels)))
    words = ("--data", file, "--eqn", "classify: y ~ text", "--splits", "train,train")
    wrong = gft(
        "fit", "--model", f"C:{tiny}", *words, "--label_map", "bad=", "NA=", "good=very good"
    )
    assert wrong.status == 2
    assert "--label_map leaves one class, very good; classify needs two" in wrong.errors[0]
    ran = gft("fit", "--model", f"C:{tiny}", *words, "--output_dir", out, "--num_train_epochs", 1,
              "--label_map", "very good=good", "NA=")  # fmt: skip
    assert ran.status == 0, ran.err
    assert "note: --label_map: very good counts as good; rows of NA are left out" in ran.err
    assert "left out of train: 1 row without a label" in ran.err
    assert "looks like a missing value" not in ran.err
    assert json.loads((out / "gft.json").read_text())["task"]["labels"] == ["bad", "good"]
    ran = gft("eval", "--model", f"C:{out}", "--split", "train", "--format", "json")
    assert ran.status == 0, ran.err
    found = json.loads(ran.out)
    assert (found["rows"], found["rows_without_label"]) == (5, 1)
    assert "note: --label_map very good=good NA=, as in the fit" in ran.err


@pytest.mark.parametrize("several", [False, True])
def test_older_folders_call_raw_labels_otherwise(several: bool) -> None:
    saved = {"inputs": ["text"], "outputs": ["label"], "labels": ["no", "yes"], "several": several}
    task = Classify.restore({**saved, "spelt": ["0", "1"]})
    assert isinstance(task, ClassifySeveral if several else Classify)
    assert task == Classify.restore({**saved, "raw_labels": ["0", "1"]})
    assert task.raw_labels == ("0", "1") and "spelt" not in task.saved()
