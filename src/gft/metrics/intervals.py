"""Figures with 95 % intervals: how far they would move on another sample of rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gft.metrics.protocol import Array, Metric, Scored

SAMPLES = 1000
LEVEL = 0.95
_WEIGHTS_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Result:
    """One figure of one split, and its interval; None where it is undefined."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    greater_is_better: bool = True

    def saved(self) -> dict[str, Any]:
        """Return the figure as JSON."""
        return {"value": self.value, "low": self.low, "high": self.high}


def point_figures(metrics: Sequence[Metric], scored: Scored) -> dict[str, float]:
    """Return every figure of the rows as they are, without intervals; NaN where undefined."""
    ones = np.ones((1, len(scored)))
    found: dict[str, float] = {}
    for metric in metrics:
        values = metric.reduce(metric.rows(scored), ones)[:, 0]
        for figure, value in zip(metric.figures(scored.names), values, strict=True):
            found[figure.name] = float(value)
    return found


def figures_with_intervals(
    metrics: Sequence[Metric], scored: Scored, seed: int = 0, samples: int = SAMPLES
) -> list[Result]:
    """Return every figure with its 95 % interval.

    Percentile bootstrap over rows (Efron & Tibshirani 1993, ch. 13), `samples` of them, the same
    for every metric; for shares of rows, Wilson's interval (Wilson 1927). The interval does not
    cover what another seed of the training would change.
    """
    statistics = [metric.rows(scored) for metric in metrics]
    drawn: list[list[Array]] = [[] for _ in metrics]
    if len(scored) > 1:
        for weights in bootstrap_weights(len(scored), samples, seed):
            for metric, of_rows, parts in zip(metrics, statistics, drawn, strict=True):
                parts.append(metric.reduce(of_rows, weights))
    points = point_figures(metrics, scored)
    results = []
    for metric, parts in zip(metrics, drawn, strict=True):
        many = np.concatenate(parts, axis=1) if parts else None
        for place, figure in enumerate(metric.figures(scored.names)):
            value = points[figure.name]
            if figure.proportion:
                low, high = wilson(value, len(scored))
            else:
                low, high = (math.nan, math.nan) if many is None else _percentiles(many[place])
            results.append(
                Result(
                    figure.name, _known(value), _known(low), _known(high), figure.greater_is_better
                )
            )
    return results


def bootstrap_weights(rows: int, samples: int, seed: int) -> Iterator[Array]:
    """Yield blocks of weights, shape (block, rows): how often each row is drawn in a sample."""
    generator = np.random.default_rng(seed)
    block = max(1, min(samples, _WEIGHTS_AT_ONCE // rows))
    for start in range(0, samples, block):
        count = min(block, samples - start)
        drawn = generator.integers(0, rows, size=(count, rows))
        drawn += np.arange(count)[:, None] * rows
        weights = np.bincount(drawn.ravel(), minlength=count * rows)
        yield weights.reshape(count, rows).astype(np.float64)


def wilson(share: float, rows: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `rows` independent rows (Wilson 1927, eq. 3)."""
    if not rows:
        return math.nan, math.nan
    z = 1.959963984540054
    middle = share + z * z / (2 * rows)
    reach = z * math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    below = 1 + z * z / rows
    return max(0.0, (middle - reach) / below), min(1.0, (middle + reach) / below)


def _percentiles(values: Array) -> tuple[float, float]:
    kept = values[np.isfinite(values)]
    if len(kept) < len(values) / 2:
        return math.nan, math.nan
    low, high = np.quantile(kept, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
