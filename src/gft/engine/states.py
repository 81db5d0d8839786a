"""What a net makes of a text before its head: the mean of the last hidden states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from gft.engine.inference import Found, Predictor
from gft.engine.placed_model import PlacedModel
from gft.inputs.windows import first_windows
from gft.metrics.protocol import Array
from gft.tasks.protocol import Feature


def states_of(predictor: Predictor, rows: Iterable[Mapping[str, Sequence[Any]]]) -> Array | None:
    """Return the mean hidden states of rows, float32, shape (rows, width).

    `rows` are dicts of lists, at most `WINDOW` rows each, without covariates. Of a text in windows
    they are those of the first. None for a net that has no base model with hidden states, and
    where one is not finite.
    """
    task = replace(predictor.task, covariates=None)
    reader = _States(task, predictor.placed, predictor.max_length, predictor.batch_size)
    with _every_position(predictor.placed):
        try:
            found = np.concatenate([np.asarray(reader.rows(part).values) for part in rows])
        except _NoStates:
            return None
    return found if np.isfinite(found).all() else None


@contextmanager
def _every_position(placed: PlacedModel) -> Iterator[None]:
    """Compute the last layer at every position: the head may read the first one only."""
    training = placed.model.training
    placed.every_position = True
    placed.model.eval()
    try:
        yield
    finally:
        placed.every_position = False
        placed.model.train(training)


class _NoStates(Exception):
    """A net has no hidden states that could be taken."""


@dataclass(frozen=True)
class _States(Predictor):
    """Predicts the mean hidden states of rows."""

    def _batch(self, features: Sequence[Feature]) -> Found:
        self.placed.restore()
        outputs = self.task.run_features(
            _Base(self.placed),
            [first_windows(one, 1) for one in features],
            lambda some: self.placed.batch(self.task, some),
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
        kept = mask[..., None] != 0
        return {"logits": states.masked_fill(~kept, 0).sum(1) / kept.sum(1).clamp(min=1)}
