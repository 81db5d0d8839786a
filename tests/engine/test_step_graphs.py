"""Steps as CUDA graphs, on a CPU: `torch.cuda` is replaced by what records a step in Python.

benchmarks/gpu.py looks at whether a GPU computes the same with a graph.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import TrainingArguments
from transformers.utils import import_utils

from gft.data.compact import Cells
from gft.engine import step_graphs, trainer
from gft.engine.features import FeatureStore
from gft.engine.rounding import Rounding, round_up
from gft.engine.step_graphs import MOST_SHAPES, StepGraphs, can_gain
from gft.inputs.features import Batch, Encoded
from gft.tasks.masks import IGNORED
from ran import Ran
from recorded_steps import Faked, Graph, fake

TOKENIZER = SimpleNamespace(padding_side="right", pad_token_id=7, pad_token_type_id=3)
ROUNDING = Rounding(TOKENIZER, longest=61)


def batch_of(length: int, rows: int = 2) -> Batch:
    tokens = torch.arange(rows * length).view(rows, length) % 5
    return {"input_ids": tokens, "attention_mask": torch.ones_like(tokens)}


def test_few_lengths() -> None:
    rounded = [round_up(length) for length in range(1, 513)]
    assert all(up >= length for length, up in enumerate(rounded, 1))
    assert all(up % 8 == 0 for up in rounded)
    assert len(set(rounded)) <= 32
    assert max(up / length for length, up in enumerate(rounded, 1) if length > 64) < 1.13


def test_padding_of_each_tensor() -> None:
    batch = {
        **batch_of(13),
        "token_type_ids": torch.ones(2, 13, dtype=torch.int64),
        "labels": torch.ones(2, 13, dtype=torch.int64),
        "covariates": torch.ones(2, 13),
    }
    found = ROUNDING.rounded(batch)
    assert found["input_ids"][:, 13:].tolist() == [[7] * 3] * 2
    assert found["attention_mask"][:, 13:].tolist() == [[0] * 3] * 2
    assert found["token_type_ids"][:, 13:].tolist() == [[3] * 3] * 2
    assert found["labels"][:, 13:].tolist() == [[IGNORED] * 3] * 2
    assert all(torch.equal(found[name][:, :13], batch[name]) for name in batch)
    assert found["covariates"].shape == (2, 13)


def test_labels_that_are_as_many_as_tokens() -> None:
    several = {**batch_of(13), "labels": torch.zeros(2, 13)}
    assert ROUNDING.rounded(several)["labels"].shape == (2, 13)
    assert ROUNDING.rounded({**batch_of(13), "labels": torch.tensor([0, 1])})["labels"].shape == (
        2,
    )


def test_no_row_is_longer_than_the_longest() -> None:
    assert ROUNDING.rounded(batch_of(58))["input_ids"].shape == (2, 61)
    assert ROUNDING.widest(batch_of(13))["input_ids"].shape == (2, 61)
    assert ROUNDING.rounded(batch_of(61))["input_ids"].shape == (2, 61)


def test_a_batch_longer_than_its_rows_is_not_shortened() -> None:
    """Prompts with their targets are longer than the rows that were counted."""
    assert ROUNDING.rounded(batch_of(70))["input_ids"].shape == (2, 70)
    assert ROUNDING.widest(batch_of(70))["input_ids"].shape == (2, 70)


def test_labels_that_are_texts() -> None:
    whole = torch.zeros(2, 5, dtype=torch.int64)
    assert not ROUNDING.covers({**batch_of(13), "labels": whole})
    assert ROUNDING.covers({**batch_of(13), "labels": whole.float()})
    assert ROUNDING.covers({**batch_of(13), "labels": whole[:, :2]})
    assert ROUNDING.covers({**batch_of(5), "labels": whole})
    assert ROUNDING.covers({**batch_of(13), "labels": whole[:, 0]})


@pytest.mark.parametrize(
    "batch",
    [
        {**batch_of(13), "bbox": torch.zeros(2, 13, 4)},
        {"input_values": torch.zeros(2, 16_000)},
        {"pixel_values": torch.zeros(2, 3, 8, 8), "pixel_mask": torch.zeros(2, 8, 8)},
    ],
)
def test_what_is_not_known_stays_as_it_is(batch: Batch) -> None:
    assert not ROUNDING.covers(batch)
    assert ROUNDING.rounded(batch) is batch


def test_padding_on_the_left_stays_as_it_is() -> None:
    left = Rounding(SimpleNamespace(padding_side="left"), 61)
    assert not left.covers(batch_of(13))
    assert left.rounded(batch_of(13))["input_ids"].shape == (2, 13)
    assert left.covers({"pixel_values": torch.zeros(2, 3, 8, 8), "labels": torch.zeros(2)})


def gains(tmp_path: Path, *, lengths: tuple[int, ...] = (9,) * 800, **more: Any) -> bool:
    placed = {"fast": True, "by_length": False, "changes": False, "device": "cuda"}
    placed |= {name: more.pop(name) for name in placed.keys() & more}
    precision = SimpleNamespace(device=torch.device(str(placed.pop("device"))))
    faked: Any = SimpleNamespace(precision=precision, **placed)
    forced = {name: more.pop(name) for name in ("world_size", "deepspeed", "fsdp") if name in more}
    arguments = TrainingArguments(str(tmp_path), use_cpu=True, report_to="none", **more)

    class OnOneGpu:
        """The arguments, as if of a process with one GPU."""

        n_gpu = 1

        def __getattr__(self, name: str) -> Any:
            return forced[name] if name in forced else getattr(arguments, name)

    store = FeatureStore("input_ids", Cells())
    store.extend(Encoded([{"input_ids": [5] * length} for length in lengths], []), 0)
    given: Any = OnOneGpu()
    return can_gain(faked, given, store.close())


@pytest.mark.parametrize(
    "more",
    [
        {"fast": False}, {"by_length": True}, {"changes": True}, {"device": "cpu"},
        {"world_size": 2}, {"gradient_accumulation_steps": 2}, {"deepspeed": "settings"},
        {"activation_checkpointing": True}, {"torch_empty_cache_steps": 9},
        {"fsdp": ["full_shard"]}, {"optim": "lomo"}, {"optim": "galore_adamw_layerwise"},
        {"optim": "galore_adamw_8bit"}, {"max_steps": 5}, {"lengths": tuple(range(1, 505))},
    ],
)  # fmt: skip
def test_when_graphs_can_gain(more: dict[str, Any], tmp_path: Path) -> None:
    assert gains(tmp_path)
    assert gains(tmp_path, max_steps=6, optim="sgd")
    assert not gains(tmp_path, **more)


class Net(torch.nn.Module):
    """A layer with all that a test of a model could leave a trace in."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.words = torch.nn.Embedding(8, 3)
        self.norm = torch.nn.BatchNorm1d(3)
        self.dropout = torch.nn.Dropout(0.2)
        self.unused = torch.nn.Linear(2, 2)

    def forward(self, rows: Batch) -> torch.Tensor:
        """Return the states of rows, 0 at padding."""
        mask = rows["attention_mask"][..., None]
        states = (self.words(rows["input_ids"]) * mask).sum(1) / mask.sum(1)
        found: torch.Tensor = self.dropout(self.norm(states))
        return found


