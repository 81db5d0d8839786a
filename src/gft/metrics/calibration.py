"""Whether probabilities can be believed: how often right, of those that are so sure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gft.metrics.protocol import Array

BINS = 10
SIMULATED = 1000
_AT_ONCE = 2_000_000


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
    mean_if_calibrated: float
    """What the error of so many predictions, as sure, is on average where all can be believed."""
    most_if_calibrated: float
    """What it is less than then in 95 % of such splits."""

    def saved(self) -> dict[str, Any]:
        """Return it as JSON."""
        bins = [asdict(one) for one in self.bins]
        calibrated = {"mean": self.mean_if_calibrated, "percentile_95": self.most_if_calibrated}
        return {
            "expected_calibration_error": self.error,
            "if_calibrated": calibrated,
            "bins": bins,
        }


def calibration(sure: Array, right: Array, bins: int = BINS) -> Calibration | None:
    """Return how confidence and accuracy agree; None without rows, or where not all is a number.

    `sure` are the probabilities that predictions were made with, `right` is 1 where one is right,
    shape (n,) each. Expected calibration error (Naeini et al. 2015; Guo et al. 2017, eq. 3): the
    mean distance of confidence and accuracy over `bins` equal parts of 0 to 1, by rows. It is never
    0, for the share right in a part is one of few rows: what believable probabilities would give is
    simulated beside it (Bröcker & Smith 2007).
    """
    if not len(sure) or not np.isfinite(sure).all():
        return None
    bin_of = np.minimum((sure * bins).astype(np.int64), bins - 1)
    rows = np.bincount(bin_of, minlength=bins)
    mean, share = (np.bincount(bin_of, one, bins) / np.maximum(rows, 1) for one in (sure, right))
    error = float((rows * np.abs(mean - share)).sum() / rows.sum())
    found = zip(rows.tolist(), mean.tolist(), share.tolist(), strict=True)
    believed = _if_calibrated(sure.astype(np.float64), bin_of, bins)
    usual, most = float(believed.mean()), float(np.quantile(believed, 0.95))
    return Calibration(error, tuple(Bin(*one) for one in found if one[0]), usual, most)


def _if_calibrated(sure: Array, bin_of: Array, bins: int) -> Array:
    """Return errors of predictions that are right as often as they are sure, shape (simulated,)."""
    generator, rows = np.random.default_rng(0), len(sure)
    if rows * SIMULATED > 10 * _AT_ONCE:
        # In parts of many rows the number that is right is as good as normal.
        spread = np.sqrt(np.bincount(bin_of, sure * (1 - sure), bins))
        off = np.abs(generator.normal(size=(SIMULATED, bins)) * spread)
        return np.asarray(off.sum(1) / rows)
    order = np.argsort(bin_of, kind="stable")
    sure, starts = sure[order], np.flatnonzero(np.diff(bin_of[order], prepend=-1))
    found, block = [], max(1, _AT_ONCE // rows)
    for start in range(0, SIMULATED, block):
        right = generator.random((min(block, SIMULATED - start), rows)) < sure
        off = np.add.reduceat(right - sure, starts, axis=1)
        found.append(np.abs(off).sum(1) / rows)
    return np.concatenate(found)
