"""What a model gets wrong on a split: confusions, residuals, the worst rows, metrics by length."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from gft.data.sampling import at
from gft.metrics.intervals import values_with_intervals
from gft.metrics.per_class import Confusion, confusion
from gft.metrics.protocol import Array, Scored
from gft.metrics.table import find
from gft.results.examples import Example, worst_rows
from gft.results.measured import Outcome
from gft.targets.protocol import Worst

MOST_OUTPUTS = 4
MOST_POINTS = 800
BINS, FEWEST = 6, 10
SAMPLES = 200


@dataclass(frozen=True)
class Residuals:
    """Predictions of an output and what gold is above them, of at most `MOST_POINTS` rows."""

    name: str
    predicted: Array
    left: Array


@dataclass(frozen=True)
class ByLength:
    """A metric with its interval for rows of about one length, from the shortest on."""

    metric: str
    unit: str
    bins: list[dict[str, Any]]


@dataclass(frozen=True)
class Errors:
    """What a model gets wrong on a split; what its target does not have is None or empty.

    `called` says what the `worst` rows are.
    """

    role: str
    confusion: Confusion | None
    residuals: list[Residuals]
    lengths: ByLength | None
    worst: list[Example]
    called: Worst


def errors_of(outcome: Outcome, role: str) -> Errors:
    """Return what a model gets wrong on a split."""
    target, scored = outcome.task.target, outcome.scored(role)
    confused = "confusion" in target.plots
    return Errors(
        role,
        confusion(scored) if confused else None,
        _residuals(scored) if "residuals" in target.plots else [],
        _by_length(outcome, role),
        worst_rows(outcome, role),
        target.worst,
    )


def _residuals(scored: Scored) -> list[Residuals]:
    step = max(1, math.ceil(len(scored) / MOST_POINTS))
    found = []
    for n, name in enumerate(scored.names[:MOST_OUTPUTS]):
        predicted = np.asarray(scored.prediction)[::step, n]
        left = np.asarray(scored.gold)[::step, n] - predicted
        kept = np.isfinite(predicted) & np.isfinite(left)
        if kept.any():
            found.append(Residuals(name, predicted[kept], left[kept]))
    return found


def _by_length(outcome: Outcome, role: str) -> ByLength | None:
    """Return a metric in bins that have as many rows as the others, or nearly.

    None where fewer than two bins have a value, as where all rows are of one length.
    """
    lengths = outcome.lengths.get(role)
    if lengths is None or len(np.unique(lengths)) < 2:
        return None
    name = outcome.task.target.metric_by_length
    metric = outcome.metrics[0] if name is None else find(name, None, outcome.task.target)
    parts = min(BINS, max(2, len(lengths) // FEWEST))
    edges = np.unique(np.quantile(lengths, np.linspace(0, 1, parts + 1), method="nearest"))
    bins = np.clip(np.searchsorted(edges, lengths, side="right") - 1, 0, max(0, len(edges) - 2))
    found = []
    golds, values, scores = outcome.results[role]
    for one in np.unique(bins):
        chosen = np.flatnonzero(bins == one)
        scored = outcome.task.scored(
            [golds[n] for n in chosen.tolist()], at(values, chosen), at(scores, chosen)
        )
        result = values_with_intervals([metric], scored, samples=SAMPLES)[0]
        if result.value is not None:
            found.append({"from": int(lengths[chosen].min()), "to": int(lengths[chosen].max()),
                          "rows": len(chosen), **result.saved()})  # fmt: skip
    if len(found) < 2:
        return None
    unit = next(iter(outcome.task.texts.values())).unit
    return ByLength(metric.measures(outcome.task.labels)[0].name, unit, found)
