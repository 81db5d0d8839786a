"""Answers that are spans of a text.

`Scored.gold` is a list of lists of texts, one list a row, empty where there is no answer;
`Scored.prediction` is a list of texts, '' for no answer.
"""

from __future__ import annotations

from typing import Any, ClassVar

from gft.targets.protocol import Target


class AnswerSpans(Target):
    """A span of a text for each row, or none."""

    name: ClassVar[str] = "answers"
    metrics_in: ClassVar[str | None] = "gft.metrics.answers"
    cells_in: ClassVar[str | None] = "gft.cells.answers"

    def is_wrong(self, gold: Any, prediction: Any) -> bool:
        """Say whether a prediction is none of the gold answers, letter by letter."""
        return prediction not in (gold or [""])
