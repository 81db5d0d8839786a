"""Perplexity: how many tokens a language model hesitates between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gft.metrics.grounds import FEWEST_NUMBERS, Basis, Tail, of_rows
from gft.metrics.limits import Ratio
from gft.metrics.protocol import Array, Metric, OneMeasure, Scored
from gft.metrics.weighted import divided

NAMES: tuple[str, ...] = ("perplexity",)


@dataclass(frozen=True)
class Perplexity(OneMeasure):
    """exp of the mean cross-entropy over all tokens that were asked for; 1 and more, 1 is best.

    That is Jelinek et al. (1977). A row weighs as much as it has such tokens.
    """

    name: str = "perplexity"
    target: str = "losses"
    greater_is_better = False

    def rows(self, scored: Scored) -> Array:
        """Return the sum of each row's losses in nats, and their number, shape (n, 2)."""
        return np.asarray(scored.scores, dtype=np.float64)

    def smooth(self, statistics: Array) -> list[Ratio | None]:
        """Return losses over tokens."""
        return [Ratio(statistics[:, 0], statistics[:, 1], np.exp)]

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> list[list[Basis]]:
        """Return that it rests on all rows, and that no few of them have most of the loss."""
        return [[*of_rows(len(statistics), FEWEST_NUMBERS), Tail(statistics[:, 0])]]

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the perplexity of each sample; NaN where there is no token."""
        total, count = (weights @ statistics).T
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(divided(total, count)))[None]


def find(name: str, config: str | None) -> Metric | None:
    """Return the metric of a name for losses, None if there is none such."""
    return Perplexity() if name in NAMES and config is None else None
