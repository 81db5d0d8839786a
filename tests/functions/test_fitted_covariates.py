"""A fitted folder with covariates: its files, what transformers makes of it, and going on."""

from __future__ import annotations

import json
import math
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

import gft as package
from gft import events
from gft.covariates.covariates import NUMBERS, SETTINGS
from gft.covariates.files import read_design, read_effects
from gft.engine.inference import predict_here
from gft.engine.rereading import rereading
from gft.storage.manifest import MANIFEST
from ran import Ran

EQUATION = "classify: side ~ text + num(age) + cat(party)"


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows whose label depends on age and party; texts say next to nothing."""
    folder, draw = tmp_path_factory.mktemp("survey"), random.Random(0)
    for split, rows in (("train", 96), ("val", 16), ("test", 24)):
        lines = ["text,age,party,side"]
        for n in range(rows):
            age, party = draw.gauss(40, 10), draw.choice(["left", "right", "green"])
            logit = (age - 40) / 5 + {"left": -2, "right": 2, "green": 0}[party]
            side = ["no", "yes"][draw.random() < 1 / (1 + math.exp(-logit))]
            lines.append(f"river mark{n % 50} {split},{age:.1f},{party},{side}")
        (folder / f"survey.{split}").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "survey"


def fit(tiny: Path, survey: Path, out: Path, **more: Any) -> package.Fit:
    arguments = {"num_train_epochs": 1, "precision": "fp32", "save_steps": 5, **more}
    return package.fit(model=f"C:{tiny}", data=f"C:{survey}", eqn=EQUATION,
                       output_dir=str(out), **arguments)  # fmt: skip


@pytest.fixture(scope="module")
def fitted(tiny: Path, survey: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("covariates") / "out"
    fit(tiny, survey, out)
    return out


def test_the_folder_holds_the_effects_beside_the_net(fitted: Path) -> None:
    record = json.loads((fitted / "gft.json").read_text())
    manifest = json.loads((fitted / MANIFEST).read_text())
    assert {SETTINGS, NUMBERS} <= {*record["files"]} & {*manifest["model"]}
    with safe_open(fitted / "model.safetensors", "np") as weights:
        assert not [name for name in weights.keys() if "covariates" in name]  # noqa: SIM118
    design = read_design(fitted / SETTINGS)
    effects = read_effects(fitted, design, ("no", "yes"))
    assert design.names == ("age", "party: green", "party: left", "party: right")
    no, yes = effects.weights
    assert yes[0] > 0 > yes[2] and yes[3] > 0 and no == pytest.approx(-yes, abs=1e-3)
    assert record["model"]["covariates"] == ["num(age)", "cat(party)"]
    card = (fitted / "README.md").read_text()
    assert "The model reads num(age), cat(party) beside what the net reads." in card


def test_transformers_alone_gives_the_answer_at_the_reference_values(fitted: Path) -> None:
    """And with the effects applied in numpy, every answer."""
    texts = ["river mark3 test", "stone", "market mark7 river stone"]
    net = AutoModelForSequenceClassification.from_pretrained(fitted).eval()
    logits = net(**AutoTokenizer.from_pretrained(fitted)(texts, padding=True, return_tensors="pt"))
    alone = logits.logits.detach().numpy()
    predictor = package.load(str(fitted), precision="fp32").predictor

    def logs(age: list[float | None], party: list[str]) -> Any:
        scores = predictor.rows({"text": texts, "age": age, "party": party}).scores
        return np.log(np.asarray(scores, np.float64))

    def chances(scores: Any) -> Any:
        return scores - np.log(np.exp(scores.astype(np.float64)).sum(1, keepdims=True))

    design = read_design(fitted / SETTINGS)
    # A missing age is the mean, and a party that is not in train the average.
    assert logs([None] * 3, ["none of them"] * 3) == pytest.approx(chances(alone), abs=1e-5)
    cells = {"age": [20.0, 61.5, None], "party": ["left", "right", "green"]}
    effects = read_effects(fitted, design, ("no", "yes"))
    moved = effects.apply(alone, design.of(cells))
    assert logs(cells["age"], cells["party"]) == pytest.approx(chances(moved), abs=1e-5)
    assert np.abs(chances(moved) - chances(alone)).max() > 0.05


@pytest.mark.parametrize("more", [{}, {"peft": "lora", "merge_lora": True}])
def test_a_stopped_fit_goes_on_to_the_same_effects(
    more: dict[str, Any], tiny: Path, survey: Path, fitted: Path, tmp_path: Path
) -> None:
    def stop(event: events.Event) -> None:
        if isinstance(event, events.Step) and event.step >= 8:
            raise package.Stop

    whole = fitted
    if more:
        whole = tmp_path / "whole"
        fit(tiny, survey, whole, **more)
    with pytest.raises(package.Interrupted):
        fit(tiny, survey, tmp_path / "out", watch=stop, **more)
    fit(tiny, survey, tmp_path / "out", **more)
    for name in ("model.safetensors", SETTINGS, NUMBERS, "predictions.parquet"):
        assert (tmp_path / "out" / name).read_bytes() == (whole / name).read_bytes(), name
    assert np.abs(read_effects(whole, read_design(whole / SETTINGS), ("no", "yes")).weights).max()


def test_another_fit_begins_with_the_net_alone(
    gft: Callable[..., Ran], fitted: Path, survey: Path, tmp_path: Path
) -> None:
    for equation, told in ((EQUATION, "are learned anew"), ("classify: side ~ text", "net alone")):
        ran = gft("fit", "--model", f"C:{fitted}", "--data", f"C:{survey}", "--eqn", equation,
                  "--output_dir", tmp_path / "out", "--preprocessing_only")  # fmt: skip
        assert f"the effects of num(age) and cat(party) that C:{fitted} has are left out" in ran.err
        assert told in ran.err and ran.status == 0
    # Without its record nobody knows what the covariates are: not even the net answers then.
    shutil.copytree(fitted, tmp_path / "copy", ignore=lambda *_: ["gft.json", MANIFEST])
    ran = gft("predict", "--model", f"C:{tmp_path / 'copy'}", "--data", f"C:{survey}")
    assert ran.status == 2 and "has covariates, which only its fitted folder can read" in ran.err
    (tmp_path / "copy" / SETTINGS).unlink()
    ran = gft("eval", "--model", f"C:{tmp_path / 'copy'}", "--data", f"C:{survey}",
              "--eqn", EQUATION)  # fmt: skip
    told = "has not learned num(age) and cat(party); leave it out of the equation"
    assert ran.status == 2 and told in ran.err


def test_what_is_missing_or_damaged_is_named(
    gft: Callable[..., Ran], fitted: Path, survey: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(fitted, out)
    (out / MANIFEST).unlink()
    words = ["--model", f"C:{out}", "--data", f"C:{survey}", "--split", "test"]

    def told(status: int = 2) -> str:
        ran = gft("predict", *words)
        assert ran.status == status and ran.out == "" and ran.err.count("\n") == 1
        return ran.err

    numbers = {"weights": np.full((2, 4), np.nan, np.float32)}
    save_file(numbers, out / NUMBERS)
    assert f"{out / NUMBERS} is broken: weights holds a value that is not finite" in told()
    save_file({"weights": np.zeros((2, 3), np.float32)}, out / NUMBERS)
    assert "is float32 of shape (2, 3), expected float32 of shape (2, 4)" in told()
    save_file({"weights": np.zeros((2, 4), np.float32)}, out / NUMBERS)
    assert f"{out / NUMBERS} is broken: gain is nothing, expected float32 of shape (4,)" in told()
    (out / NUMBERS).write_bytes(b"nothing")
    assert f"{out / NUMBERS} cannot be read" in told()
    (out / NUMBERS).unlink()
    assert f"{out / NUMBERS} is missing: the model is not complete without its covariates" in told()
    shutil.copy(fitted / NUMBERS, out)
    settings = json.loads((out / SETTINGS).read_text())
    (out / SETTINGS).write_text(json.dumps(settings | {"outputs": ["yes", "no"]}))
    assert "its outputs are not those of the model: no and yes" in told()
    (out / SETTINGS).unlink()
    shutil.copy(fitted / MANIFEST, out)
    assert f"{out} is damaged: {SETTINGS} is missing" in told(1)


def test_the_fit_says_what_each_column_is_worth(fitted: Path) -> None:
    split = json.loads((fitted / "metrics.json").read_text())["splits"]["test"]
    worth = split["importance"]["columns"]
    assert list(worth) == ["text", "age", "party"] and split["importance"]["rows"] == 24
    beside = worth["age"]["value"] + worth["party"]["value"]
    assert beside > 0.05 >= abs(worth["text"]["value"])
    assert set(split["directions"]) == {"age", "party"}
    for name in ("report.html", "README.md"):
        assert "Column importance" in (fitted / name).read_text()
    summary = str(package.load(str(fitted)).summary())
    assert "are shuffled and the other columns stay as they are" in summary


def test_texts_that_were_read_are_not_read_again(fitted: Path, survey: Path) -> None:
    predictor = package.load(str(fitted)).predictor
    rows = package.load_data(f"C:{survey}").splits["test"]
    cells = {name: list(rows.column(name)) for name in ("text", "age", "party")}
    predict = rereading(predictor)  # type: ignore[arg-type]
    for ages in (cells["age"], cells["age"][::-1]):
        cells["age"] = ages
        expected = predict_here(predictor, cells).scores
        assert predict(cells).scores == pytest.approx(expected, abs=1e-6)


def test_sharded_weights_are_refused(
    tiny: Path, survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "covariates are not trained beside sharded weights; leave it out"
    with pytest.raises(package.UserError, match=f"fsdp: {told}"):
        fit(tiny, survey, tmp_path / "no", fsdp=True, dry_run=True)
    monkeypatch.setenv("ACCELERATE_USE_DEEPSPEED", "true")
    with pytest.raises(package.UserError, match=f"deepspeed: {told}"):
        fit(tiny, survey, tmp_path / "no", dry_run=True)