class Training:
    """Steps with graphs; `part` may be replaced."""

    def __init__(self, faked: Faked) -> None:
        self.faked = faked
        self.model = Net()
        self.graphs = StepGraphs(self.model, torch.device("cpu"), ROUNDING)
        self.part: Callable[[Batch, torch.Tensor], torch.Tensor] = self.computed

    def computed(self, rows: Batch, divisor: torch.Tensor) -> torch.Tensor:
        """Return the loss of rows, and leave their gradients."""
        loss: torch.Tensor = self.model(rows).exp().sum() / divisor
        loss.backward()  # type: ignore[no-untyped-call]  # torch's
        return loss.detach()

    def step(self, length: int) -> torch.Tensor | None:
        """Return the loss that graphs find, and leave the gradients."""
        self.model.zero_grad()
        torch.manual_seed(length)
        batch = ROUNDING.rounded(batch_of(length))
        return self.graphs.run(batch, torch.tensor(float(length)), self.part)


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> Training:
    # A CPU draws the numbers of dropout, which a GPU draws itself.
    monkeypatch.setattr(step_graphs, "random_state", lambda: None)
    return Training(fake(monkeypatch))


def gradients(model: torch.nn.Module) -> list[torch.Tensor | None]:
    found = (weight.grad for weight in model.parameters())
    return [None if one is None else one.clone() for one in found]


