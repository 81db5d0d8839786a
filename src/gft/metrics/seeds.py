"""Metrics over several trainings: their mean, how far they spread, and an interval for both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gft.metrics.intervals import known, remarks_saved
from gft.metrics.limits import LEVEL
from gft.metrics.protocol import Array, Measure, Metric, Scored
from gft.metrics.samples import SAMPLES, Sampled, draw


@dataclass(frozen=True)
class Spread:
    """A metric of several trainings; `low` to `high` covers the choice of rows and of the seed."""

    name: str
    each: tuple[float | None, ...]
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    about: str | None = None
    """The class that it is a metric of, where it is one of two."""
    caveat: str | None = None
    """Why the interval is unreliable; None where it is."""

    def saved(self) -> dict[str, Any]:
        """Return the metric as JSON."""
        kept = [one for one in self.each if one is not None]
        return {
            "mean": self.mean,
            "sd": self.sd,
            "least": min(kept, default=None),
            "most": max(kept, default=None),
            "low": self.low,
            "high": self.high,
            "each": list(self.each),
            **remarks_saved(self.about, self.caveat),
        }


def metrics_over_seeds(
    metrics: Sequence[Metric],
    trainings: Sequence[Scored],
    *,
    groups: Array | None = None,
    seed: int = 0,
    samples: int = SAMPLES,
) -> list[Spread]:
    """Return the mean of each metric over trainings that were scored on the same rows.

    Its interval joins two: that of the mean over another choice of rows (or `groups`), which is as
    wide as those of the trainings in so far as samples of the rows move all of them together; and
    that over another choice of seeds, t with one degree of freedom less than there are trainings.
    They are joined as the squares of their reaches (MOVER: Zou & Donner 2008). Part of what one
    training's rows add is counted in both, so that it errs on the wide side (Owen 2007 on
    resampling rows and columns at once).
    """
    found = []
    names, rows = trainings[0].names, len(trainings[0])
    for metric in metrics:
        every = [Sampled(metric, metric.rows(one), names, groups) for one in trainings]
        draw(every, rows, groups, seed, samples)
        for index, measure in enumerate(every[0].measures):
            each = np.array([one.values[index] for one in every])
            limits, why = zip(*(one.limits(index) for one in every), strict=True)
            reaches = _shared([one.drawn[index] for one in every]) * np.abs(
                np.array(limits) - each[:, None]
            ).mean(0)
            caveat = next((one for one in why if one is not None), None)
            found.append(_joined(measure, each, reaches, caveat))
    return found


def _shared(drawn: Sequence[Array]) -> float:
    """Return how much less the mean of the values moves with the rows than each of them, 0 to 1."""
    alone = float(np.mean([one.std() for one in drawn]))
    return float(np.mean(drawn, axis=0).std()) / alone if alone > 0 else 1.0


def _joined(measure: Measure, each: Array, reaches: Array, caveat: str | None) -> Spread:
    from scipy.stats import t

    count, mean = len(each), float(each.mean())
    sd = float(each.std(ddof=1)) if count > 1 else math.nan
    reach = float(t.ppf((1 + LEVEL) / 2, count - 1)) * sd / math.sqrt(count)
    low, high = mean - math.hypot(reaches[0], reach), mean + math.hypot(reaches[1], reach)
    if measure.span is not None and math.isfinite(mean):
        low, high = max(measure.span[0], low), min(measure.span[1], high)
    values = tuple(known(float(one)) for one in each)
    limits = known(mean), known(sd), known(low), known(high)
    return Spread(measure.name, values, *limits, measure.about, caveat)
