"""--report_to: what is not there is said before anything is loaded; what is there hears of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gft.engine.trackers import PACKAGES


def words(tiny: Path, colours: Path, out: Path, *trackers: str) -> list[object]:
    return ["fit", "--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn",
            "classify: colour ~ text", "--num_train_epochs", "1", "--output_dir", out,
            "--report_to", *trackers]  # fmt: skip


def test_a_tracker_that_is_not_there(
    gft: Callable[..., Any], tiny: Path, colours: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("gft.engine.trackers.find_spec", lambda name: None)
    ran = gft(*words(tiny, colours, tmp_path / "out", "tensorbord", "wandb"))
    assert ran.status == 2 and not (tmp_path / "out").exists()
    assert "no tracker 'tensorbord' (did you mean 'tensorboard'?); available: azure_ml" in ran.err
    assert "--report_to wandb: the package wandb is not installed: pip install wandb" in ran.err


def test_trackers_with_packages_of_another_name_are_the_librarys() -> None:
    from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK

    assert PACKAGES.keys() <= INTEGRATION_TO_CALLBACK.keys()


def test_a_tracker_hears_of_every_metric(
    gft: Callable[..., Any], tiny: Path, colours: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from transformers import TrainerCallback
    from transformers.integrations import integration_utils

    heard: list[dict[str, float]] = []

    class Tracker(TrainerCallback):
        def on_log(self, *args: Any, logs: dict[str, float], **more: Any) -> None:
            heard.append(logs)

    monkeypatch.setitem(sys.modules, "wandb", sys)
    monkeypatch.setattr("gft.engine.trackers.find_spec", sys.modules.get)
    monkeypatch.setitem(integration_utils.INTEGRATION_TO_CALLBACK, "wandb", Tracker)
    ran = gft(*words(tiny, colours, tmp_path / "out", "wandb"))
    assert ran.status == 0, ran.err
    names = {name for logs in heard for name in logs}
    assert {"loss", "learning_rate", "eval_accuracy", "eval_loss"} <= names
