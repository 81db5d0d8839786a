"""gft_fit --seeds: every seed as by itself, the best one on top, mean and spread of all."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gft as gft_package
from gft.errors import Interrupted
from gft.folder import OutputFolder

Gft = Callable[..., Any]


def words(tiny: Path, colours: Path, out: Path, *more: object) -> list[object]:
    return ["fit", "--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn",
            "classify: colour ~ text", "--num_train_epochs", "1", "--learning_rate", "2e-3",
            "--output_dir", out, *more]  # fmt: skip


@pytest.fixture(scope="module")
def fitted(tiny: Path, colours: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("fits") / "three"
    gft_package.fit(model=f"C:{tiny}", data=f"C:{colours}", eqn="classify: colour ~ text",
                    num_train_epochs=1, learning_rate=2e-3, output_dir=str(out), seeds=3,
                    metric=["H:accuracy", "H:loss"], figure_of_merit="loss")  # fmt: skip
    return out


def metrics_of(folder: Path) -> Any:
    return json.loads((folder / "metrics.json").read_text())


def test_mean_and_spread_are_those_of_the_seeds(fitted: Path, gft: Gft) -> None:
    told = metrics_of(fitted)["seeds"]
    assert told["seeds"] == [42, 43, 44]
    each = [metrics_of(fitted / f"seed-{seed}") for seed in told["seeds"]]
    for role in ("val", "test"):
        for name in ("accuracy", "loss"):
            values = [one["splits"][role]["metrics"][name]["value"] for one in each]
            found = told["splits"][role]["metrics"][name]
            assert found["each"] == pytest.approx(values, abs=1e-6)
            assert found["mean"] == pytest.approx(np.mean(values), abs=1e-6)
            assert found["sd"] == pytest.approx(np.std(values, ddof=1), abs=1e-6)
            assert found["low"] <= found["mean"] <= found["high"]
    summary = gft("summary", fitted).out
    assert "loss *" in summary and "The model that is kept is that of seed" in summary
    assert "## 3 seeds" in (fitted / "README.md").read_text()


def test_the_best_on_val_is_the_model_of_the_folder(fitted: Path) -> None:
    told = metrics_of(fitted)["seeds"]
    losses = told["splits"]["val"]["metrics"]["loss"]["each"]
    assert told["chosen"] == told["seeds"][int(np.argmin(losses))]
    assert told["chosen_by"] == "val"
    chosen = fitted / f"seed-{told['chosen']}"
    weights = [(folder / "model.safetensors").read_bytes() for folder in (fitted, chosen)]
    assert weights[0] == weights[1]
    said = [gft_package.load(f"C:{one}").predict(["river mark0"]) for one in (fitted, chosen)]
    assert said[0] == said[1]


def test_a_seed_is_what_it_is_by_itself(
    fitted: Path, tiny: Path, colours: Path, tmp_path: Path, gft: Gft
) -> None:
    ran = gft(*words(tiny, colours, tmp_path / "one", "--seed", "43", "--metric", "H:accuracy",
                     "H:loss", "--figure_of_merit", "loss"))  # fmt: skip
    assert ran.status == 0, ran.err
    weights = [(folder / "model.safetensors").read_bytes()
               for folder in (tmp_path / "one", fitted / "seed-43")]  # fmt: skip
    assert weights[0] == weights[1]


def test_it_goes_on_where_it_was_stopped(
    tiny: Path, colours: Path, tmp_path: Path, gft: Gft, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gft.functions import several

    run, done = several.run, []

    def stop_at_the_second(prepared: Any, *rest: Any) -> Any:
        if done:
            raise Interrupted(signal.SIGINT)
        done.append(prepared.folder.path)
        return run(prepared, *rest)

    out = tmp_path / "out"
    given = words(tiny, colours, out, "--seeds", "2", "--seed", "7")
    monkeypatch.setattr(several, "run", stop_at_the_second)
    ran = gft(*given)
    assert ran.status == 130
    assert f"the seeds that are finished are in {out}; the same command goes on" in ran.err
    assert not (out / "gft.json").exists()
    before = (out / "seed-7" / "gft.json").read_text()
    monkeypatch.setattr(several, "run", run)
    ran = gft(*given)
    assert ran.status == 0, ran.err
    assert "2 seeds" in ran.out and "seed 7, 1 of 2" in ran.err
    assert (out / "seed-7" / "gft.json").read_text() == before
    assert metrics_of(out)["seeds"]["seeds"] == [7, 8]
    again = gft(*given)
    assert again.status == 0 and "holds this program's fits already" in again.err
    assert again.out == ran.out
    other = gft(*words(tiny, colours, out, "--seeds", "3", "--seed", "7"))
    assert other.status == 2 and "seeds 2, now 3" in other.errors[0]
    owned = OutputFolder(out).owned()
    assert "model.safetensors" in owned and not any(name.startswith("seed-") for name in owned)
    (out / "seed-7" / "mine.txt").write_text("mine")
    afresh = words(tiny, colours, out, "--seeds", "2", "--seed", "7", "--overwrite_output_dir",
                   "--learning_rate", "1e-3")  # fmt: skip
    ran = gft(*afresh)
    assert ran.status == 0, ran.err
    assert (out / "seed-7" / "gft.json").read_text() != before
    assert (out / "seed-7" / "mine.txt").read_text() == "mine"


def test_mistakes_and_the_plan(tiny: Path, colours: Path, tmp_path: Path, gft: Gft) -> None:
    assert "--seeds: expected 2 or more" in gft(*words(tiny, colours, tmp_path, "--seeds", 1)).err
    (tmp_path / "out" / "seed-43").mkdir(parents=True)
    (tmp_path / "out" / "seed-43" / "metrics.json").write_text("{}")
    ran = gft(*words(tiny, colours, tmp_path / "out", "--seeds", 2))
    assert ran.status == 2 and "seed-43 holds metrics.json, which gft did not write" in ran.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["seed-43"]
    plan = gft(*words(tiny, colours, tmp_path / "new", "--seeds", 4, "--dry_run"))
    assert "; with 4 seeds" in plan.out
