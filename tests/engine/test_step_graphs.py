"""Steps as CUDA graphs, on a CPU: `torch.cuda` is replaced by what records a step in Python.

Whether a GPU computes the same with a graph is looked at in benchmarks/gpu.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from transformers.utils import import_utils

from gft.data.compact import Cells
from gft.engine import step_graphs
from gft.engine.features import FeatureStore
from gft.engine.step_graphs import MOST_SHAPES, Rounding, StepGraphs, can_gain, round_up
from gft.inputs.features import Batch, Encoded
from gft.tasks.masks import IGNORED

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


def gains(*, steps: int = -1, lengths: tuple[int, ...] = (9,) * 800, **more: Any) -> bool:
    placed = {"fast": True, "by_length": False, "changes": False, "device": "cuda"}
    args = {
        "world_size": 1, "n_gpu": 1, "gradient_accumulation_steps": 1, "deepspeed": None,
        "gradient_checkpointing": False, "torch_empty_cache_steps": None, "fsdp": [],
        "optim": "adamw_torch_fused",
        "train_batch_size": 8, "num_train_epochs": 3, "max_steps": steps,
    }  # fmt: skip
    for name, value in more.items():
        (placed if name in placed else args)[name] = value
    precision = SimpleNamespace(device=torch.device(placed.pop("device")))  # type: ignore[arg-type]
    store = FeatureStore("input_ids", Cells())
    store.extend(Encoded([{"input_ids": [5] * length} for length in lengths], []), 0)
    faked: Any = SimpleNamespace(precision=precision, **placed)
    arguments: Any = SimpleNamespace(**args)
    return can_gain(faked, arguments, store.close())


@pytest.mark.parametrize(
    "more",
    [
        {"fast": False}, {"by_length": True}, {"changes": True}, {"device": "cpu"},
        {"world_size": 2}, {"n_gpu": 2}, {"gradient_accumulation_steps": 2}, {"deepspeed": "d"},
        {"gradient_checkpointing": True}, {"torch_empty_cache_steps": 9}, {"fsdp": ["full_shard"]},
        {"optim": "lomo"},
        {"optim": "galore_adamw_layerwise"}, {"steps": 5}, {"lengths": tuple(range(1, 505))},
    ],
)  # fmt: skip
def test_when_graphs_can_gain(more: dict[str, Any]) -> None:
    assert gains()
    assert gains(steps=6)
    assert not gains(**more)


class Graph:
    """Keeps what a recording computes, to compute it again."""

    recording: Graph | None = None
    again: Any = None

    def replay(self) -> None:
        self.again()


@contextmanager
def recorded(graph: Graph, pool: Any, stream: Any, capture_error_mode: str) -> Iterator[None]:
    Graph.recording = graph
    try:
        yield
    finally:
        Graph.recording = None


class Training:
    """A net of one layer, and its steps: ordinary ones and with graphs."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.model = torch.nn.Embedding(8, 3)
        self.graphs = StepGraphs(self.model, torch.device("cpu"), ROUNDING)
        self.lengths: list[int] = []
        self.scale = 1.0

    def part(self, rows: Batch, divisor: torch.Tensor) -> torch.Tensor:
        """Return the loss; within a recording, keep how to compute it anew."""
        loss = self.computed(rows, divisor)
        graph = Graph.recording
        if graph is not None:
            self.lengths.append(rows["input_ids"].shape[1])
            kept = [weight.grad for weight in self.model.parameters()]

            def again() -> None:
                self.model.zero_grad()
                self.graphs._loss.copy_(self.computed(rows, divisor))
                for gradient, weight in zip(kept, self.model.parameters(), strict=True):
                    assert gradient is not None
                    assert weight.grad is not None
                    gradient.copy_(weight.grad * self.scale)

            graph.again = again
        return loss

    def computed(self, rows: Batch, divisor: torch.Tensor) -> torch.Tensor:
        states = self.model(rows["input_ids"]) * rows["attention_mask"][..., None]
        loss: torch.Tensor = states.square().sum() / divisor
        loss.backward()  # type: ignore[no-untyped-call]  # torch's
        return loss.detach()

    def step(self, length: int) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Return the loss and the gradient that graphs leave."""
        batch = ROUNDING.rounded(batch_of(length))
        self.model.zero_grad()
        loss = self.graphs.run(batch, torch.tensor(float(length)), self.part)
        return loss, self.model.weight.grad


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> Training:
    free = {"bytes": 10**9}
    generator = SimpleNamespace(clone_state=lambda: "state", graphsafe_set_state=lambda state: None)
    for name, value in {
        "CUDAGraph": Graph, "graph": recorded, "graph_pool_handle": object,
        "Stream": lambda device: None, "current_stream": lambda device: None,
        "set_stream": lambda stream: None, "default_generators": (generator,),
        "set_sync_debug_mode": lambda mode: None, "manual_seed": lambda seed: None,
        "mem_get_info": lambda device: (free["bytes"], 10**9),
        "memory_reserved": lambda device: 10**6,
    }.items():  # fmt: skip
        monkeypatch.setattr(torch.cuda, name, value)
    monkeypatch.setattr(step_graphs, "_borrowed", lambda gradient: gradient)
    made = Training()
    made.free = free  # type: ignore[attr-defined]
    return made


def test_steps_with_graphs_are_those_without(training: Training) -> None:
    for length in (9, 30, 12, 9, 61, 33):
        loss, gradient = training.step(length)
        assert loss is not None, training.graphs.reason
        assert gradient is not None
        found = gradient.clone()
        training.model.zero_grad()
        expected = training.computed(batch_of(length), torch.tensor(float(length)))
        assert torch.allclose(loss, expected)
        assert training.model.weight.grad is not None
        assert torch.allclose(found, training.model.weight.grad)
    # The widest comes first; 9 and 12 tokens become 16, and 61 is there already.
    assert training.lengths == [61, 16, 32, 40]
    assert training.graphs.closed() == {"shapes": 4, "why_not": None}
    assert len(training.graphs) == 0
    assert training.model.weight.grad is None


def test_recording_leaves_no_trace(training: Training) -> None:
    state = torch.get_rng_state()
    weights = training.model.weight.detach().clone()
    training.step(9)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(training.model.weight, weights)
    assert not import_utils.is_cuda_stream_capturing()


def refused(training: Training) -> str:
    """Return why a step has no graph, after two that had to be computed without."""
    for _ in range(2):
        assert training.step(9) == (None, None)
    assert not training.graphs.working
    assert len(training.graphs) == 0
    return training.graphs.reason


def test_a_model_that_waits_for_the_gpu(training: Training) -> None:
    computed = training.computed

    def waiting(*args: Any) -> torch.Tensor:
        if import_utils.is_cuda_stream_capturing():
            raise RuntimeError("called a synchronizing CUDA operation")
        return computed(*args)

    training.computed = waiting  # type: ignore[method-assign]
    assert refused(training) == "RuntimeError: called a synchronizing CUDA operation"


def test_a_model_that_draws_on_the_cpu(training: Training) -> None:
    computed = training.computed

    def drawing(*args: Any) -> torch.Tensor:
        return computed(*args) * (1 if np.random.random() < 2 else 0)  # as models do

    training.computed = drawing  # type: ignore[method-assign]
    assert "draws random numbers on the CPU" in refused(training)


def test_a_graph_that_computes_something_else(training: Training) -> None:
    training.scale = 1.05
    assert refused(training) == "its gradients differ by 0.05"


def test_a_recording_that_fails(training: Training) -> None:
    computed = training.computed

    def failing(*args: Any) -> torch.Tensor:
        if Graph.recording is not None:
            raise torch.OutOfMemoryError("CUDA out of memory\nand more")
        return computed(*args)

    training.computed = failing  # type: ignore[method-assign]
    assert refused(training) == "OutOfMemoryError: CUDA out of memory"


def test_gradients_that_overflow_in_both() -> None:
    infinite = [torch.tensor([1.0, torch.inf]), None]
    assert step_graphs._difference(infinite, infinite) == 0
    assert step_graphs._difference([torch.tensor([1.0, 2.0]), None], infinite) == torch.inf
    assert step_graphs._difference([torch.ones(2), torch.ones(2)], infinite) == torch.inf


def test_no_memory_for_the_optimizer(training: Training) -> None:
    training.free["bytes"] = 2 * training.model.weight.nbytes - 1  # type: ignore[attr-defined]
    assert "not enough memory" in refused(training)


def test_room_for_others(training: Training) -> None:
    training.step(9)
    training.graphs.make_room()
    assert len(training.graphs) == 2
    training.free["bytes"] = 10**6 - 1  # type: ignore[attr-defined]
    training.graphs.make_room()
    assert len(training.graphs) == 0
    assert training.step(9)[0] is not None
    assert len(training.graphs) == 2


def test_no_more_shapes_than_that(training: Training) -> None:
    found = [
        training.graphs.run(ROUNDING.rounded(batch_of(9, rows)), torch.tensor(1.0), training.part)
        for rows in range(1, MOST_SHAPES + 9)
    ]
    assert len(training.graphs) == MOST_SHAPES
    assert [loss is None for loss in found].count(True) == 9
    assert training.step(9)[0] is not None