def test_steps_with_graphs_are_those_without(training: Training) -> None:
    other = Training(training.faked)
    for length in (9, 30, 12, 9, 61, 33):
        loss = training.step(length)
        assert loss is not None, training.graphs.reason
        other.model.zero_grad()
        torch.manual_seed(length)
        expected = other.part(batch_of(length), torch.tensor(float(length)))
        assert torch.allclose(loss, expected)
        for mine, ours in zip(gradients(training.model), gradients(other.model), strict=True):
            assert (mine is None) == (ours is None)
            assert mine is None or ours is None or torch.allclose(mine, ours, atol=1e-6)
    for mean, ours in zip(training.model.buffers(), other.model.buffers(), strict=True):
        assert torch.allclose(mean, ours)
    # The widest comes first; 9 and 12 tokens become 16, and 61 is there already.
    assert training.faked.lengths == [61, 16, 32, 40]
    assert training.graphs.closed() == {"shapes": 4, "why_not": None}
    assert len(training.graphs) == 0
    assert gradients(training.model) == [None] * 5


def refused(training: Training) -> str:
    """Return why a step has no graph: neither the first time nor later, and without a trace."""
    buffers = [one.clone() for one in training.model.buffers()]
    for _ in range(2):
        assert training.step(9) is None
        state = torch.get_rng_state()
        torch.manual_seed(9)
        assert torch.equal(torch.get_rng_state(), state)
    assert gradients(training.model) == [None] * 5
    assert all(map(torch.equal, training.model.buffers(), buffers))
    assert not import_utils.is_cuda_stream_capturing()
    assert not training.graphs.working
    assert len(training.graphs) == 0
    return training.graphs.reason


def test_a_model_that_waits_for_the_gpu(training: Training) -> None:
    def waiting(rows: Batch, divisor: torch.Tensor) -> torch.Tensor:
        loss = training.computed(rows, divisor)
        if import_utils.is_cuda_stream_capturing():
            raise RuntimeError("called a synchronizing CUDA operation")
        return loss

    training.part = waiting
    assert refused(training) == "RuntimeError: called a synchronizing CUDA operation"
    assert training.faked.lengths == []


def test_what_a_model_makes_at_its_first_use(training: Training) -> None:
    made: list[bool] = []

    def making(rows: Batch, divisor: torch.Tensor) -> torch.Tensor:
        if not made and import_utils.is_cuda_stream_capturing():
            raise RuntimeError("called a synchronizing CUDA operation")
        made.append(True)
        return training.computed(rows, divisor)

    training.part = making
    assert training.step(9) is not None, training.graphs.reason


def test_tensors_that_a_model_may_replace_are_kept(training: Training) -> None:
    table = torch.ones(3)
    training.model.norm.table = table  # type: ignore[assignment]  # no buffer, as some models have
    assert training.step(9) is not None
    for recorded in training.graphs._recorded.values():
        assert any(one is table for one in recorded.kept)
        assert any(one is training.model.norm.running_mean for one in recorded.kept)


