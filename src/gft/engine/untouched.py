"""Trying a model without a trace: random numbers, running means, gradients, its mode."""

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
    """Let whoever draws random numbers afterwards draw what would have been drawn before."""
    ours, numbers = random.getstate(), np.random.get_state(legacy=False)
    try:
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            yield
    finally:
        random.setstate(ours)
        np.random.set_state(numbers)


def random_state() -> tuple[Any, ...]:
    """Return what differs once a random number was drawn on a CPU."""
    numbers = np.random.get_state(legacy=False)
    return torch.get_rng_state().tolist(), repr(numbers), random.getstate()


@contextmanager
def untouched(model: torch.nn.Module) -> Iterator[None]:
    """Leave a model as it was, without gradients, whatever is tried with it, and chance too."""
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
    """Let whoever comes afterwards in this process find chance and environment as they were."""
    before = dict(os.environ)
    try:
        with random_state_kept():
            yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)
