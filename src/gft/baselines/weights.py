"""What a linear model has learned, and how it makes predictions of features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from gft.baselines.protocol import Decided
from gft.metrics.protocol import Array

Link: TypeAlias = Literal["softmax", "logistic", "identity"]
"""What sums become: probabilities of classes, of each label, or numbers as they are."""
LINKS: tuple[Link, ...] = get_args(Link)


@dataclass(frozen=True)
class LinearWeights:
    """A weight for each label, or output, and feature, and what is added to their sum.

    `coefficients` has shape (labels, features), `intercepts` (labels,). `fixed` are labels whose
    probability is the same for every row: 0 for a class that no row had.
    """

    link: Link
    coefficients: Array
    intercepts: Array
    fixed: Mapping[int, float] = field(default_factory=dict)

    def scores(self, features: Any) -> Array:
        """Return probabilities, shape (rows, labels), or numbers, shape (rows, outputs)."""
        sums = np.asarray(features @ self.coefficients.T) + self.intercepts
        if self.link == "identity":
            return sums
        if self.link == "softmax":
            sums[:, list(self.fixed)] = -np.inf
            probabilities = np.exp(sums - sums.max(1, keepdims=True))
            return np.asarray(probabilities / probabilities.sum(1, keepdims=True))
        small = np.exp(-np.abs(sums))  # never overflows
        probabilities = np.where(sums >= 0, 1, small) / (1 + small)
        for label, probability in self.fixed.items():
            probabilities[:, label] = probability
        return np.asarray(probabilities)

    def decided(self, scores: Array) -> Decided:
        """Return predictions and scores in the form of a task's `decode`.

        The most probable class, whether each label is the more probable, or the numbers, which
        have no probabilities.
        """
        if self.link == "identity":
            return scores, None
        return scores.argmax(1) if self.link == "softmax" else scores > 0.5, scores
