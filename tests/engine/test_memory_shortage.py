"""Memory that does not suffice: parts of a batch and the same steps; advice on a CPU."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import BertForSequenceClassification

from gft.engine import fitting, memory, trainer
from ran import Ran


def words(tiny: Path, colours: Path, out: Path) -> list[object]:
    return ["--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn", "classify: colour ~ text",
            "--output_dir", out, "--hidden_dropout", 0, "--attention_dropout", 0,
            "--num_train_epochs", 2, "--per_device_train_batch_size", 8,
            "--gradient_accumulation_steps", 2, "--precision", "fp32"]  # fmt: skip


@pytest.fixture
def small_memory(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let training hold three rows at a time; return the sizes that were tried.

    What did not fit has left gradients behind, as a backward pass does that is cut short.
    """
    tried: list[int] = []
    own = BertForSequenceClassification.forward

    def forward(self: Any, input_ids: torch.Tensor, **rest: Any) -> Any:
        if self.training:
            tried.append(len(input_ids))
            if len(input_ids) > 3:
                own(self, input_ids, **rest).logits.sum().backward()
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return own(self, input_ids, **rest)

    monkeypatch.setattr(BertForSequenceClassification, "forward", forward)
    # A GPU is not asked beforehand.
    monkeypatch.setattr(fitting, "check_longest", lambda *_: None)
    return tried


def test_smaller_parts_and_the_same_steps(
    gft: Callable[..., Ran],
    tiny: Path,
    colours: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    assert gft("fit", *words(tiny, colours, tmp_path / "whole")).status == 0
    tried = request.getfixturevalue("small_memory")
    # It is cut short in its second epoch, and goes on.
    save = trainer.checkpoints.publish
    saved: list[Path] = []

    def cut_short(*given: Any) -> Path:
        saved.append(save(*given))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(trainer.checkpoints, "publish", cut_short)
        first = gft("fit", *words(tiny, colours, tmp_path / "parts"))
    assert first.status == 130
    assert tried[:4] == [8, 4, 2, 2]
    assert (
        "not enough memory for 8 rows at a time: training continues with 4 at a time" in first.err
    )
    assert "with 2 at a time, and each step still learns from 16" in first.err
    assert json.loads((saved[0] / "gft_program.json").read_text())["micro_batch"] == 2
    tried.clear()
    second = gft("fit", *words(tiny, colours, tmp_path / "parts"))
    assert second.status == 0 and "memory" not in second.err
    assert set(tried) == {2}
    record = json.loads((tmp_path / "parts" / "gft.json").read_text())["training"]
    assert (record["effective_batch"], record["micro_batch"]) == (16, 2)
    whole, parts = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "parts"))
    assert all(torch.allclose(whole[name], parts[name], atol=1e-5) for name in whole)


def test_not_even_a_row(
    gft: Callable[..., Ran], tiny: Path, colours: Path, tmp_path: Path, small_memory: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def full(*_: Any, **__: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(BertForSequenceClassification, "forward", full)
    ran = gft("fit", *words(tiny, colours, tmp_path / "out"))
    assert ran.status == 2
    assert "not enough memory for a single row at a time" in ran.errors[0]


@pytest.mark.parametrize("shortage", ["compared", "raised"])
def test_on_a_cpu_the_longest_batch_comes_first(
    gft: Callable[..., Ran], tiny: Path, colours: Path, tmp_path: Path, shortage: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    if shortage == "compared":
        monkeypatch.setattr(memory, "free_memory", lambda: 100_000)
    else:
        own = BertForSequenceClassification.forward

        def forward(self: Any, input_ids: torch.Tensor, **rest: Any) -> Any:
            if len(input_ids) > 4:
                raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")
            return own(self, input_ids, **rest)

        monkeypatch.setattr(BertForSequenceClassification, "forward", forward)
    ran = gft("fit", *words(tiny, colours, tmp_path / "out"))
    assert ran.status == 2 and not (tmp_path / "out").exists()
    [error] = ran.errors
    assert "not enough memory to train on a batch of 8 rows of 5 tokens" in error
    assert "--per_device_train_batch_size 4" in error
    assert ("and 100 kB are free" in error) is (shortage == "compared")


def test_with_next_to_no_memory_a_fit_does_not_begin(
    gft: Callable[..., Ran], tiny: Path, colours: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("gft.storage.memory.free_memory", lambda: 61_000_000)
    ran = gft("fit", *words(tiny, colours, tmp_path / "out"))
    assert ran.status == 2 and not (tmp_path / "out").exists()
    assert ran.errors == [
        "gft_fit: error: only 61 MB of memory are free for this process, and a training takes "
        "400 MB before its first row; end other programs, or raise the limit (ulimit -v)"
    ]


def test_a_row_of_very_many_windows_is_refused_before_it_is_computed(
    gft: Callable[..., Ran], tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[int] = []
    own = BertForSequenceClassification.forward

    def forward(self: Any, input_ids: torch.Tensor, **rest: Any) -> Any:
        computed.append(len(input_ids))
        return own(self, input_ids, **rest)

    monkeypatch.setattr(BertForSequenceClassification, "forward", forward)
    monkeypatch.setattr(memory, "free_memory", lambda: 300_000_000)
    long = "good film , " * 20_000
    data = tmp_path / "d.csv"
    data.write_text("text,label\n" + f'"{long}",x\na bad day,y\n' * 4, encoding="utf-8")
    ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{data}", "--eqn",
              "classify: label ~ text", "--windows", "--output_dir", tmp_path / "out",
              "--per_device_train_batch_size", 1, "--max_length", 64)  # fmt: skip
    assert ran.status == 2 and not (tmp_path / "out").exists()
    [error] = ran.errors
    assert "not enough memory to train on a batch of 1 row of " in error
    assert "; try a smaller --max_windows, or --peft lora" in error
    assert computed and max(computed) <= 4


def test_what_a_row_keeps_is_counted(tiny: Path) -> None:
    """Twice as long a row keeps about twice as much; the weights are not counted."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    from gft.engine.placed_model import PlacedModel
    from gft.engine.precision import choose_precision
    from gft.suppliers.protocol import Loaded
    from gft.tasks.classify import Classify

    model = AutoModelForSequenceClassification.from_pretrained(tiny).train()
    loaded = Loaded(model, AutoTokenizer.from_pretrained(tiny))
    task = Classify(("text",), ("y",), ("a", "b"), ("a", "b"))
    placed = PlacedModel(loaded, choose_precision("fp32", use_cpu=True))

    def kept(length: int) -> int:
        feature = {"input_ids": [5] * length, "attention_mask": [1] * length, "labels": 1}
        return memory._kept_bytes(task, placed, [feature])

    assert 1.8 < kept(40) / kept(20) < 2.6
    assert free_is_plausible(memory.free_memory())


def free_is_plausible(found: int | None) -> bool:
    return found is None or 10**6 < found < 10**15


def test_a_fit_leaves_nothing_behind(
    gft: Callable[..., Ran], tiny: Path, colours: Path, tmp_path: Path
) -> None:
    """Whoever fits many models in one process needs the memory of one."""

    def weights() -> int:
        gc.collect()
        kinds = (torch.Tensor, torch.nn.Parameter)
        return sum(type(one) in kinds and one.requires_grad for one in gc.get_objects())

    before = weights()
    assert gft("fit", *words(tiny, colours, tmp_path / "one")).status == 0
    assert weights() <= before
