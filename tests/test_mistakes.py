"""A mistake is one line that names what exists; exit 2, no weight asked for, nothing left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.server import Hub

MODEL = ("--model", "H:bert-base-cased")
QQP = ("--data", "H:glue,qqp")
EQUATION = ("--eqn", "classify: label ~ question1 + question2")

CASES = {
    "column": ([*MODEL, *QQP, "--eqn", "classify: label ~ question1 + question3"],
               ["no column 'question3' in glue,qqp (did you mean 'question2'?); available: "
                "question1, question2, label and idx"]),
    "split": ([*MODEL, *QQP, *EQUATION, "--splits", "train,dev,test"],
              ["no split 'dev' in glue,qqp; available: train, validation and test"]),
    "config": ([*MODEL, "--data", "H:glue,qq", *EQUATION],
               ["no configuration 'qq' in H:glue (did you mean 'qqp'?)"]),
    "regress": ([*MODEL, "--data", "H:glue,cola", "--eqn", "regress: sentence ~ idx",
                 "--splits", "train,validation"],
                ["row 1 of train holds", "row 1 of val holds"]),
    "argument": ([*MODEL, *QQP, *EQUATION, "--lerning_rate", "1"],
                 ["unknown argument --lerning_rate; did you mean --learning_rate?"]),
    "value": ([*MODEL, *QQP, *EQUATION, "--num_train_epochs", "three"],
              ["--num_train_epochs: expected a number, found 'three'"]),
    "two": ([*MODEL, *QQP, "--eqn", "classify: lable ~ question1", "--splits", "train,val,test"],
            ["no split 'val'", "no column 'lable'"]),
    "two words": ([*MODEL, *QQP, "--eqn", "classify: label question1", "--sed", "1"],
                  ["unknown argument --sed; did you mean --seed?", "equation: expected '~'"]),
    "model": (["--model", "H:bert-base-casd", *QQP, *EQUATION],
              ["no model 'bert-base-casd' (did you mean 'google-bert/bert-base-cased'?)"]),
    "task": ([*MODEL, *QQP, "--eqn", "clasify: label ~ question1"],
             ["no task 'clasify' (did you mean 'classify'?)"]),
    "metric": ([*MODEL, *QQP, *EQUATION, "--metric", "H:acuracy"],
               ["no metric 'H:acuracy'"]),
    "metric of another task": ([*MODEL, *QQP, *EQUATION, "--metric", "H:pearson"],
                               ["metric pearson measures numbers"]),
    "merit": ([*MODEL, *QQP, *EQUATION, "--figure_of_merit", "acc"],
              ["no selection metric 'acc'"]),
    "nothing": ([], ["needs --model", "needs --data", "needs --eqn"]),
    "no file": ([*MODEL, "--data", "C:./nowhere.csv", *EQUATION], ["no data at nowhere.csv"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_mistake(case: str, hub: Hub, gft: Callable[..., Any], tmp_path: Path) -> None:
    words, expected = CASES[case]
    before = len(hub.weights_requested())
    ran = gft("fit", *words, "--output_dir", tmp_path / "out")
    assert ran.status == 2
    assert len(ran.errors) == len(expected), ran.err
    for line, text in zip(ran.errors, expected, strict=True):
        assert text in line
    assert "Traceback" not in ran.err
    assert ran.out == ""
    assert len(hub.weights_requested()) == before
    assert not (tmp_path / "out").exists()


FILES = {
    "empty": (b"", ["x.csv is empty"]),
    "ragged": (b"label,text\nred,a\nblue\n", ["line 3"]),
    "latin": "label,text\nred,caf\xe9\n".encode("latin-1"),
    "header": (b"label,label\nred,a\n", ["label"]),
    "one class": (b"label,text\nred,a\nred,b\nred,c\nred,d\n", ["1 class"]),
}


@pytest.mark.parametrize("case", FILES)
def test_file(case: str, gft: Callable[..., Any], tiny: Path, tmp_path: Path) -> None:
    content, expected = FILES[case] if case != "latin" else (FILES[case], ["line 2"])
    (tmp_path / "x.csv").write_bytes(content)
    ran = gft(
        "fit", "--model", f"C:{tiny}", "--data", f"C:{tmp_path / 'x.csv'}",
        "--eqn", "classify: label ~ text", "--output_dir", tmp_path / "out",
    )  # fmt: skip
    assert ran.status == 2
    assert len(ran.errors) == 1
    assert all(text in ran.errors[0] for text in expected), ran.err
    assert not (tmp_path / "out").exists()


def test_caret(gft: Callable[..., Any]) -> None:
    ran = gft("fit", "--eqn", "classify: label ~ a + + b")
    lines = ran.err.splitlines()
    place = lines.index("    classify: label ~ a + + b")
    assert lines[place + 1].index("^") == lines[place].index("+ b")


def test_a_model_without_a_trained_head_refuses(hub: Hub, gft: Callable[..., Any]) -> None:
    ran = gft("eval", *MODEL, *QQP, *EQUATION, "--split", "validation")
    assert ran.status == 2
    assert "fit it first" in ran.errors[0]


def test_labels_meet_by_name(hub: Hub, gft: Callable[..., Any]) -> None:
    words = ("--eqn", "classify: label ~ premise + hypothesis", "--split", "validation_matched")
    named = gft("eval", "--model", "H:someone/mnli", "--data", "H:glue,mnli", *words)
    assert named.status == 0, named.err
    [warned] = [line for line in named.err.splitlines() if "warning" in line]
    assert "The model answers 'neutral' for all 24 rows" in warned  # It was never trained.
    rte = ("--data", "H:glue,rte", "--eqn", "classify: label ~ sentence1 + sentence2")
    other = gft("eval", "--model", "H:someone/mnli", *rte, "--split", "validation")
    assert other.status == 2
    assert "entailment and not_entailment" in other.errors[0]
    assert "contradiction, neutral and entailment" in other.errors[0]
    generic = gft("eval", "--model", "H:someone/generic", *rte, "--split", "validation")
    assert generic.status == 0
    assert "labels are matched by position" in generic.err


def test_no_network_is_one_line(hub: Hub, shell: Callable[..., Any], tmp_path: Path,
                                monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    ran = shell("summary", "--data", "H:glue,qqp")
    assert ran.status == 1
    assert len(ran.err.splitlines()) == 1
    assert "glue" in ran.err
