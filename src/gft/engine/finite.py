"""A training whose loss or weights are no longer numbers is a failure, said where it begins."""

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
"""In fp16 the library skips a step whose gradients overflow, and lowers its scale; it may do so
for as many steps, one after the other."""
LOOKED_FOR_SECONDS = 60.0
OTHERS = 50
"""Where the losses of so many rows are not finite, the model is to blame and not a row."""


class NotFinite(GftError):
    """A loss or weight that is infinite or not a number.

    `row` is the train row, from 0, whose loss is so in a model whose weights are not; None where
    no single row is to blame.
    """

    def __init__(self, what: str, row: int | None, advice: str) -> None:
        super().__init__(f"{what}; {advice}")
        self.what = what
        self.row = row
        self.advice = advice

    def in_words(self, row: str) -> NotFinite:
        """Return the failure with the name of the row in the user's data."""
        return NotFinite(f"{self.what} for {row}", None, self.advice)

    def adding(self, told: str) -> NotFinite:
        """Return the failure with more to say."""
        return NotFinite(self.what, self.row, f"{self.advice}; {told}")


class Watch:
    """Looks at each step's loss, and at the weights before they are scored or saved."""

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
            told = f"weights of the model are infinite or not numbers after step {step}"
            raise NotFinite(told, None, self._advice())

    def _are_finite(self) -> bool:
        trained = [one for one in self.placed.model.parameters() if one.requires_grad]
        # A sum is not finite if a part is not: one pass, and one number a tensor.
        return all(bool(torch.isfinite(one.detach().float().sum())) for one in trained)

    def _broken_row(self) -> int | None:
        """Return the first row whose loss is not finite where that of another row is.

        None where none is found soon: then it is no row's fault.
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
        """Return what may help, by what was asked for."""
        ways = []
        rate = self.args.learning_rate
        ways.append(f"a learning rate below {rate:g} (--learning_rate {min(rate / 10, 2e-5):g})")
        if not self.args.max_grad_norm:
            ways.append("gradient clipping (--max_grad_norm 1)")
        if self.placed.precision.name == "fp16":
            ways.append("another precision (--precision fp32)")
        return f"the training diverged and nothing is published; try {', or '.join(ways)}"


_OF_A_ROW = (
    "look at its cells (a damaged sound or image, a label that is no usual number) and mend it or "
    "leave it out; nothing is published"
)


def _named(value: float) -> str:
    return "not a number" if math.isnan(value) else "infinite"
