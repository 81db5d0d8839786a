"""Figures over several trainings: their mean, how far they spread, and an interval for both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gft.metrics.intervals import (
    LEVEL,
    SAMPLES,
    bootstrap_weights,
    counted_rows,
    known,
    percentiles,
    points,
    told,
    wilson,
)
from gft.metrics.protocol import Array, Figure, Metric, Scored


@dataclass(frozen=True)
class Spread:
    """A figure of several trainings; `low` to `high` covers the choice of rows and of the seed."""

    name: str
    each: tuple[float | None, ...]
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    about: str | None = None
    """The class that it is a figure of, where it is one of two."""
    caveat: str | None = None
    """Why the interval is not to be relied on; None where it is."""

    def saved(self) -> dict[str, Any]:
        """Return the figure as JSON."""
        kept = [one for one in self.each if one is not None]
        return {
            "mean": self.mean,
            "sd": self.sd,
            "least": min(kept, default=None),
            "most": max(kept, default=None),
            "low": self.low,
            "high": self.high,
            "each": list(self.each),
            **told(self.about, self.caveat),
        }


def figures_over_seeds(
    metrics: Sequence[Metric],
    trainings: Sequence[Scored],
    *,
    groups: Array | None = None,
    seed: int = 0,
    samples: int = SAMPLES,
) -> list[Spread]:
    """Return the mean of each figure over trainings that were scored on the same rows.

    Its interval joins two: that of the mean over another choice of rows (or `groups`), by the
    bootstrap, of shares of independent rows by Wilson's; and that over another choice of seeds,
    t with one degree of freedom less than there are trainings. They are joined as the squares of
    their reaches (MOVER: Zou & Donner 2008). Part of what one training's rows add is counted in
    both, so that it errs on the wide side (Owen 2007 on resampling rows and columns at once).
    """
    found = []
    names, rows = trainings[0].names, len(trainings[0])
    units = rows if groups is None else len(np.unique(groups))
    for metric in metrics:
        statistics = [metric.rows(scored) for scored in trainings]
        values = np.array([points(metric, one, names) for one in statistics])
        drawn = [
            np.mean([metric.reduce(one, weights) for one in statistics], axis=0)
            for weights in (bootstrap_weights(rows, samples, seed, groups) if units > 1 else ())
        ]
        many = np.concatenate(drawn, axis=1) if drawn else None
        for place, figure in enumerate(metric.figures(names)):
            each, limits = values[:, place], (math.nan, math.nan)
            if many is not None and np.isfinite(each).all():
                limits = percentiles(many[place], units)
                if figure.proportion and groups is None:
                    limits = _share(float(each.mean()), many[place], counted_rows(statistics[0]))
            found.append(_joined(figure, each, limits))
    return found


def _share(mean: float, drawn: Array, rows: int) -> tuple[float, float]:
    """Return Wilson's interval of a mean share, of as many rows as its spread is worth."""
    spread = float(drawn.var())
    worth = mean * (1 - mean) / spread if spread > 0 else rows
    return wilson(mean, max(rows, round(worth)))


def _joined(figure: Figure, each: Array, rows: tuple[float, float]) -> Spread:
    from scipy.stats import t

    count, mean = len(each), float(each.mean())
    sd = float(each.std(ddof=1)) if count > 1 else math.nan
    reach = float(t.ppf((1 + LEVEL) / 2, count - 1)) * sd / math.sqrt(count)
    low = mean - math.hypot(mean - rows[0], reach)
    high = mean + math.hypot(rows[1] - mean, reach)
    if figure.proportion:
        low, high = max(0.0, low), min(1.0, high)
    values = tuple(known(float(one)) for one in each)
    limits = known(mean), known(sd), known(low), known(high)
    return Spread(figure.name, values, *limits, figure.about)
