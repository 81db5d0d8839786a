"""What a task makes of a model's outputs: predictions, for metrics, for Python and for people."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from gft.inputs.features import Feature
from gft.language.program import Options
from gft.metrics.protocol import Array, Metric, Scored
from gft.tasks.columns import TaskColumns

Values: TypeAlias = "Array | list[Any]"
"""One value a row: an array whose first axis is rows, or a list of what each row has."""
DIGITS = 6


@dataclass(frozen=True)
class TaskPredictions(TaskColumns):
    """The part of `Task` after a model's outputs."""

    @abstractmethod
    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return predictions and scores of a batch, one each for each feature."""

    def margins(self, predictions: Values, scores: Values | None) -> Array | None:
        """Return by how much the scores of each row decide for its prediction, in logits.

        Shape (rows,); negative where they decide for another one. None for tasks whose predictions
        are not decided by comparing logits of the row.
        """
        return None

    def detokenized(self, processor: Any, predictions: Values) -> Values:
        """Return what `decode` predicts for some features, tokens as text."""
        return predictions

    def joined(
        self, features: Sequence[Feature], values: Sequence[Any], scores: Sequence[Any]
    ) -> tuple[Any, Any]:
        """Return the prediction and the scores of one row from those of its features, in order."""
        return values[0], scores[0]

    def measuring(self, metrics: Sequence[Metric]) -> list[Metric]:
        """Return the metrics that were chosen, and those that the task adds to them."""
        return list(metrics)

    def described(self, golds: Sequence[Any]) -> dict[str, Any]:
        """Return how often each class is gold, or what the numbers are like, as JSON."""
        return self.target.described(golds, self.labels)

    def scored(self, golds: Sequence[Any], predictions: Values, scores: Values | None) -> Scored:
        """Return what metrics need, for rows that all have a gold value."""
        return Scored(list(golds), list(predictions), None, ())

    def value(self, prediction: Any, scores: Any) -> Any:
        """Return a prediction as Python code wants it: a label, or numbers."""
        return prediction

    def in_json(self, prediction: Any, scores: Any) -> Any:
        """Return a prediction as rows with names have it, in JSON and tables."""
        return self.value(prediction, scores)

    @property
    def answer_schema(self) -> Mapping[str, Any]:
        """What `in_json` returns, as JSON Schema says it; empty where that may be anything."""
        return {}

    def fields(self, prediction: Any, scores: Any, options: Options) -> list[str]:
        """Return what predict writes for one row after the inputs and the gold."""
        return [str(prediction)]

    def fields_beside(
        self, cells: Sequence[Any], prediction: Any, scores: Any, options: Options
    ) -> list[str]:
        """Return what `fields` does, for one row that has these cells."""
        return self.fields(prediction, scores, options)

    def ranked(self, scores: Any, options: Options) -> Any:
        """Return the scores of a row by label, best first, where more than the best is asked for.

        A dictionary, or one for each word of the row; None where the best score is enough, or
        scores belong to no labels.
        """
        return None

    def details(self, prediction: Any, scores: Any, options: Options) -> dict[str, Any]:
        """Return what predict writes of a row under names of its own, beside the prediction."""
        row: dict[str, Any] = {}
        if getattr(scores, "ndim", None) == 1:
            row["score"] = round(float(scores.max()), DIGITS)
        ranked = self.ranked(scores, options)
        return row if ranked is None else row | {"scores": ranked}
