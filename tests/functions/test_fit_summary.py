"""What gft_summary says of a fitted folder, and what metrics.json holds of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
from sklearn.metrics import accuracy_score, f1_score, log_loss, precision_recall_fscore_support

import gft as gft_package


@pytest.fixture(scope="module")
def fitted(tiny: Path, colours: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("fits") / "colours"
    gft_package.fit(model=f"C:{tiny}", data=f"C:{colours}", eqn="classify: colour ~ text",
                    output_dir=str(out), num_train_epochs=2,
                    gradient_accumulation_steps=2)  # fmt: skip
    return out


def metrics_of(folder: Path) -> Any:
    return json.loads((folder / "metrics.json").read_text())


def test_sections_in_order(fitted: Path, gft: Callable[..., Any]) -> None:
    out = gft("summary", fitted).out
    headings = ["Call:", "Data ", "Model:", "Metrics", "Baselines", "Classes", "Calibration"]
    places = [out.index(f"\n{name}") if n else out.index(name) for n, name in enumerate(headings)]
    assert places == sorted(places)
    assert ["blue", "32", "(50.0%)", "12", "(50.0%)", "10", "(50.0%)"] in map(
        str.split, out.splitlines()
    )
    assert "val, chose the epoch (24 rows)" in out
    assert "16 rows a step" in out
    assert "last loss" in out
    assert "not the training seed" in out
    assert out == gft_package.load(f"C:{fitted}").summary()


def test_metrics_are_scikit_learns_on_the_same_predictions(fitted: Path) -> None:
    rows = pyarrow.parquet.read_table(fitted / "predictions.parquet").to_pylist()
    test = [row for row in rows if row["role"] == "test"]
    gold, found = ([row[key] for row in test] for key in ("gold", "prediction"))
    scores = np.array([[row["score_blue"], row["score_red"]] for row in test], np.float64)
    split = metrics_of(fitted)["splits"]["test"]
    value = {name: score["value"] for name, score in split["metrics"].items()}
    assert value["accuracy"] == pytest.approx(accuracy_score(gold, found))
    assert value["f1"] == pytest.approx(f1_score(gold, found, pos_label="red"))
    assert value["loss"] == pytest.approx(
        log_loss(gold, scores / scores.sum(1, keepdims=True)), rel=1e-4
    )
    theirs = precision_recall_fscore_support(gold, found, labels=["blue", "red"], zero_division=0)
    for n, name in enumerate(("blue", "red")):
        assert tuple(split["classes"][name].values()) == pytest.approx([one[n] for one in theirs])


def test_baselines_are_in_metrics_and_card(fitted: Path, gft: Callable[..., Any]) -> None:
    metrics = metrics_of(fitted)
    linear = metrics["baselines"]["linear"]["splits"]["test"]
    assert linear["metrics"]["accuracy"] == 1
    mine = metrics["splits"]["test"]["metrics"]["accuracy"]["value"]
    assert linear["differences"]["accuracy"]["value"] == pytest.approx(mine - 1)
    assert metrics["baselines"]["majority"]["splits"]["val"]["metrics"]["accuracy"] == 0.5
    card = (fitted / "README.md").read_text()
    assert "logistic regression on TF-IDF" in card
    assert "| majority | accuracy | 0.5000 |" in card


def test_json_and_its_short_form(fitted: Path, gft: Callable[..., Any]) -> None:
    short, long = gft("summary", fitted, "--json"), gft("summary", fitted, "--format", "json")
    assert short.out == long.out
    fit = json.loads(short.out)["fit"]
    assert fit["training"]["effective_batch"] == 16
    assert fit["metrics"]["baselines"]
    assert any("significant" in note or "statistical power" in note for note in fit["notes"])
    assert json.loads(gft("eval", "--model", fitted, "--json").out)["split"] == "test"
    both = gft("summary", fitted, "--json", "--format", "table")
    assert "--json has no effect: --format table takes precedence" in both.err


def test_numbers_have_a_mean_and_no_classes(
    gft: Callable[..., Any], tiny: Path, colours: Path, tmp_path: Path
) -> None:
    ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn",
              "regress: size ~ text", "--output_dir", tmp_path / "out",
              "--num_train_epochs", "1")  # fmt: skip
    assert ran.status == 0, ran.err
    assert (
        "A linear model on TF-IDF reaches pearson 1.0000 on test. The model's difference is"
        in ran.out
    )
    assert "its report.html shows how it went" in ran.err
    out = gft("summary", tmp_path / "out").out
    assert "always the mean of train" in out
    rows = [line.split() for line in out.splitlines()]
    train = next(row for row in rows if row[:2] == ["train", "64"])
    assert train[-4:] == ["1.25", "1.25", "0", "2.5"]
    assert "Classes" not in out


def test_groups_are_drawn_whole(gft: Callable[..., Any], tiny: Path, tmp_path: Path) -> None:
    lines = [f"river mark{n % 2},{n % 2},{n // 8}" for n in range(64)]
    (tmp_path / "a.csv").write_text("\n".join(["text,label,author", *lines]) + "\n")
    arguments = ("--model", f"C:{tiny}", "--data", tmp_path / "a.csv", "--eqn",
                 "classify: label ~ text", "--splits", "train,train,train")  # fmt: skip
    wrong = gft("fit", *arguments, "--output_dir", tmp_path / "out", "--group", "autor")
    assert wrong.status == 2
    assert "--group: no column 'autor'" in wrong.errors[0]
    assert "did you mean 'author'?" in wrong.errors[0]
    ran = gft("fit", *arguments, "--output_dir", tmp_path / "out", "--group", "author",
              "--num_train_epochs", "1")  # fmt: skip
    assert ran.status == 0, ran.err
    told = "the 64 rows of val are 8 groups and the 64 rows of test are 8 groups."
    assert told in gft("summary", tmp_path / "out").out
    asked = ("eval", "--model", tmp_path / "out", "--split", "train", "--json")
    as_in_the_fit = json.loads(gft(*asked).out)["metrics"]["loss"]
    grouped = json.loads(gft(*asked, "--group", "author").out)["metrics"]["loss"]
    alone = json.loads(gft(*asked, "--group", "text").out)["metrics"]["loss"]
    assert as_in_the_fit == grouped
    assert alone["value"] == grouped["value"]
    assert alone["low"] != grouped["low"]
