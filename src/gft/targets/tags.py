"""A tag for each word of a row.

`Scored.gold` and `Scored.prediction` are lists of arrays, one a row, with the numbers of the tags
of those words that have one; `scores` is None and `names` the tags. In a task's own gold values a
word without a tag has a number less than 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from gft.metrics.protocol import Array, Metric, Scored
from gft.targets.labelled import Labelled, counts_of
from gft.targets.protocol import AnswerCounts, Noticed, Predicted, Worst

if TYPE_CHECKING:
    from gft.baselines.protocol import Baseline, Sample
    from gft.metrics.per_class import OfClass


class Tags(Labelled):
    """A tag for each word of a row."""

    name: ClassVar[str] = "tags of words"
    metrics_in: ClassVar[str | None] = "gft.metrics.tags"
    cells_in: ClassVar[str | None] = "gft.cells.tags"
    worst: ClassVar[Worst] = replace(Labelled.worst, rows="words")

    def numbers(self, gold: Any) -> Sequence[int]:
        """Return the numbers of the tags."""
        return list(gold)

    def handed(self, value: Any, label: Callable[[int], Any]) -> Any:
        """Return the list of tags."""
        return [label(int(number)) for number in value]

    def specimens(self, count: int) -> Sequence[Any]:
        """Return a row of one word for each tag."""
        return [[n % count] for n in range(max(2, count))]

    def renumbered(self, scored: Scored, to: Array, names: tuple[str, ...]) -> Scored:
        """Return the rows with their tags numbered anew."""
        gold, predicted = ([to[row] for row in rows] for rows in (scored.gold, scored.prediction))
        return replace(scored, gold=gold, prediction=predicted, scores=None, names=names)

    def per_class(self, scored: Scored) -> dict[str, OfClass]:
        """Return precision, recall, F1 and support of each type of entity, or of each tag."""
        from gft.metrics.per_class import metrics_of_counts
        from gft.metrics.tags import counts_by_class

        return metrics_of_counts(*counts_by_class(scored))

    def answer_counts(self, scored: Scored) -> AnswerCounts:
        """Return how often each tag is predicted, and gold, of words."""
        import numpy as np

        gold, predicted = (
            counts_of(scored.names, np.concatenate([*rows, np.zeros(0, np.int64)]))
            for rows in (scored.gold, scored.prediction)
        )
        return AnswerCounts(predicted, gold, "words")

    def baselines(
        self, golds: Sequence[Any], labels: tuple[str, ...], sample: Sample | None
    ) -> list[Baseline]:
        """Return the most frequent tag, and the most frequent one of each word."""
        from gft.baselines.words import of_tags

        return [] if sample is None else of_tags(sample)

    def errors(
        self, scored: Scored, predicted: Predicted, metric: Metric, most: int
    ) -> list[Noticed]:
        """Return the words whose wrong tag has the highest probability."""
        import numpy as np

        golds, values, scores = predicted
        wrong = [
            (-float(np.max(scores[n][position])) if scores is not None else 0.0, n, int(position))
            for n, gold in enumerate(golds)
            for position in np.flatnonzero(
                (np.asarray(gold) >= 0) & (np.asarray(gold) != values[n])
            )
        ]
        return [Noticed(n, f"{-sure:.3f}", position) for sure, n, position in sorted(wrong)[:most]]