def test_a_model_that_draws_on_the_cpu(training: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    again = Training(fake(monkeypatch))
    monkeypatch.setattr(torch.cuda, "manual_seed", lambda seed: None)
    again.model.dropout.p = 0.0
    assert again.step(9) is not None
    again.graphs.release()
    again.model.dropout.p = 0.2
    assert "draws random numbers on the CPU" in refused(again)


def test_a_graph_that_computes_something_else(training: Training) -> None:
    def different(rows: Batch, divisor: torch.Tensor) -> torch.Tensor:
        loss = training.computed(rows, divisor)
        small = training.model.norm.bias.grad
        if Graph.replaying and small is not None:
            small.mul_(1.05)
        return loss

    training.part = different
    assert refused(training) == "its gradients differ by 0.05"


def test_weights_that_change_in_the_backward_pass(training: Training) -> None:
    def changing(rows: Batch, divisor: torch.Tensor) -> torch.Tensor:
        loss = training.computed(rows, divisor)
        with torch.no_grad():
            training.model.words.weight.mul_(1.0)
        return loss

    training.part = changing
    assert refused(training) == "RuntimeError: a backward pass changes weights"


def test_weights_with_other_memory(training: Training) -> None:
    assert training.step(9) is not None
    training.model.words.weight.data = training.model.words.weight.data.clone()
    assert "other memory" in refused(training)


def test_weights_that_are_trained_no_longer(training: Training) -> None:
    assert training.step(9) is not None
    training.model.words.weight.requires_grad = False
    assert "others are trained" in refused(training)


def test_a_recording_that_fails(training: Training) -> None:
    def failing(rows: Batch, divisor: torch.Tensor) -> torch.Tensor:
        loss = training.computed(rows, divisor)
        if Graph.recording is not None:
            raise torch.OutOfMemoryError("CUDA out of memory\nand more")
        return loss

    training.part = failing
    assert refused(training) == "OutOfMemoryError: CUDA out of memory"
    assert training.faked.restored == ["stream", "random"]


def test_gradients_that_overflow_in_both() -> None:
    infinite = [torch.tensor([1.0, torch.inf]), None]
    assert step_graphs._difference(infinite, infinite) == 0
    assert step_graphs._difference([torch.tensor([1.0, 2.0]), None], infinite) == torch.inf
    assert step_graphs._difference([torch.ones(2), torch.ones(2)], infinite) == torch.inf
    assert step_graphs._difference([None], [None]) == torch.inf


def test_no_memory_for_the_optimizer(training: Training) -> None:
    weights = sum(weight.nbytes for weight in training.model.parameters())
    training.faked.free = 2 * weights - 1
    assert "not enough memory" in refused(training)


def test_room_for_others(training: Training) -> None:
    training.step(9)
    training.graphs.make_room()
    assert len(training.graphs) == 2
    training.faked.free = 10**6 - 1
    training.graphs.make_room()
    assert len(training.graphs) == 0
    assert training.step(9) is not None
    assert training.graphs.spare()
    assert not training.graphs.spare()
    assert training.step(9) is not None


def test_no_more_shapes_than_that(training: Training) -> None:
    found = [
        training.graphs.run(ROUNDING.rounded(batch_of(9, rows)), torch.tensor(1.0), training.part)
        for rows in range(2, MOST_SHAPES + 10)
    ]
    assert len(training.graphs) == MOST_SHAPES
    assert [loss is None for loss in found].count(True) == 9
    assert training.step(9) is not None


@pytest.mark.parametrize("memory", ["enough", "short"])
def test_whole_fits(
    memory: str,
    gft: Callable[..., Ran],
    tiny: Path,
    colours: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With graphs and without: the same weights; where memory ends, batches stay whole."""
    faked = fake(monkeypatch)
    monkeypatch.setattr(step_graphs, "random_state", lambda: None)
    monkeypatch.setattr(trainer, "can_gain", lambda *_: True)
    own = trainer.GftTrainer.compute_loss

    def short(self: Any, model: Any, inputs: Any, *more: Any, **others: Any) -> Any:
        rows = len(inputs["labels"])
        if memory == "short" and rows < 8 and self.graphs is not None and len(self.graphs):
            raise torch.OutOfMemoryError("CUDA out of memory")
        return own(self, model, inputs, *more, **others)

    monkeypatch.setattr(trainer.GftTrainer, "compute_loss", short)
    words = [
        "--model", f"C:{tiny}", "--data", f"C:{colours}", "--eqn", "classify: colour ~ text",
        "--num_train_epochs", 2, "--per_device_train_batch_size", 8, "--precision", "fp32",
        "--fast_cpu", "false",
    ]  # fmt: skip
    ran = gft("fit", *words, "--output_dir", tmp_path / "graphs")
    assert ran.status == 0
    assert "memory" not in ran.err
    assert faked.replays > 4
    record = json.loads((tmp_path / "graphs" / "gft.json").read_text())["training"]
    assert record["cuda_graphs"] == {"shapes": len(set(faked.lengths)), "why_not": None}
    monkeypatch.setattr(StepGraphs, "run", lambda *_: None)
    assert gft("fit", *words, "--output_dir", tmp_path / "none").status == 0
    one, other = (load_file(tmp_path / name / "model.safetensors") for name in ("graphs", "none"))
    assert all(torch.equal(one[name], other[name]) for name in one)
