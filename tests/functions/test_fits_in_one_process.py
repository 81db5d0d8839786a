"""Fits in one process do not influence each other, nor what comes after them."""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

import gft
from gft.engine.cpu import cores


@pytest.fixture(autouse=True)
def no_more_cores_than_there_were() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def state() -> list[Any]:
    """Return what a fit could leave behind in a process."""
    return [
        torch.get_num_threads(),
        torch.nn.functional.dropout,
        ALL_ATTENTION_FUNCTIONS["sdpa"],
        torch.get_rng_state().tolist(),
        repr(np.random.get_state()),
        random.getstate(),
        dict(os.environ),
        torch.is_autocast_enabled("cpu"),
        torch.are_deterministic_algorithms_enabled(),
    ]


def test_fits_leave_nothing_behind(tiny: Path, colours: Path, tmp_path: Path) -> None:
    def fit(name: str, **more: Any) -> dict[str, torch.Tensor]:
        gft.fit(model=f"C:{tiny}", data=f"C:{colours}", eqn="classify: colour ~ text",
                output_dir=str(tmp_path / name), num_train_epochs=1, **more)  # fmt: skip
        return load_file(tmp_path / name / "model.safetensors")

    before = state()
    first = fit("first", precision="fp32")
    assert state() == before
    fit("other", precision="bf16", seed=7, learning_rate=1e-3, cores=1)
    with pytest.raises(gft.UserError):
        fit("wrong", lora_r=3)
    again: list[dict[str, torch.Tensor]] = []
    for name in ("one", "two"):  # in threads of their own, one after another
        thread = threading.Thread(
            target=lambda name=name: again.append(fit(name, precision="fp32"))
        )
        thread.start()
        thread.join()
    assert len(again) == 2
    for weights in again:
        assert all(torch.equal(weights[name], weight) for name, weight in first.items())
    assert state() == before


def test_a_fit_and_a_prediction_take_the_cores_that_they_are_given(
    tiny: Path, colours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: set[int] = set()
    forward = torch.nn.Embedding.forward

    def counting(self: Any, *given: Any) -> Any:
        counted.add(torch.get_num_threads())
        return forward(self, *given)

    monkeypatch.setattr(torch.nn.Embedding, "forward", counting)
    several: list[int] = []
    submit = cores.ThreadPoolExecutor.submit

    def submitting(self: Any, *given: Any) -> Any:
        several.extend([1] if self._thread_name_prefix == "gft" else [])
        return submit(self, *given)

    monkeypatch.setattr(cores.ThreadPoolExecutor, "submit", submitting)
    fitted = gft.fit(model=f"C:{tiny}", data=f"C:{colours}", eqn="classify: colour ~ text",
                     output_dir=str(tmp_path / "out"), num_train_epochs=1, cores=1)  # fmt: skip
    fitted.predict(["river"] * 600)
    gft.load(str(tmp_path / "out"), cores=1).predict(["river"] * 600)
    assert counted == {1} and not several
    gft.load(str(tmp_path / "out")).predict(["river"] * 600)
    assert len(several) == 2 and torch.get_num_threads() == 2
