"""Answers that are spans of a text.

`Scored.gold` is a list of lists of texts, one list a row, empty where there is no answer;
`Scored.prediction` is a list of texts, '' for no answer.
"""

from __future__ import annotations

from typing import Any, ClassVar

from gft.metrics.protocol import Metric
from gft.targets.protocol import Target


class AnswerSpans(Target):
    """A span of a text for each row, or none."""

    name: ClassVar[str] = "answers"

    def metric_names(self) -> tuple[str, ...]:
        """Return SQuAD's metrics."""
        from gft.metrics.answers import NAMES

        return NAMES

    def metric(self, name: str, config: str | None) -> Metric | None:
        """Return one of SQuAD's metrics."""
        from gft.metrics.answers import find

        return find(name, config)

    def is_wrong(self, gold: Any, prediction: Any) -> bool:
        """Say whether a prediction is none of the gold answers, letter by letter."""
        return prediction not in (gold or [""])
