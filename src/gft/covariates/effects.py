"""`Effects`: the covariates' part of a model, applied in numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gft.metrics.protocol import Array


@dataclass(frozen=True)
class Effects:
    """What the numbers of a design do to a model's logits: they add to them and multiply them.

    `weights` has a row for each output of the model, in their order, and a column for each of the
    design: what is added. `gain` has a number for each column: how much more, or less, the text
    counts. Both are float32. A row at the reference values, where every number is 0, has the
    logits of its text.
    """

    weights: Array
    gain: Array

    def apply(self, logits: Array, numbers: Array) -> Array:
        """Return the logits of rows with their covariates, float32, shape (rows, outputs).

        `logits` are those of the texts, with a text in windows those of its windows joined;
        `numbers` are what `Design.of` makes of the rows, shape (rows, columns of the design).
        """
        texts, rows = np.asarray(logits, np.float32), np.asarray(numbers, np.float32)
        return texts + texts * (rows @ self.gain)[:, None] + rows @ self.weights.T
