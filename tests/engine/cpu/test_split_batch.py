"""A split batch has the loss and the gradients of the whole, whichever half is first."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file
from torch.nn import functional

from gft.engine import trainer
from gft.engine.cpu import split_batch as split_batch_module
from gft.engine.cpu.split_batch import SplitBatch
from gft.engine.placed_model import PlacedModel
from gft.engine.precision import Precision
from gft.suppliers.protocol import Loaded

CPU = torch.device("cpu")
EXACT = Precision("fp32", CPU, "for a test")
HALF = Precision("bf16", CPU, "for a test")
SMALL = {
    "vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
    "intermediate_size": 32, "max_position_embeddings": 40, "num_labels": 3, "pad_token_id": 0,
}  # fmt: skip
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
KINDS = {
    "BertForSequenceClassification": NO_DROPOUT,
    "RobertaForSequenceClassification": NO_DROPOUT,
    "BertForTokenClassification": NO_DROPOUT,
    "BertForQuestionAnswering": {**NO_DROPOUT, "num_labels": 2},
    "BertForMaskedLM": NO_DROPOUT,
    "AlbertForSequenceClassification": {**NO_DROPOUT, "embedding_size": 8,
        "classifier_dropout_prob": 0.0},
    "DistilBertForSequenceClassification": {"dropout": 0.0, "attention_dropout": 0.0, "dim": 16,
        "n_layers": 2, "n_heads": 2, "hidden_dim": 32, "seq_classif_dropout": 0.0},
    "GPT2ForSequenceClassification": {"n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 40,
        "use_cache": False, "resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0},
}  # fmt: skip


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(split_batch_module, "LEAST_WEIGHTS", 0)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


class FakeTask:
    """A task whose loss weighs every output of every row differently."""

    def drawn(self, processor: Any, feature: Any) -> Any:
        return feature

    def collate(self, processor: Any, features: list[Any], training: bool = False) -> Any:
        return {name: torch.tensor([feature[name] for feature in features]) for name in features[0]}

    def loss(self, model: Any, batch: Any) -> torch.Tensor:
        outputs = model(**{name: value for name, value in batch.items() if name != "labels"})
        total = torch.zeros(())
        for value in outputs.values():
            logits = value.float()
            total = (
                total
                + (functional.tanh(logits) * torch.arange(logits.numel()).view_as(logits)).mean()
            )
        return total * total


def small(name: str, **settings: Any) -> Any:
    kind = getattr(transformers, name)
    torch.manual_seed(1)
    return kind(kind.config_class(**{**SMALL, **KINDS.get(name, {}), **settings})).train()


def rows(count: int = 5, length: int = 9) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    mask = torch.ones(count, length, dtype=torch.int64)
    for row in range(count):
        mask[row, length - row % 4 :] = 0 if row % 4 else 1
    words = torch.randint(5, 50, (count, length), generator=generator)
    return {"input_ids": words * mask, "attention_mask": mask}


def features(batch: dict[str, torch.Tensor]) -> list[dict[str, list[int]]]:
    return [
        {name: tensor[row].tolist() for name, tensor in batch.items()}
        for row in range(len(next(iter(batch.values()))))
    ]


def found_for(model: Any, precision: Precision = EXACT, task: Any = None) -> SplitBatch | None:
    placed = PlacedModel(Loaded(model, None), precision)
    return placed.split_batch(task or FakeTask(), features(rows()))


def step(
    model: Any, split_batch: SplitBatch | None, batch: Any, precision: Precision = EXACT
) -> tuple[float, dict[str, torch.Tensor]]:
    """Return the loss and copies of the gradients, which are added to what there is."""
    with PlacedModel(Loaded(model, None), precision).training(split_batch), precision.autocast():
        loss = FakeTask().loss(model, batch)
    loss.backward()
    gradients = {
        name: weight.grad.clone()
        for name, weight in model.named_parameters()
        if weight.grad is not None
    }
    return float(loss.detach()), gradients


@pytest.mark.parametrize("count", [1, 2, 5, 8])
@pytest.mark.parametrize("name", KINDS)
def test_loss_and_gradients_are_those_of_the_whole_batch(name: str, count: int) -> None:
    model, batch = small(name), rows(count)
    split_batch = found_for(model)
    assert split_batch is not None
    loss, expected = step(model, None, batch)
    for _ in range(3):  # what a step leaves in a table is not in the next one's way
        model.zero_grad()
        step(model, split_batch, rows(3, 7))
        model.zero_grad()
        other, gradients = step(model, split_batch, batch)
    assert other == pytest.approx(loss, rel=1e-5)
    assert gradients.keys() == expected.keys()
    for weight, gradient in gradients.items():
        assert gradient.stride() == expected[weight].stride()
        scale = float(expected[weight].abs().max())
        assert torch.allclose(gradient, expected[weight], atol=1e-5 * scale + 1e-7), weight
    assert not any(module.sparse for module in model.modules() if hasattr(module, "sparse"))
    assert "forward" not in vars(model)


def test_in_bf16_weights_are_cast_once_and_their_gradients_are_in_fp32() -> None:
    model, batch = small("BertForSequenceClassification"), rows(6)
    split_batch = found_for(model, HALF)
    assert split_batch is not None
    _, expected = step(model, None, batch, HALF)
    model.zero_grad()
    seen: list[torch.dtype] = []
    dense = model.bert.encoder.layer[0].output.dense
    dense.register_forward_hook(lambda layer, _, out: seen.append(layer.weight.dtype))
    _, gradients = step(model, split_batch, batch, HALF)
    assert seen == [torch.bfloat16] * 2 and dense.weight.dtype == torch.float32
    for weight, gradient in gradients.items():
        assert gradient.dtype == torch.float32
        size = float(expected[weight].norm())
        assert float((gradient - expected[weight]).norm()) <= 0.05 * size + 1e-6, weight


def test_halves_are_computed_at_once() -> None:
    model = small("BertForSequenceClassification")
    split_batch = found_for(model)
    meeting = threading.Barrier(2)

    def meet(*_: Any) -> None:
        meeting.wait(10)  # Passed only if both get there.

    model.classifier.register_forward_hook(meet)
    step(model, split_batch, rows(4))


def test_gradients_and_masks_depend_on_the_seed_and_not_on_which_half_is_first() -> None:
    model = small("BertForSequenceClassification", hidden_dropout_prob=0.3)
    split_batch, calls = found_for(model), []
    late = [0.0, 0.0]

    def delay(*_: Any) -> None:
        calls.append(1)
        time.sleep(late[len(calls) % 2])

    model.bert.embeddings.register_forward_hook(delay)

    def run(seed: int) -> dict[str, torch.Tensor]:
        model.zero_grad()
        torch.manual_seed(seed)
        step(model, split_batch, rows(6))
        return step(model, split_batch, rows(4))[1]  # added to those of the first

    first = run(3)
    for late[:] in ([0.05, 0.0], [0.0, 0.05]):
        again = run(3)
        assert all(torch.equal(again[name], gradient) for name, gradient in first.items())
    assert not torch.equal(run(4)["classifier.weight"], first["classifier.weight"])


def test_the_masks_of_accumulated_batches_differ() -> None:
    model = small("BertForSequenceClassification", hidden_dropout_prob=0.3)
    split_batch = found_for(model)
    torch.manual_seed(3)
    one, other = step(model, split_batch, rows(6))[0], step(model, split_batch, rows(6))[0]
    assert one != other


@pytest.mark.parametrize("largest", [1e-3, 1e6])
def test_gradients_are_clipped_as_by_the_library(largest: float) -> None:
    model, batch = small("BertForSequenceClassification"), rows(6)
    split_batch = found_for(model)
    assert split_batch is not None
    step(model, None, batch)
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), largest)
    expected = {name: weight.grad.clone() for name, weight in model.named_parameters()}
    model.zero_grad()
    step(model, split_batch, batch)
    assert float(split_batch.clip(largest)) == pytest.approx(float(norm), rel=1e-5)
    for name, weight in model.named_parameters():
        assert torch.allclose(weight.grad, expected[name], rtol=1e-4, atol=1e-9), name


def test_frozen_weights_stay_without_gradient() -> None:
    model, batch = small("BertForSequenceClassification"), rows(6)
    for weight in model.bert.parameters():
        weight.requires_grad_(False)
    split_batch = found_for(model)
    _, gradients = step(model, split_batch, batch)
    assert gradients.keys() == {"classifier.weight", "classifier.bias"}


class WithMean(torch.nn.Module):
    """Keeps a running mean over rows."""

    def __init__(self) -> None:
        super().__init__()
        self.table = torch.nn.Embedding(50, 4)
        self.norm = torch.nn.BatchNorm1d(4)

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        return {"logits": self.norm(self.table(input_ids).mean(1))}


class Noisy(WithMean):
    """Draws random numbers that are not of dropout."""

    def __init__(self, noise: Any) -> None:
        super().__init__()
        self.noise = noise

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        return {"logits": self.table(input_ids).mean(1) + self.noise()}


class Pairs(WithMean):
    """Answers for rows together."""

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        return {"logits": self.table(input_ids).mean((0, 1))}


class WithLoss(FakeTask):
    """Leaves the loss to the model."""

    def loss(self, model: Any, batch: Any) -> torch.Tensor:
        labels = torch.zeros(len(batch["input_ids"]), dtype=torch.int64)
        loss: torch.Tensor = model(**batch, labels=labels).loss
        return loss


def test_a_fit_in_halves_can_be_cut_short_and_gives_the_same_weights_every_time(
    tiny: Path, colours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gft

    in_halves: list[int] = []
    run = SplitBatch._run
    monkeypatch.setattr(
        SplitBatch,
        "_run",
        lambda self, *whole, **batch: in_halves.append(1) or run(self, *whole, **batch),
    )

    def fit(name: str) -> dict[str, torch.Tensor]:
        gft.fit(model=f"C:{tiny}", data=f"C:{colours}", eqn="classify: colour ~ text",
                output_dir=str(tmp_path / name), num_train_epochs=3,
                gradient_accumulation_steps=2)  # fmt: skip
        return load_file(tmp_path / name / "model.safetensors")

    first = fit("whole")
    assert len(in_halves) > 6
    publish, saved = trainer.checkpoints.publish, []

    def cut_short(*given: Any) -> Path:
        saved.append(publish(*given))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(trainer.checkpoints, "publish", cut_short)
        with pytest.raises(KeyboardInterrupt):
            fit("parts")
    assert len(saved) == 1
    for again in (fit("parts"), fit("again")):
        assert all(torch.equal(again[name], weight) for name, weight in first.items())


def test_a_small_model_is_computed_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small("BertForSequenceClassification")
    count = sum(weight.numel() for weight in model.parameters())
    monkeypatch.setattr(split_batch_module, "LEAST_WEIGHTS", count)
    assert found_for(model) is not None
    monkeypatch.setattr(split_batch_module, "LEAST_WEIGHTS", count + 1)
    assert found_for(model) is None


def test_who_is_not_computed_in_halves() -> None:
    assert found_for(WithMean()) is None
    for noise in (lambda: torch.rand(()), np.random.random, __import__("random").random):
        assert found_for(Noisy(noise)) is None
    assert found_for(Noisy(lambda: 0.0)) is not None
    assert found_for(Pairs()) is None
    bert = small("BertForSequenceClassification")
    assert found_for(bert, task=WithLoss()) is None
    bert.gradient_checkpointing_enable()
    assert found_for(bert) is None
    bert.gradient_checkpointing_disable()
    assert found_for(bert) is not None
    torch.set_num_threads(1)
    assert found_for(bert) is None


def test_trying_leaves_random_numbers_as_they_were() -> None:
    model = small("BertForSequenceClassification", hidden_dropout_prob=0.3)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    assert found_for(model) is not None
    assert torch.equal(torch.get_rng_state(), before)
    assert all(weight.grad is None for weight in model.parameters())
