"""The output folder: what gft owns, what it leaves alone, whose program it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gft.errors import UserError
from gft.record_file import read_record

Gft = Callable[..., Any]


@pytest.fixture
def fit(gft: Gft, tiny: Path, colours: Path) -> Callable[..., Any]:
    def run(out: Path, *words: object) -> Any:
        return gft(
            "fit", "--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn",
            "classify: colour ~ text", "--output_dir", out, "--num_train_epochs", "1", *words,
        )  # fmt: skip

    return run


def test_what_is_left(fit: Callable[..., Any], tmp_path: Path) -> None:
    ran = fit(tmp_path / "out")
    assert ran.status == 0, ran.err
    record = json.loads((tmp_path / "out" / "gft.json").read_text())
    there = {path.name for path in (tmp_path / "out").iterdir()}
    assert there == set(record["files"])
    assert {"gft.json", "metrics.json", "predictions.parquet", "history.csv", "README.md",
            "config.json", "model.safetensors", "tokenizer.json"} <= there  # fmt: skip
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert metrics["splits"]["val"]["chose_the_epoch"]
    assert not metrics["splits"]["test"]["chose_the_epoch"]
    assert metrics["rows"] == 64
    history = (tmp_path / "out" / "history.csv").read_text().splitlines()
    assert {"step", "epoch", "loss", "val_accuracy"} <= set(history[0].split(","))


def test_other_files_survive(fit: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "my data.csv").write_text("mine")
    (out / "README.md").write_text("my own words")
    (out / "checkpoint-me").mkdir()
    (out / "checkpoint-7").mkdir()
    assert fit(out).status == 0
    assert fit(out, "--overwrite_output_dir").status == 0
    assert fit(out, "--overwrite_output_dir", "--seed", "2").status == 0
    assert (out / "my data.csv").read_text() == "mine"
    assert (out / "README.md").read_text() == "my own words"
    assert (out / "checkpoint-me").is_dir()
    assert (out / "checkpoint-7").is_dir()


def test_the_same_program_is_done_already(fit: Callable[..., Any], tmp_path: Path) -> None:
    assert fit(tmp_path / "out").status == 0
    before = (tmp_path / "out" / "model.safetensors").stat().st_mtime_ns
    again = fit(tmp_path / "out", "--logging_steps", "3")
    assert again.status == 0
    assert "holds this program's fit already" in again.err
    assert (tmp_path / "out" / "model.safetensors").stat().st_mtime_ns == before


def test_another_program_is_a_mistake(fit: Callable[..., Any], tmp_path: Path) -> None:
    assert fit(tmp_path / "out").status == 0
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    other = fit(tmp_path / "out", "--seed", "7")
    assert other.status == 2
    assert "another program (seed 42, now 7)" in other.errors[0]
    assert "--overwrite_output_dir" in other.errors[0]
    after = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    assert after == before


def test_a_model_of_ones_own_is_not_overwritten(fit: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    ran = fit(tmp_path)
    assert ran.status == 2
    assert "config.json, which gft did not write" in ran.errors[0]
    assert (tmp_path / "config.json").read_text() == "{}"


def test_best_means_the_folder_itself(fit: Callable[..., Any], gft: Gft, tmp_path: Path) -> None:
    assert fit(tmp_path / "out").status == 0
    ran = gft("eval", "--model", f"C:{tmp_path / 'out' / 'best'}", "--format", "json")
    assert ran.status == 0, ran.err
    assert json.loads(ran.out)["split"] == "test"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{", "is broken: Expecting"),
        ("[]", "was written by another version of gft"),
        ('{"gft_format": 1, "data": {}}', "is broken: it lacks program and task"),
    ],
)
def test_a_record_that_is_none(written: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "gft.json").write_text(written)
    with pytest.raises(UserError, match=rf"gft\.json {told}"):
        read_record(tmp_path)
