"""Sums of weighted rows, over their number."""

from __future__ import annotations

import numpy as np

from gft.metrics.protocol import Array


def divided(above: Array, below: Array, otherwise: float = np.nan) -> Array:
    """Return a quotient, `otherwise` where the divisor is 0."""
    result = np.full(np.broadcast(above, below).shape, otherwise)
    return np.asarray(np.divide(above, below, out=result, where=below != 0))


def mean(statistics: Array, weights: Array) -> Array:
    """Return the mean of each column in each sample, shape (columns, samples); NaN without rows."""
    return divided((weights @ statistics).T, weights.sum(1))
