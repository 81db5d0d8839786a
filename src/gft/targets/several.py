"""Multi-label classes: any number of them a row.

`Scored.gold` and `Scored.prediction` are indicators and `scores` probabilities, shape (n, classes),
and `names` the classes. A task's gold values are collections of class numbers; `~n` among them
says that of class n it is not known whether it applies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from gft.errors import listed
from gft.metrics.indicators import indicators
from gft.metrics.protocol import Array, Metric, Scored
from gft.targets.classes import LN_2, PROBLEMS
from gft.targets.labelled import Labelled
from gft.targets.protocol import AnswerCounts, Noticed, Predicted, largest

if TYPE_CHECKING:
    from gft.baselines.generalised import GlmFamily
    from gft.baselines.protocol import Baseline, Learner, Sample
    from gft.metrics.per_class import OfClass


class Several(Labelled):
    """Multi-label classes: any number of them a row."""

    name: ClassVar[str] = "multi-label classes"
    metrics_in: ClassVar[str | None] = "gft.metrics.several"
    cells_in: ClassVar[str | None] = "gft.cells.classes"
    problems: ClassVar[frozenset[str]] = PROBLEMS
    doubtful_from: ClassVar[float | None] = LN_2
    doubted_by: ClassVar[str] = "probability of the gold label"
    belief_column: ClassVar[str] = "probability"

    def numbers(self, gold: Any) -> Sequence[int]:
        """Return the numbers of the classes, and less than 0 those of which nothing is known."""
        return list(gold)

    def handed(self, value: Any, label: Callable[[int], Any]) -> Any:
        """Return the list of labels."""
        return [label(n) for n, yes in enumerate(value) if yes]

    def specimens(self, count: int) -> Sequence[Any]:
        """Return a row of each class alone."""
        return [[m == n % count for m in range(count)] for n in range(max(2, count))]

    def renumbered(self, scored: Scored, to: Array, names: tuple[str, ...]) -> Scored:
        """Return the rows with the columns of their classes moved."""
        order = to.argsort()
        scores = None if scored.scores is None else scored.scores[:, order]
        gold, predicted = scored.gold[:, order], scored.prediction[:, order]
        known = None if scored.known is None else scored.known[:, order]
        return replace(
            scored, gold=gold, prediction=predicted, scores=scores, names=names, known=known
        )

    def per_class(self, scored: Scored) -> dict[str, OfClass]:
        """Return precision, recall, F1 and support of each label."""
        from gft.metrics.per_class import metrics_of_counts

        both = scored.gold & scored.prediction
        counts = (one.sum(0) for one in (both, scored.prediction, scored.gold))
        return metrics_of_counts(scored.names, *counts)

    def answer_counts(self, scored: Scored) -> AnswerCounts:
        """Return how often each set of labels is predicted, and gold."""
        return AnswerCounts(
            _sets(scored.names, scored.prediction), _sets(scored.names, scored.gold)
        )

    def confidence(self, scored: Scored) -> tuple[Array, Array] | None:
        """Return the probability of each label, counted by itself, and 1 where it is gold."""
        import numpy as np

        if scored.scores is None:
            return None
        scores, gold = (np.asarray(one, np.float64) for one in (scored.scores, scored.gold))
        if scored.known is not None:
            return scores[scored.known], gold[scored.known]
        return scores.ravel(), gold.ravel()

    def baselines(
        self, golds: Sequence[Any], labels: tuple[str, ...], sample: Sample | None
    ) -> list[Baseline]:
        """Return the labels that most rows have, and a logistic regression of each label."""
        from gft.baselines import constant, linear

        return [constant.of_several(labels, golds), *linear.of_sample(self.learner(), sample)]

    def learner(self) -> Learner:
        """Return a logistic regression of each label."""
        from gft.baselines.learners import LogisticOfEach

        return LogisticOfEach()

    def family(self) -> GlmFamily:
        """Return what fits each label by maximum likelihood."""
        from gft.baselines.generalised import BinomialFamily

        return BinomialFamily()

    def errors(
        self, scored: Scored, predicted: Predicted, metric: Metric, most: int
    ) -> list[Noticed]:
        """Return the wrong rows of which a label's probability is furthest from the truth."""
        import numpy as np

        off = np.abs(np.asarray(scored.scores) - scored.gold).max(1)
        wrong = (scored.prediction != scored.gold).any(1)
        chosen = largest(np.where(wrong, off, -1.0), min(most, int(wrong.sum())))
        return [Noticed(n, f"{off[n]:.3f}") for n in chosen]

    def belief(
        self, golds: Sequence[Any], predicted: Array, among: Sequence[Any] | None = None
    ) -> Array:
        """Return the least probability of what a row says of its labels."""
        import numpy as np

        predicted = np.asarray(predicted, dtype=np.float64)
        gold, known = indicators(golds, predicted.shape[1])
        return np.asarray(np.where(known, np.where(gold, predicted, 1 - predicted), 1).min(1))


def _sets(names: tuple[str, ...], has: Array) -> Counter[str]:
    """Return how often each set of labels is there, as sentences call it."""
    import numpy as np

    different, counts = np.unique(np.asarray(has, dtype=bool), axis=0, return_counts=True)
    found: Counter[str] = Counter()
    for row, count in zip(different, counts.tolist(), strict=True):
        labels = [repr(names[n]) for n in np.flatnonzero(row)]
        found[listed(labels, len(labels)) if labels else "no label"] += count
    return found
