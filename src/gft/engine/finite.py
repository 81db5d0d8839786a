"""A training whose loss or weights are no longer finite fails where that begins."""

from __future__ import annotations

import math
import time
from typing import Any

import torch

from gft.engine.features import FeatureStore
from gft.engine.placed_model import PlacedModel
from gft.errors import GftError
from gft.tasks.protocol import Task

SKIPPED = 20
"""Consecutive steps that may overflow in fp16: the gradient scaler skips each and lowers its
scale."""
LOOKED_FOR_SECONDS = 60.0
OTHERS = 50
"""If the losses of so many rows are not finite, the model is the cause and not a row."""


class NotFinite(GftError):
    """A loss or weight that is infinite or not a number.

    `row` is the index of the train row whose loss is not finite while all weights are; None where
    no single row is the cause.
    """

    def __init__(self, what: str, row: int | None, advice: str) -> None:
        super().__init__(f"{what}; {advice}")
        self.what = what
        self.row = row
        self.advice = advice

    def in_words(self, row: str) -> NotFinite:
        """Return the error with the row's name in the user's data."""
        return NotFinite(f"{self.what} for {row}", None, self.advice)

    def adding(self, advice: str) -> NotFinite:
        """Return the error with more advice."""
        return NotFinite(self.what, self.row, f"{self.advice}; {advice}")


class Watch:
    """Checks the loss of each step, and the weights before they are scored or saved."""

    def __init__(self, task: Task, placed: PlacedModel, store: FeatureStore, args: Any) -> None:
        self.task = task
        self.placed = placed
        self.store = store
        self.args = args
        self.allowed = SKIPPED if placed.precision.name == "fp16" else 0
        self.in_a_row = 0

    def loss(self, loss: torch.Tensor, step: int) -> None:
        """Raise `NotFinite` for the loss of a step that is not finite."""
        value = float(loss)
        if math.isfinite(value):
            self.in_a_row = 0
            return
        self.in_a_row += 1
        if self.in_a_row <= self.allowed:
            return
        what = f"the training loss is {_named(value)} at step {step}"
        row = self._broken_row() if self._are_finite() else None
        advice = _OF_A_ROW if row is not None else self._advice()
        raise NotFinite(what, row, advice)

    def weights(self, step: int) -> None:
        """Raise `NotFinite` where a weight that is trained is not finite."""
        if not self._are_finite():
            what = f"the model has weights that are infinite or not numbers after step {step}"
            raise NotFinite(what, None, self._advice())

    def _are_finite(self) -> bool:
        trained = [one for one in self.placed.model.parameters() if one.requires_grad]
        # A sum is not finite if a part is not: one pass, and one number for each tensor.
        return all(bool(torch.isfinite(one.detach().float().sum())) for one in trained)

    def _broken_row(self) -> int | None:
        """Return the first row whose loss is not finite, if that of another row is finite.

        None if there is no such row, or none is found in time.
        """
        end, broken, others = time.monotonic() + LOOKED_FOR_SECONDS, None, False
        self.placed.model.eval()
        for n in range(len(self.store)):
            finite = math.isfinite(self._loss_of(n))
            others = others or finite
            if broken is None and not finite:
                broken = n
            if broken is not None and others:
                return broken if self.store.rows is None else int(self.store.rows[broken])
            if time.monotonic() > end or (not others and n == OTHERS):
                break
        return None

    def _loss_of(self, feature: int) -> float:
        batch = self.placed.batch(self.task, [self.store[feature]], training=True)
        with torch.no_grad(), self.placed.precision.autocast():
            return float(self.task.loss(self.placed.model, batch))

    def _advice(self) -> str:
        """Return what may help, given the arguments."""
        ways = []
        rate = self.args.learning_rate
        ways.append(f"a learning rate below {rate:g} (--learning_rate {min(rate / 10, 2e-5):g})")
        if not self.args.max_grad_norm:
            ways.append("gradient clipping (--max_grad_norm 1)")
        if self.placed.precision.name == "fp16":
            ways.append("another precision (--precision fp32)")
        return f"training diverged and no model is saved; try {', or '.join(ways)}"


_OF_A_ROW = (
    "check its cells (a damaged sound or image, a label that is not an ordinary number), and "
    "correct or remove the row; no model is saved"
)


def _named(value: float) -> str:
    return "not a number" if math.isnan(value) else "infinite"
