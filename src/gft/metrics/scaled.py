"""Metrics of numbers on the scale that a model learned them on, such as their logarithm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gft.metrics.grounds import Basis
from gft.metrics.limits import Smooth
from gft.metrics.protocol import Array, Measure, Metric, Scored
from gft.metrics.regression import OfNumbers

TO_SCALE: dict[str, Callable[[Array], Array]] = {"log": np.log, "log1p": np.log1p}
FROM_SCALE: dict[str, Callable[[Array], Array]] = {"log": np.exp, "log1p": np.expm1}
LARGEST = 700.0
"""A logarithm above it is of no number that a computer has."""


def to_scales(numbers: Any, scales: Sequence[str | None]) -> Array:
    """Return numbers of shape (rows, outputs) on the scale of each output; None leaves it."""
    return _mapped(numbers, scales, TO_SCALE)


def from_scales(numbers: Any, scales: Sequence[str | None]) -> Array:
    """Return what `to_scales` was given."""
    found = np.array(numbers, dtype=np.float64)
    logged = [n for n, scale in enumerate(scales) if scale]
    found[..., logged] = np.minimum(found[..., logged], LARGEST)
    return _mapped(found, scales, FROM_SCALE)


def _mapped(
    numbers: Any, scales: Sequence[str | None], of: dict[str, Callable[[Array], Array]]
) -> Array:
    found = np.array(numbers, dtype=np.float64)
    for n, scale in enumerate(scales):
        if scale:
            found[..., n] = of[scale](found[..., n])
    return found


@dataclass(frozen=True)
class OnScale:
    """A metric of one output's numbers after a function: `pearson (log price)`."""

    inner: OfNumbers
    output: str
    index: int
    scale: str

    @property
    def name(self) -> str:
        """Its name."""
        return f"{self.inner.name} ({self.scale} {self.output})"

    @property
    def target(self) -> str:
        """The target type that it is for."""
        return self.inner.target

    def measures(self, names: tuple[str, ...]) -> tuple[Measure, ...]:
        """Return the one measure."""
        [measure] = self.inner.measures((self.output,))
        return (replace(measure, name=self.name),)

    def rows(self, scored: Scored) -> Array:
        """Return the output's gold and predicted numbers after the function, shape (n, 2)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            gold, prediction = (
                TO_SCALE[self.scale](one[:, [self.index]])
                for one in (scored.gold, scored.prediction)
            )
        return self.inner.rows(Scored(gold, prediction, None, (self.output,)))

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the score for each weighting of the rows."""
        return self.inner.reduce(statistics, weights)

    def smooth(self, statistics: Array) -> list[Smooth | None]:
        """Return the function of sums that it is."""
        return self.inner.smooth(statistics)

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> list[list[Basis]]:
        """Return what it rests on."""
        return self.inner.grounds(statistics, (self.output,))


def on_scales(
    metrics: Sequence[Metric], outputs: Sequence[str], scales: Sequence[str | None]
) -> list[Metric]:
    """Return the metrics of numbers of outputs that have a scale, on these scales."""
    return [
        OnScale(one, output, n, scale)
        for n, (output, scale) in enumerate(zip(outputs, scales, strict=True))
        if scale
        for one in metrics
        if isinstance(one, OfNumbers)
    ]
