"""A step learns the same from its rows however they are divided: parts, batches, processes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from gft.engine.cpu import split_batch
from gft.engine.sampler import EpochSampler
from gft.tasks.classify import Classify
from ran import TWO_PROCESSES
from updates import CASES, Fits, write

SAME = 1e-5
SHARED = (
    "classify",
    "class_weight",
    "reads_padding",
    "covered_windows",
    "tokens",
    "fill_mask",
    "seq2seq",
    "ctc_sum",
)


def apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """Return how far two updates are apart, relative to the norm of the first, which is not 0."""
    norm, off = (
        torch.stack([tensor.double().norm() for tensor in tensors]).norm()
        for tensors in (one.values(), [one[name] - other[name] for name in one])
    )
    assert one.keys() == other.keys() and norm > 1e-3
    return float(off / norm)


@pytest.mark.parametrize("name", CASES)
def test_a_step_learns_the_same_however_it_is_divided(name: str, tmp_path: Path) -> None:
    write(tmp_path, name)
    fits = Fits(tmp_path, name)
    whole = fits.update(4, 1)
    assert apart(whole, fits.update(1, 4)) < SAME
    assert apart(whole, fits.update(4, 1, part=3)) < SAME


@pytest.mark.parametrize("name", ["token_weight", "covered_windows"])
def test_halves_learn_the_same(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, name)
    whole = Fits(tmp_path, name).update(4, 1)
    found = []
    own = split_batch.SplitBatch._run
    monkeypatch.setattr(split_batch, "LEAST_WEIGHTS", 0)
    monkeypatch.setattr(
        split_batch.SplitBatch, "_run", lambda *a, **b: found.append(1) or own(*a, **b)
    )
    fits = Fits(tmp_path, name, cores=2)
    assert apart(whole, fits.update(2, 2)) < SAME
    assert apart(whole, fits.update(4, 1, part=3)) < SAME
    assert found


def test_two_processes_learn_the_same(tmp_path: Path) -> None:
    for name in SHARED:
        write(tmp_path / name, name)
    script = Path(__file__).parents[1] / "updates.py"
    done = subprocess.run(
        [*TWO_PROCESSES, str(script), str(tmp_path), *SHARED], capture_output=True, text=True,
        timeout=280, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for name in SHARED:
        shared = load_file(tmp_path / f"{name}.safetensors")
        assert apart(Fits(tmp_path / name, name).update(4, 1), shared) < SAME, name


def test_the_same_rows_are_in_a_step() -> None:
    lengths = torch.arange(37).numpy() % 11

    def steps(**more: Any) -> list[list[int]]:
        order = list(EpochSampler(37, 3, 8, lengths, True, **more))
        return [order[start : start + 8] for start in range(0, len(order), 8)]

    assert sorted(row for step in steps() for row in step) == list(range(37))
    assert [len(step) for step in steps()] == [8, 8, 8, 8, 5]
    assert steps(whole_steps=True) == steps()[:-1]
    dealt = steps(multiple_of=8)
    assert dealt[:-1] == steps()[:-1] and dealt[-1][:5] == steps()[-1]
    assert [-1 - row for row in dealt[-1][5:]] == [steps()[-1][-1]] * 3


def test_rows_of_a_class_that_weighs_nothing_do_not_count() -> None:
    task = Classify(("text",), ("y",), ("a", "b"), weights=(0.0, 2.0), smoothing=0.1)

    def loss(*labels: int) -> float:
        logits = torch.tensor([[1.0, 2.0], [0.5, -1.0]][: len(labels)])
        batch = {"input_ids": logits, "labels": torch.tensor(labels)}
        return float(task.loss(lambda **_: {"logits": logits}, batch))

    assert loss(0) == loss(0, 0) == 0
    assert loss(1, 0) == pytest.approx(loss(1))
