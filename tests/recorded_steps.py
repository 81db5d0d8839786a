"""CUDA graphs without a GPU: a recording keeps what it computes, and a replay computes it again.

A replay sees nothing but the inputs that were recorded, as on a GPU.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from gft.engine import step_graphs
from gft.engine.step_graphs import StepGraphs
from gft.inputs.features import Batch


class Graph:
    """Keeps a step; `recording` and `replaying` say what happens now."""

    recording: Graph | None = None
    replaying = False
    again: Any = None

    def replay(self) -> None:
        """Compute the step again."""
        Graph.replaying = True
        try:
            self.again()
        finally:
            Graph.replaying = False


class Faked:
    """What was done with the GPU that there is not."""

    def __init__(self) -> None:
        self.free = 10**12
        self.lengths: list[int] = []
        self.restored: list[str] = []
        self.replays = 0


@contextmanager
def _recorded(graph: Graph, pool: Any, stream: Any, capture_error_mode: str) -> Iterator[None]:
    Graph.recording = graph
    try:
        yield
    finally:
        Graph.recording = None


def fake(monkeypatch: pytest.MonkeyPatch) -> Faked:
    """Replace what `StepGraphs` takes of torch.cuda."""
    faked = Faked()
    generator = SimpleNamespace(
        clone_state=lambda: "state", graphsafe_set_state=lambda _: faked.restored.append("random")
    )
    for name, value in {
        "CUDAGraph": Graph, "graph": _recorded, "graph_pool_handle": object,
        "Stream": lambda device: None, "current_stream": lambda device: "stream",
        "set_stream": faked.restored.append, "default_generators": (generator,),
        "get_sync_debug_mode": lambda: 0, "set_sync_debug_mode": lambda mode: None,
        "manual_seed": torch.manual_seed, "empty_cache": lambda: None,
        "mem_get_info": lambda device: (faked.free, 10**12),
        "memory_reserved": lambda device: 10**6,
    }.items():  # fmt: skip
        monkeypatch.setattr(torch.cuda, name, value)
    monkeypatch.setattr(step_graphs, "_borrowed", lambda gradient: gradient)
    capture, replay = StepGraphs._capture, StepGraphs._replay

    def captured(self: StepGraphs, batch: Batch, divisor: torch.Tensor, part: Any) -> Any:
        def kept(rows: Batch, divided: torch.Tensor) -> torch.Tensor:
            loss: torch.Tensor = part(rows, divided)
            gradients, graph = self._gradients(), Graph.recording
            assert graph is not None
            graph.again = lambda: _again(self, gradients, part(rows, divided))
            faked.lengths.append(next(iter(rows.values())).shape[1])
            return loss

        # Nothing is drawn while a GPU records, and running means do not move.
        state, buffers = torch.get_rng_state(), [one.clone() for one in self.model.buffers()]
        found = capture(self, batch, divisor, kept)
        torch.set_rng_state(state)
        for one, before in zip(self.model.buffers(), buffers, strict=True):
            one.copy_(before)
        return found

    def replayed(self: StepGraphs, *args: Any) -> None:
        self.model.zero_grad()
        faked.replays += 1
        replay(self, *args)

    monkeypatch.setattr(StepGraphs, "_capture", captured)
    monkeypatch.setattr(StepGraphs, "_replay", replayed)
    return faked


def _again(graphs: StepGraphs, gradients: list[Any], loss: torch.Tensor) -> None:
    graphs._loss.copy_(loss)
    for weight, gradient in zip(graphs.weights, gradients, strict=True):
        assert (weight.grad is None) == (gradient is None)
        if gradient is not None and weight.grad is not None:
            gradient.copy_(weight.grad)
