"""A training whose loss or weights are no longer numbers ends as a failure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from gft.tasks.protocol import Batch
from gft.tasks.regress import Regress
from ran import Ran

HIGH = 12
WORDS = ["river", "stone", "market", "mark0", "mark1"]


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    file = tmp_path / "d.csv"
    values = [f"{n % 5}" for n in range(20)]
    values[13] = f"{HIGH}"
    rows = [f"{WORDS[n % 5]} {WORDS[n % 3]},{value}" for n, value in enumerate(values)]
    file.write_text("\n".join(["text,score", *rows]) + "\n")
    return file


def test_a_learning_rate_that_is_too_large(
    gft: Callable[..., Ran], tiny: Path, colours: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn",
               "classify: colour ~ text", "--output_dir", out, "--learning_rate", "1e30",
               "--max_grad_norm", 0, "--num_train_epochs", 1)  # fmt: skip
    assert done.status == 1
    [error] = done.errors
    assert "the training loss is not a number at step 2; training diverged" in error
    assert "--learning_rate 2e-05" in error and "--max_grad_norm 1" in error
    assert not out.exists()


def test_the_row_that_is_to_blame(
    gft: Callable[..., Ran], tiny: Path, numbers: Path, tmp_path: Path
) -> None:
    real = Regress.loss

    def loss(self: Regress, model: Any, batch: Batch) -> torch.Tensor:
        found = real(self, model, batch)  # as if the net had no number for the text of that row
        return found * float("inf") if batch["labels"].max() > HIGH / 2 else found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Regress, "loss", loss)
        done = gft("fit", "--model", f"C:{tiny}", "--data", numbers, "--eqn",
                   "regress: score ~ text", "--splits", "train,train", "--output_dir",
                   tmp_path / "out", "--per_device_train_batch_size", 4)  # fmt: skip
    assert done.status == 1
    assert "the training loss is infinite at step" in done.errors[0]
    assert "for row 14 of train" in done.errors[0]


def test_the_last_good_checkpoint_stays(
    gft: Callable[..., Ran], tiny: Path, colours: Path, tmp_path: Path
) -> None:
    from gft.engine import finite, trainer

    out, steps = tmp_path / "out", 8
    real = finite.Watch.weights

    def weights(self: finite.Watch, step: int) -> None:
        if step > steps:  # as if the last update had made a weight infinite
            next(self.placed.model.parameters()).data[0, 0] = float("inf")
        real(self, step)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer.Watch, "weights", weights)
        done = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn",
                   "classify: colour ~ text", "--output_dir", out, "--num_train_epochs", 2,
                   "--learning_rate", "1e-3")  # fmt: skip
    assert done.status == 1
    assert "the model has weights that are infinite or not numbers after step 16" in done.errors[0]
    assert f"the last good checkpoint is {out / 'checkpoint-8'}" in done.errors[0]
    assert (out / "checkpoint-8").is_dir() and not (out / "gft.json").exists()
