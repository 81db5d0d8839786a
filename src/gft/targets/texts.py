"""A text for each row: `Scored.gold` and `Scored.prediction` are lists of texts."""

from __future__ import annotations

from typing import ClassVar

from gft.metrics.protocol import Metric
from gft.targets.protocol import Target


class Texts(Target):
    """A text for each row, written by the model."""

    name: ClassVar[str] = "texts"

    def metric_names(self) -> tuple[str, ...]:
        """Return the error rates, and the metrics of generated texts."""
        from gft.metrics.texts import NAMES

        return NAMES

    def metric(self, name: str, config: str | None) -> Metric | None:
        """Return an error rate, or a metric of generated texts."""
        from gft.metrics.texts import find

        return find(name, config)
