"""`Effects`: the covariates' part of a model, applied in numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gft.metrics.protocol import Array


@dataclass(frozen=True)
class Effects:
    """What the numbers of a design add to a model's logits.

    `weights` has a row for each output of the model, in their order, and a column for each of the
    design: float32. They are added to the logits, so a row at the reference values, where every
    number is 0, has the logits of its text.
    """

    weights: Array

    def apply(self, logits: Array, numbers: Array) -> Array:
        """Return the logits of rows with their covariates, float32, shape (rows, outputs).

        `logits` are those of the texts, with a text in windows those of its windows joined;
        `numbers` are what `Design.of` makes of the rows, shape (rows, columns of the design).
        """
        return np.asarray(logits, np.float32) + np.asarray(numbers, np.float32) @ self.weights.T
