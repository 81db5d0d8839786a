"""One class a row.

`Scored.gold` and `Scored.prediction` are class numbers, shape (n,), `scores` probabilities, shape
(n, classes), and `names` the classes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from gft.metrics.protocol import Array, Metric, Scored
from gft.targets.labelled import Labelled, counts_of
from gft.targets.protocol import AnswerCounts, Noticed, Plot, Predicted, largest

if TYPE_CHECKING:
    from gft.baselines.generalised import GlmFamily
    from gft.baselines.label_noise import Estimate
    from gft.baselines.protocol import Baseline, Learner, Sample
    from gft.metrics.per_class import OfClass

LN_2 = math.log(2)
PROBLEMS = frozenset(
    {
        "contradiction",
        "spelling",
        "rare",
        "uneven",
        "unseen",
        "absent",
        "gives away",
        "looks missing",
    }
)
"""The kinds of problems that values have which many rows share."""


class Classes(Labelled):
    """One class a row."""

    name: ClassVar[str] = "classes"
    stratified: ClassVar[bool] = True
    cells_in: ClassVar[str | None] = "gft.cells.classes"
    problems: ClassVar[frozenset[str]] = PROBLEMS
    metric_by_length: ClassVar[str | None] = "accuracy"
    doubtful_from: ClassVar[float | None] = LN_2
    doubted_by: ClassVar[str] = "probability of the gold label"
    belief_column: ClassVar[str] = "probability"
    plots: ClassVar[tuple[Plot, ...]] = ("confusion",)

    def numbers(self, gold: Any) -> Sequence[int]:
        """Return the number of the class."""
        return (gold,)

    def handed(self, value: Any, label: Callable[[int], Any]) -> Any:
        """Return the label."""
        return label(int(value))

    def specimens(self, count: int) -> Sequence[Any]:
        """Return each class, and of a single one two."""
        return [n % count for n in range(max(2, count))]

    def renumbered(self, scored: Scored, to: Array, names: tuple[str, ...]) -> Scored:
        """Return the rows with their classes numbered anew, and the columns of scores moved."""
        scores = None if scored.scores is None else scored.scores[:, to.argsort()]
        gold, predicted = to[scored.gold], to[scored.prediction]
        return replace(scored, gold=gold, prediction=predicted, scores=scores, names=names)

    def per_class(self, scored: Scored) -> dict[str, OfClass]:
        """Return precision, recall, F1 and support of each class."""
        from gft.metrics.per_class import counts_of_classes, metrics_of_counts

        return metrics_of_counts(scored.names, *counts_of_classes(scored))

    def confidence(self, scored: Scored) -> tuple[Array, Array] | None:
        """Return the probability of each predicted class, and 1 where it is right."""
        import numpy as np

        if scored.scores is None:
            return None
        right = np.asarray(scored.prediction == scored.gold, dtype=np.float64)
        return np.asarray(_sure(scored), dtype=np.float64), right

    def answer_counts(self, scored: Scored) -> AnswerCounts:
        """Return how often each class is predicted, and gold."""
        return AnswerCounts(
            counts_of(scored.names, scored.prediction), counts_of(scored.names, scored.gold)
        )

    def baselines(
        self, golds: Sequence[Any], labels: tuple[str, ...], sample: Sample | None
    ) -> list[Baseline]:
        """Return the most frequent class, and a logistic regression on the words."""
        from gft.baselines import constant, linear

        return [constant.of_classes(labels, golds), *linear.of_sample(self.learner(), sample)]

    def learner(self) -> Learner:
        """Return logistic regression."""
        from gft.baselines.learners import Logistic

        return Logistic()

    def family(self) -> GlmFamily:
        """Return what fits each class against the first by maximum likelihood."""
        from gft.baselines.generalised import MultinomialFamily

        return MultinomialFamily()

    def errors(
        self, scored: Scored, predicted: Predicted, metric: Metric, most: int
    ) -> list[Noticed]:
        """Return the wrong rows whose predicted class has the highest probability."""
        import numpy as np

        sure, wrong = _sure(scored), scored.prediction != scored.gold
        chosen = largest(np.where(wrong, sure, -1.0), min(most, int(wrong.sum())))
        return [Noticed(n, f"{sure[n]:.3f}") for n in chosen]

    def belief(
        self, golds: Sequence[Any], predicted: Array, among: Sequence[Any] | None = None
    ) -> Array:
        """Return the probability of each gold class."""
        import numpy as np

        belief: Array = np.asarray(predicted)[np.arange(len(golds)), np.asarray(golds)]
        return belief

    def usual_doubt(self, golds: Sequence[Any], belief: Array) -> Array:
        """Return -ln of the mean probability of each row's class: rare classes get less."""
        import numpy as np

        classes = np.asarray(golds)
        usual = np.bincount(classes, belief) / np.maximum(np.bincount(classes), 1)
        return self.doubt(usual[classes])

    def wrong_labels(
        self, golds: Sequence[Any], predicted: Array, bundles: Array
    ) -> Estimate | None:
        """Return how many classes are wrong."""
        import numpy as np

        from gft.baselines.label_noise import wrong_labels

        return wrong_labels(np.asarray(predicted), np.asarray(golds), bundles)


def _sure(scored: Scored) -> Array:
    """Return the probability of each row's predicted class."""
    import numpy as np

    probabilities: Array = np.asarray(scored.scores)[np.arange(len(scored)), scored.prediction]
    return probabilities
