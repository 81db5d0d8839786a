"""datasets/make_cased.py: text in lower case, with the case of each word as its tag."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.server import Hub
from make_cased import main, shape_of

Gft = Callable[..., Any]
SHAPES = {
    "river": "x", "Paris": "Xx", "NATO": "X", "McDonald's": "XxXxox", "AT&T": "XoX",
    "iPhone": "xXx", "3.5": "o", "...": "o", "U.S.": "XoXo", "e\u0301te\u0301": "x",
    "\u6cb3": "o", "": "o",
}  # fmt: skip


@pytest.mark.parametrize("word", SHAPES)
def test_shapes(word: str) -> None:
    assert shape_of(word) == SHAPES[word]


def test_the_files_and_a_fit_of_them(
    tiny: Path, gft: Gft, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rare = [f"{'aB' * n}c" for n in range(1, 25)]
    texts = ["River stone", "the River . ", "", *(f"the {word}" for word in rare)]
    lines = "".join(json.dumps({"text": text, "other": 1}) + "\n" for text in texts)
    for split in ("train", "test"):
        (tmp_path / f"{split}.jsonl").write_text(lines)
    out = tmp_path / "fit" / "cased"
    assert main(["--data", f"C:{tmp_path}", "--output_dir", str(out)]) == 0
    rows = {
        split: [json.loads(line) for line in (out / f"{split}.jsonl").open()]
        for split in ("train", "val", "test")
    }
    assert rows["test"][:2] == [
        {"tokens": ["river", "stone"], "case_labels": ["Xx", "x"]},
        {"tokens": ["the", "river", "."], "case_labels": ["x", "Xx", "o"]},
    ]
    assert [len(rows[split]) for split in rows] == [23, 3, 26]
    kept = {label for row in rows["train"] for label in row["case_labels"]}
    assert len(kept - {"misc"}) == 20 and "misc" in kept
    words = shlex.split(capsys.readouterr().out)
    assert words[0] == "gft_fit" and f"C:{out}" in words
    words[words.index("--model") + 1] = f"C:{tiny}"
    ran = gft("fit", *words[1:], "--output_dir", tmp_path / "fit", "--num_train_epochs", "1")
    assert ran.status == 0, ran.err
    record = json.loads((tmp_path / "fit" / "gft.json").read_text())
    assert record["figure_of_merit"] == "accuracy"
    assert {"misc", "x", "Xx"} <= set(record["task"]["labels"])
    assert (out / "train.jsonl").exists()


def test_x_and_capital_x_are_two_labels(tiny: Path, gft: Gft, tmp_path: Path) -> None:
    rows = [{"tokens": ["a", "b"], "tags": ["x", "X"]}, {"tokens": ["a"], "tags": ["Xx"]}] * 8
    for split in ("train", "val"):
        (tmp_path / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    out = tmp_path / "out"
    gft("fit", "--model", f"C:{tiny}", "--data", f"C:{tmp_path}", "--eqn", "t: tags ~ tokens",
        "--num_train_epochs", "1", "--output_dir", out)  # fmt: skip
    scored = gft("eval", "--model", f"C:{out}", "--split", "val", "--format", "json")
    kept = json.loads((out / "metrics.json").read_text())["splits"]["val"]["metrics"]
    assert json.loads(scored.out)["metrics"] == kept
    again = gft("fit", "--model", f"C:{out}", "--data", f"C:{tmp_path}", "--eqn",
                "t: tags ~ tokens", "--num_train_epochs", "0", "--class_weight", "X=2",
                "--output_dir", tmp_path / "again")  # fmt: skip
    assert again.status == 0 and "head" not in again.err
    assert json.loads((tmp_path / "again" / "gft.json").read_text())["model"]["new_weights"] == []


def test_a_program_that_prepares_its_data(hub: Hub, tmp_path: Path) -> None:
    words = ["--data", "H:ag_news", "--splits", "train,__select_from_train__,test",
             "--text_field", "text", "--output_dir", str(tmp_path / "ag_news")]  # fmt: skip
    assert main(words) == 0
    assert sorted(path.name for path in (tmp_path / "ag_news").iterdir()) == [
        "test.jsonl", "train.jsonl", "val.jsonl"]  # fmt: skip


def test_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.jsonl").write_text('{"a": "River", "b": "Stone", "n": 1}\n' * 4)
    data = ("--data", f"C:{tmp_path / 'x.jsonl'}", "--output_dir", str(tmp_path / "out"))
    cases = {
        (): "2 columns of text (a and b); say which one",
        ("--text_field", "c"): "--text_field: no column 'c' in x.jsonl",
        ("--text_field", "n"): "--text_field n: it holds integer values",
        ("--text_field", "a", "--splits", "train,dev"): "no split 'dev'",
    }
    for words, message in cases.items():
        assert main([*data, *words]) == 2
        assert message in capsys.readouterr().err
    assert main([*data, "--text_field", "a"]) == 0
    assert main([*data, "--text_field", "a"]) == 2
    assert "has train.jsonl already" in capsys.readouterr().err
    assert main([*data, "--text_field", "b", "--overwrite_output_dir"]) == 0
