"""A text for each row: `Scored.gold` and `Scored.prediction` are lists of texts."""

from __future__ import annotations

from typing import ClassVar

from gft.targets.protocol import Target


class Texts(Target):
    """A text for each row, written by the model."""

    name: ClassVar[str] = "texts"
    metrics_in: ClassVar[str | None] = "gft.metrics.texts"
