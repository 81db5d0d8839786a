"""The profile of a fit: how long it will take and how much memory, from a few measured steps."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gft import processes
from gft.adapters.lora import count_parameters
from gft.engine.features import FeatureStore
from gft.engine.fitting import peak_memory_bytes, steps_of
from gft.engine.inference import Predictor
from gft.engine.options import HandedOn, TrainingOptions
from gft.engine.placed_model import PlacedModel, SplitBatch
from gft.engine.sampler import EpochSampler
from gft.engine.trial import try_training
from gft.language.program import Options
from gft.tasks.options import Batches
from gft.tasks.protocol import Task

MEASURED_STEPS = 3
MEASURED_ROWS = 128


@dataclass(frozen=True)
class Profile:
    """What a fit takes: its steps, seconds of training and of scoring val, and memory.

    The seconds are those of a few batches, scaled by how much padded length all batches have.
    """

    steps: int
    train_seconds: float
    score_seconds: float
    memory_bytes: int | None
    parameters: int


def profile(
    task: Task,
    placed: PlacedModel,
    stores: dict[str, FeatureStore],
    options: Options,
    max_length: int,
) -> Profile:
    """Train a throwaway model on the longest batch and a few others, and time them."""
    store, model = stores["train"], placed.model
    try_training(task, placed, store, options)
    model.train()
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-6)
    lengths = np.maximum(store.lengths(), 1)
    batches = list(_batches(store, options))
    padded = np.array([int(lengths[batch].max()) * len(batch) for batch in batches])
    longest = int(padded.argmax())
    middle = np.argsort(padded, kind="stable")[len(batches) // 2 :][:MEASURED_STEPS]
    first = [store[n] for n in batches[longest]]
    split_batch = placed.split_batch(task, first)
    _step(task, placed, optimizer, first, split_batch)
    started = time.perf_counter()
    for number in middle:
        _step(task, placed, optimizer, [store[n] for n in batches[number]], split_batch)
    per_length = (time.perf_counter() - started) / max(1, int(padded[middle].sum()))
    steps_of_epoch, steps = steps_of(len(store), options.of(HandedOn))
    epochs = steps / steps_of_epoch
    model.eval()
    return Profile(
        steps,
        per_length * float(padded.sum()) * epochs,
        _scoring(task, placed, stores, options, max_length) * math.ceil(epochs),
        peak_memory_bytes(placed.precision.device),
        count_parameters(model)[0],
    )


def _batches(store: FeatureStore, options: Options) -> Iterator[list[int]]:
    training = options.of(HandedOn)
    size = training.per_device_train_batch_size
    grouped = options.of(TrainingOptions).train_sampling_strategy == "group_by_length"
    lengths = store.lengths() if grouped else None
    of_step = size * training.gradient_accumulation_steps * processes.count()
    order = list(EpochSampler(len(store), training.seed, of_step, lengths, shuffle=True))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def _step(
    task: Task,
    placed: PlacedModel,
    optimizer: Any,
    features: list[Any],
    split_batch: SplitBatch | None,
) -> None:
    batch = placed.batch(task, features, training=True)
    with placed.training(split_batch):
        with placed.precision.autocast():
            loss = task.loss(placed.model, batch)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's
    torch.nn.utils.clip_grad_norm_(placed.model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    if placed.precision.device.type == "cuda":
        torch.cuda.synchronize(placed.precision.device)


def _scoring(
    task: Task,
    placed: PlacedModel,
    stores: dict[str, FeatureStore],
    options: Options,
    max_length: int,
) -> float:
    """Return the seconds that one scoring of val takes."""
    if "val" not in stores:
        return 0.0
    store = stores["val"]
    size = min(len(store), MEASURED_ROWS)
    predictor = Predictor(task, placed, max_length, options.of(Batches).per_device_eval_batch_size)
    started = time.perf_counter()
    predictor.features([store[n] for n in range(size)])
    return (time.perf_counter() - started) * len(store) / size
