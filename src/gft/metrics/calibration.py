"""Whether probabilities can be believed: how often right, of those that are so sure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gft.metrics.protocol import Array

BINS = 10


@dataclass(frozen=True)
class Bin:
    """Predictions of about one confidence: how many, their mean confidence, the share right."""

    rows: int
    confidence: float
    right: float


@dataclass(frozen=True)
class Calibration:
    """The expected calibration error, 0 to 1, and the bins it is made of."""

    error: float
    bins: tuple[Bin, ...]

    def saved(self) -> dict[str, Any]:
        """Return it as JSON."""
        bins = [asdict(one) for one in self.bins]
        return {"expected_calibration_error": self.error, "bins": bins}


def calibration(sure: Array, right: Array, bins: int = BINS) -> Calibration | None:
    """Return how confidence and accuracy agree; None without rows, or where not all is a number.

    `sure` are the probabilities that predictions were made with, `right` is 1 where one is right,
    shape (n,) each. Expected calibration error (Naeini et al. 2015; Guo et al. 2017, eq. 3): the
    mean distance of confidence and accuracy over `bins` equal parts of 0 to 1, by rows.
    """
    if not len(sure) or not np.isfinite(sure).all():
        return None
    place = np.minimum((sure * bins).astype(np.int64), bins - 1)
    rows = np.bincount(place, minlength=bins)
    mean, share = (np.bincount(place, one, bins) / np.maximum(rows, 1) for one in (sure, right))
    error = float((rows * np.abs(mean - share)).sum() / rows.sum())
    found = zip(rows.tolist(), mean.tolist(), share.tolist(), strict=True)
    return Calibration(error, tuple(Bin(*one) for one in found if one[0]))
