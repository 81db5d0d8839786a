"""Training steps that are recorded as CUDA graphs: what they compute, their time and memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from unittest.mock import patch

import torch
from gpu_fits import (
    Found,
    Run,
    fit_with_gft,
    forget,
    memory_now,
    plain_trainer,
    reserved_peak,
    short,
    synchronize,
)
from transformers import TrainerCallback

from gft.engine import step_graphs
from gft.engine import trainer as engine


class Clock(TrainerCallback):  # type: ignore[misc]  # transformers is untyped
    """Takes the time at the end of each step of a training that has the GPU to itself."""

    trainer: Any = None

    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Take the time."""
        synchronize()
        self.ends.append(time.perf_counter())

    def found(self) -> dict[str, Any]:
        """Return what a step takes in the second half, what the first half took, and memory."""
        half = len(self.ends) // 2
        steps = [b - a for a, b in zip(self.ends[half:], self.ends[half + 1 :], strict=False)]
        graphs = getattr(self.trainer, "graphs", None)
        recorded = {} if graphs is None else {"shapes": len(graphs), "not_recorded": graphs.reason}
        return {
            "ms_per_step": round(1000 * statistics.median(steps), 2),
            "first_half_seconds": round(self.ends[half] - self.ends[0], 2),
            "allocated_GB": round(memory_now(peak=True), 3),
            "reserved_GB": round(reserved_peak(), 3),
            **recorded,
        }


def alone(run: Run) -> Iterator[Found]:
    """Train one after another: with graphs, without, with a recording that fails, plain.

    gft's weights must be equal in all three cases.
    """
    batch = run.size.batches[-1]
    arms: dict[str, tuple[int, AbstractContextManager[Any]]] = {
        "gft": (0, nullcontext()),
        f"gft, {batch}": (batch, nullcontext()),
        "gft, no graphs": (0, patch.object(step_graphs.StepGraphs, "run", _no_graph)),
        "gft, recording fails": (0, _waiting_when_recorded()),
    }
    for name, (rows, changed) in arms.items():
        more = {"per_device_train_batch_size": rows} if rows else {}
        with changed:
            yield name, _alone(run, name, {**short(run), **more})
    for rows in (run.size.batches[0], batch):
        clock = Clock()
        trainer = plain_trainer(run, batch=rows, callback=clock, max_steps=run.size.short)
        yield f"Trainer, {rows}", _measured(clock, trainer.train)
    from gpu_parts import apart

    for other in ("gft, no graphs", "gft, recording fails"):
        yield f"gft beside {other}", apart(run, "gft", other)


def _alone(run: Run, name: str, settings: dict[str, Any]) -> dict[str, Any]:
    clock = Clock()
    return _measured(clock, lambda: fit_with_gft(run, name, callback=clock, **settings))


def _measured(clock: Clock, train: Callable[[], Any]) -> dict[str, Any]:
    forget()
    train()
    return clock.found()


def _no_graph(self: Any, *args: Any) -> None:
    """Record nothing."""


@contextmanager
def _waiting_when_recorded() -> Iterator[None]:
    """Let a step wait for the GPU while it is recorded, and only then: it cannot be foreseen."""
    original = engine.GftTrainer.compute_loss

    def loss(self: Any, *args: Any, **kwargs: Any) -> Any:
        if torch.cuda.is_available() and torch.cuda.is_current_stream_capturing():
            torch.ones(1, device="cuda").item()
        return original(self, *args, **kwargs)

    with patch.object(engine.GftTrainer, "compute_loss", loss):
        yield
