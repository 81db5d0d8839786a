"""`Effects`: the covariates' part of a model, applied in numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gft.metrics.protocol import Array


@dataclass(frozen=True)
class Effects:
    """The effects of a design on a model's logits: they are added to them and multiply them.

    `weights` has a row for each output of the model and a column for each column of the design:
    what is added. `gain` has a number for each column: how much more, or less, the text counts.
    Both are float32. A row at the reference values, where every number is 0, has the logits of its
    text.
    """

    weights: Array
    gain: Array

    def apply(self, logits: Array, numbers: Array) -> Array:
        """Return the logits of rows with their covariates, float32, shape (rows, outputs).

        `logits` are those of the texts; those of a text in windows are joined.
        `numbers` are the rows of `Design.of`, shape (rows, columns of the design).
        """
        texts, rows = np.asarray(logits, np.float32), np.asarray(numbers, np.float32)
        return texts + texts * (rows @ self.gain)[:, None] + rows @ self.weights.T
