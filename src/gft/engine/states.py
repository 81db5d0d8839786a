"""What a net makes of a text before its head: the mean of the last hidden states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from gft.engine.features import WINDOW
from gft.engine.inference import Found, Predictor
from gft.engine.placed_model import PlacedModel
from gft.metrics.protocol import Array
from gft.tasks.protocol import Feature


def states_of(predictor: Predictor, rows: Mapping[str, Sequence[Any]]) -> Array | None:
    """Return the mean hidden states of rows, float32, shape (rows, width).

    `rows` is a dict of lists; their covariates are not read. None for a net that has no base model
    with hidden states.
    """
    task = predictor.task
    alone = replace(task, covariates=None)
    reader = _States(alone, predictor.placed, predictor.max_length, predictor.batch_size)
    read = {name: rows[name] for name in task.texts}
    count = len(next(iter(read.values())))
    with _every_position(predictor.placed):
        try:
            reader.rows({name: cells[:1] for name, cells in read.items()})
        except _NoStates:
            return None
        parts = [
            reader.rows({name: cells[n : n + WINDOW] for name, cells in read.items()}).values
            for n in range(0, count, WINDOW)
        ]
    return np.concatenate([np.asarray(part) for part in parts])


@contextmanager
def _every_position(placed: PlacedModel) -> Iterator[None]:
    """Compute on the standard path: the fast one leaves out positions that the head ignores."""
    fast, placed.fast = placed.fast, False
    try:
        yield
    finally:
        placed.fast = fast


class _NoStates(Exception):
    """A net has no hidden states that could be taken."""


@dataclass(frozen=True)
class _States(Predictor):
    """Predicts the mean hidden states of rows, where those of several windows are joined."""

    def _batch(self, features: Sequence[Feature]) -> Found:
        self.placed.restore()
        outputs = self.task.run_features(
            _Base(self.placed), features, lambda some: self.placed.batch(self.task, some)
        )
        return outputs["logits"].cpu().numpy(), None


class _Base:
    """The base of a net, which returns mean hidden states in place of logits."""

    def __init__(self, placed: PlacedModel) -> None:
        net: Any = placed.model
        self.base: Any = net.base_model
        if getattr(net.config, "is_encoder_decoder", False):
            self.base = self.base.get_encoder()

    def __call__(self, **batch: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return the states as `logits`, shape (rows, width)."""
        try:
            outputs = self.base(**batch)
            states = outputs["last_hidden_state"].float()
        except (TypeError, ValueError, KeyError, AttributeError) as problem:
            raise _NoStates from problem
        mask = batch.get("attention_mask")
        if states.dim() == 4:  # those of a convolution, (rows, width, height, width of the image)
            states = states.flatten(2).transpose(1, 2)
        if states.dim() != 3:
            raise _NoStates
        if mask is None or mask.shape != states.shape[:2]:
            return {"logits": states.mean(1)}
        seen = mask[..., None].to(states.dtype)
        return {"logits": (states * seen).sum(1) / seen.sum(1).clamp(min=1)}
