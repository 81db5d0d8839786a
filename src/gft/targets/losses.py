"""The losses of hidden tokens: `Scored.scores` are their sum in nats and number, shape (n, 2)."""

from __future__ import annotations

from typing import Any, ClassVar

from gft.metrics.protocol import Metric
from gft.targets.protocol import Target


class Losses(Target):
    """What a language model loses on the tokens that were hidden from it."""

    name: ClassVar[str] = "losses"
    shows_values: ClassVar[bool] = False  # What was hidden is in the input; a loss is no answer.

    def metric_names(self) -> tuple[str, ...]:
        """Return perplexity."""
        from gft.metrics.perplexity import NAMES

        return NAMES

    def metric(self, name: str, config: str | None) -> Metric | None:
        """Return perplexity."""
        from gft.metrics.perplexity import find

        return find(name, config)

    def is_wrong(self, gold: Any, prediction: Any) -> bool:
        """Say that every row is worth looking at: a loss is never nothing."""
        del gold, prediction
        return True
