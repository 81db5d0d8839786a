"""Evaluate: a fitted folder knows its data, its metrics and its labels."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

Gft = Callable[..., Any]


@pytest.fixture(scope="module")
def fitted(tiny: Path, colours: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import gft

    before = Path.cwd()
    os.chdir(colours.parent)
    out = tmp_path_factory.mktemp("evaluated") / "out"
    gft.fit(model=f"C:{tiny}", data=f"C:{colours.name}", eqn="classify: colour ~ text",
            output_dir=str(out), num_train_epochs=2,
            metric=["H:f1,macro", "H:accuracy"])  # fmt: skip
    os.chdir(before)
    return out


@pytest.mark.parametrize("split", ["val", "test"])
def test_the_metrics_are_those_of_the_fit(fitted: Path, split: str, gft: Gft) -> None:
    ran = gft("eval", "--model", f"C:{fitted}", "--split", split, "--format", "json")
    assert ran.status == 0, ran.err
    found = json.loads(ran.out)
    kept = json.loads((fitted / "metrics.json").read_text())["splits"][split]
    assert found["metrics"] == kept["metrics"]
    assert list(found["metrics"]) == ["f1", "accuracy"]
    rows = pyarrow.parquet.read_table(fitted / "predictions.parquet").to_pylist()
    mine = [row["gold"] == row["prediction"] for row in rows if row["role"] == split]
    assert found["metrics"]["accuracy"]["value"] == sum(mine) / len(mine)


def test_other_data_with_other_names(fitted: Path, gft: Gft, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("words,hue\nriver mark0,RED\nstone mark1,Blue\na,\n")
    words = ("--model", f"C:{fitted}", "--data", f"C:{tmp_path / 'other.csv'}")
    ran = gft("eval", *words, "--eqn", "classify: hue ~ words", "--format", "json")
    assert ran.status == 0, ran.err
    found = json.loads(ran.out)
    assert (found["rows"], found["rows_without_label"]) == (2, 1)
    missing = gft("eval", *words)
    assert missing.status == 2
    assert "no column 'text'" in missing.errors[0] + missing.errors[1]


def test_rows_that_were_trained_on_are_a_warning(fitted: Path, gft: Gft) -> None:
    trained = gft("eval", "--model", f"C:{fitted}", "--split", "train")
    assert trained.status == 0
    assert "was trained on train: its scores are optimistically biased" in trained.err
    assert "was trained on" not in gft("eval", "--model", f"C:{fitted}", "--split", "test").err


def test_tables(fitted: Path, gft: Gft) -> None:
    table = gft("eval", "--model", f"C:{fitted}", "--split", "test").out.splitlines()
    assert "on test of colours, 20 rows" in table[0]
    plain = gft("eval", "--model", f"C:{fitted}", "--split", "test", "--format", "tsv").out
    assert [line.split("\t")[0] for line in plain.splitlines()] == ["f1", "accuracy"]


def test_data_without_a_name_must_be_given(tiny: Path, tmp_path: Path) -> None:
    import gft

    rows = {"text": ["river mark0", "stone mark1"] * 10, "y": ["a", "b"] * 10}
    fit = gft.fit(model=f"C:{tiny}", data=rows, eqn="classify: y ~ text", num_train_epochs=1,
                  output_dir=str(tmp_path / "out"))  # fmt: skip
    assert len(fit.predict(["river"])) == 1
    with pytest.raises(gft.UserError, match=r"gft\.evaluate needs data="):
        gft.evaluate(model=f"C:{tmp_path / 'out'}")
    assert gft.evaluate(model=f"C:{tmp_path / 'out'}", data=rows, split="train").rows == 20
