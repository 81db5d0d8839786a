"""gft_eval of several models, and of models whose labels have other names."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Gft = Callable[..., Any]


@pytest.fixture(scope="module")
def models(tiny: Path, colours: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A model that knows the colours, and one that does not."""
    import gft

    folders = []
    for epochs, rate in ((6, 5e-3), (1, 0.0)):
        out = tmp_path_factory.mktemp("model") / "out"
        gft.fit(model=f"C:{tiny}", data=f"C:{colours}", eqn="classify: colour ~ text",
                output_dir=str(out), num_train_epochs=epochs, learning_rate=rate)  # fmt: skip
        folders.append(out)
    return folders


def test_a_row_each_best_first_and_a_failure_stops_nobody(models: list[Path], gft: Gft) -> None:
    good, bad = models
    given = ["--model", f"C:{bad}", "C:nowhere", f"C:{good}", "--metric", "H:accuracy"]
    ran = gft("eval", *given, "--split", "test")
    assert ran.status == 1
    rows = [line.split()[0] for line in ran.out.splitlines() if line.startswith("C:")]
    assert rows == [f"C:{good}", f"C:{bad}", "C:nowhere", "C:nowhere:"]
    assert "no model folder nowhere" in ran.out
    found = json.loads(gft("eval", *given, "--split", "test", "--format", "json").out)
    assert [one["model"] for one in found] == [f"C:{good}", f"C:{bad}", "C:nowhere"]
    assert found[0]["figures"]["accuracy"]["value"] == 1.0 and "error" in found[2]
    plain = gft("eval", *given, "--split", "test", "--format", "tsv").out.splitlines()
    assert [line.split("\t")[:2] for line in plain] == [
        [f"C:{good}", "accuracy"], [f"C:{bad}", "accuracy"], ["C:nowhere", "error"]]  # fmt: skip


def test_other_commands_take_one_model(models: list[Path], gft: Gft) -> None:
    ran = gft("predict", "--model", *(f"C:{folder}" for folder in models))
    assert ran.status == 2 and "gft_predict takes one --model, found 2" in ran.errors[0]


@pytest.fixture
def french(tmp_path: Path) -> Path:
    rows = ["text,colour", "river mark0 river,rouge", "stone mark1 stone,bleu",
            "market mark0 market,vermeil", "letter letter letter,autre"]  # fmt: skip
    (tmp_path / "french.test").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path / "french"


def test_a_label_map_says_which_label_is_which(models: list[Path], french: Path, gft: Gft) -> None:
    given = ["--model", f"C:{models[0]}", "--data", f"C:{french}", "--split", "test",
             "--metric", "H:accuracy", "--format", "json"]  # fmt: skip
    ran = gft("eval", *given)
    assert ran.status == 2 and "--label_map DATA=MODEL" in ran.errors[0]
    ran = gft("eval", *given, "--label_map", "rouge=red", "vermeil=Red", "bleu=blue", "autre=")
    found = json.loads(ran.out)
    assert (found["rows"], found["rows_without_label"]) == (3, 1)
    assert found["figures"]["accuracy"]["value"] == 1.0


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        (["rouge=red"], "autre, bleu and vermeil of the data is no label of the model's"),
        (["rouge=green"], "no label 'green' in the model"),
        (["roug=red"], "no label 'roug' in the data (did you mean 'rouge'?)"),
        (["rouge"], "expected DATA=MODEL, found 'rouge'"),
    ],
)
def test_label_maps_that_are_wrong(
    pairs: list[str], told: str, models: list[Path], french: Path, gft: Gft
) -> None:
    ran = gft("eval", "--model", f"C:{models[0]}", "--data", f"C:{french}", "--split", "test",
              "--label_map", *pairs)  # fmt: skip
    assert ran.status == 2 and told in ran.errors[0]


def test_top_k(models: list[Path], shell: Callable[..., Any]) -> None:
    ran = shell("predict", "--model", f"C:{models[0]}", "--top_k", "2", stdin="river mark0\n")
    fields = ran.out.rstrip("\n").split("\t")
    assert fields[1::2] == ["red", "blue"] and float(fields[2]) > float(fields[4])
