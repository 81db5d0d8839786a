"""The losses of hidden tokens: `Scored.scores` are their sum in nats and number, shape (n, 2)."""

from __future__ import annotations

from typing import Any, ClassVar

from gft.targets.protocol import Target


class Losses(Target):
    """What a language model loses on the tokens that were hidden from it."""

    name: ClassVar[str] = "losses"
    metrics_in: ClassVar[str | None] = "gft.metrics.perplexity"
    shows_values: ClassVar[bool] = False  # What was hidden is in the input; a loss is no answer.

    def is_wrong(self, gold: Any, prediction: Any) -> bool:
        """Say that every row is worth looking at: a loss is never nothing."""
        return True
