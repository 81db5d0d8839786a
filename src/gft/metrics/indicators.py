"""Multi-label gold values as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gft.metrics.protocol import Array


def indicators(golds: Sequence[Any], labels: int) -> tuple[Array, Array]:
    """Return which labels each row has, and of which that is known: shape (rows, labels) each.

    Rows are given as collections of numbers, in which `~n` says that of label n it is not known.
    """
    import numpy as np

    has = np.zeros((len(golds), labels), dtype=bool)
    known = np.ones((len(golds), labels), dtype=bool)
    for row, numbers in enumerate(golds):
        for number in numbers:
            if number < 0:
                known[row, ~number] = False
            else:
                has[row, number] = True
    return has, known
