"""Testing a model without a trace: random state, running means, gradients and mode are restored."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch


@contextmanager
def random_state_kept() -> Iterator[None]:
    """Restore the random state of Python, numpy and torch afterwards."""
    ours, numbers = random.getstate(), np.random.get_state(legacy=False)
    try:
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            yield
    finally:
        random.setstate(ours)
        np.random.set_state(numbers)


def random_state() -> tuple[Any, ...]:
    """Return the random state of a CPU, which differs once a random number was drawn."""
    numbers = np.random.get_state(legacy=False)
    return torch.get_rng_state().tolist(), repr(numbers), random.getstate()


@contextmanager
def untouched(model: torch.nn.Module) -> Iterator[None]:
    """Restore a model afterwards, without gradients, and the random state."""
    buffers = {name: buffer.clone() for name, buffer in model.named_buffers()}
    training = model.training
    try:
        with random_state_kept():
            yield
    finally:
        model.train(training)
        model.zero_grad()
        with torch.no_grad():
            for name, buffer in model.named_buffers():
                buffer.copy_(buffers[name])


@contextmanager
def nothing_left() -> Iterator[None]:
    """Restore the random state and the environment of this process afterwards."""
    before = dict(os.environ)
    try:
        with random_state_kept():
            yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)
