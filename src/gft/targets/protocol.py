"""What a task predicts: one object that answers whatever depends on the kind of it.

Metrics, baselines, counts, examples and reports ask a task's target instead of telling kinds apart.
A kind of one's own is a subclass, here or in another package; what it does not say is answered as
for values that nothing is known of. Arrays are imported where they are needed: tasks are light.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from gft.metrics.protocol import Array, Metric, Scored

if TYPE_CHECKING:
    from gft.baselines.generalised import GlmFamily
    from gft.baselines.label_noise import Estimate
    from gft.baselines.protocol import Baseline, Learner, Sample
    from gft.metrics.per_class import OfClass

Predicted: TypeAlias = "tuple[Sequence[Any], Array | list[Any], Array | list[Any] | None]"
"""Gold values, predictions and scores of the rows of a split."""
Plot: TypeAlias = Literal["confusion", "residuals"]
"""Which classes were taken for which; gold values less predictions."""
READ_ROWS = 500
"""So many rows are looked at one by one where an error has no confidence, as of texts."""


@dataclass(frozen=True)
class Noticed:
    """A row that is worth looking at, or one of its words, and why."""

    row: int
    remark: str
    word: int | None = None


@dataclass(frozen=True)
class Usual:
    """The most frequent answer: `predicted` so many times, `gold` in so many of all `rows`.

    `answer` is as a sentence has it: a label in quotation marks. What is counted is `counted`.
    """

    answer: str
    predicted: int
    gold: int
    rows: int
    counted: str = "rows"


@dataclass(frozen=True)
class AnswerCounts:
    """How often each answer was given, and how often it is right to give it.

    Answers are as sentences have them, and each is of a row, or of what else is `counted`.
    """

    predicted: Counter[str]
    gold: Counter[str]
    counted: str = "rows"

    def __add__(self, more: AnswerCounts) -> AnswerCounts:
        return AnswerCounts(self.predicted + more.predicted, self.gold + more.gold, self.counted)

    def usual(self) -> Usual | None:
        """Return the answer that was given most often, None where there was none."""
        rows = self.predicted.total()
        if not rows:
            return None
        [(answer, predicted)] = self.predicted.most_common(1)
        return Usual(answer, predicted, self.gold[answer], rows, self.counted)


@dataclass(frozen=True)
class Moments:
    """Mean and sum of squared deviations from it of the rows so far, shape (outputs,) each.

    Those of two parts are joined as Chan, Golub & LeVeque (1983) do.
    """

    mean: Array
    squares: Array


@dataclass(frozen=True)
class NumberSpread:
    """How far numbers lie apart that were `predicted`, and that are `gold`, of each of `names`."""

    names: tuple[str, ...]
    rows: int
    predicted: Moments
    gold: Moments

    @classmethod
    def of(cls, scored: Scored) -> NumberSpread:
        """Return that of some rows, one at least."""
        import numpy as np

        predicted, gold = (
            np.asarray(one, dtype=np.float64).reshape(len(scored), -1)
            for one in (scored.prediction, scored.gold)
        )
        parts = [
            Moments(one.mean(0), ((one - one.mean(0)) ** 2).sum(0)) for one in (predicted, gold)
        ]
        return cls(scored.names, len(scored), *parts)

    def __add__(self, more: NumberSpread) -> NumberSpread:
        rows = self.rows + more.rows

        def both(one: Moments, other: Moments) -> Moments:
            apart = other.mean - one.mean
            mean = one.mean + apart * (more.rows / rows)
            squares = one.squares + other.squares + apart**2 * (self.rows * more.rows / rows)
            return Moments(mean, squares)

        return NumberSpread(
            self.names, rows, both(self.predicted, more.predicted), both(self.gold, more.gold)
        )

    def deviations(self) -> tuple[Array, Array]:
        """Return the standard deviations of the predictions, and of gold, shape (outputs,) each."""
        return (self.predicted.squares / self.rows) ** 0.5, (self.gold.squares / self.rows) ** 0.5


@dataclass(frozen=True)
class Worst:
    """How a report calls the worst rows: "The 20 {rows} of test {which}.", and each row's remark.

    `remark` heads the remark on each row, nothing where it speaks for itself.
    """

    title: str = "Worst rows"
    rows: str = "rows"
    which: str = "with the lowest scores"
    remark: str = ""


class Target:
    """A kind of target, and the answers for one whose gold values are compared as they are."""

    name: ClassVar[str]
    """What the values are, in the plural, such as `classes`; metrics say so whom they are for."""
    stratified: ClassVar[bool] = False
    """Whether gold values are class numbers, so that splits drawn from train keep their shares."""
    numeric: ClassVar[bool] = False
    """Whether the cells are numbers, not names."""
    problems: ClassVar[frozenset[str]] = frozenset()
    """The kinds of problems of labels, as `data.problems` calls them, that can concern it."""
    metrics_in: ClassVar[str | None] = None
    """The module of its metrics, with `NAMES` and `find`; None: the general table has them."""
    cells_in: ClassVar[str | None] = None
    """The module whose `read` makes its values of the forms that cells have; None: they need
    nothing."""
    metric_by_length: ClassVar[str | None] = None
    """The metric for a few rows of about one length; None: the first of the fit's own."""
    worst: ClassVar[Worst] = Worst()
    shows_values: ClassVar[bool] = True
    """Whether gold value and prediction of a row tell its reader anything."""
    doubtful_from: ClassVar[float | None] = None
    """So much more than usual is a label of train doubted that is suspected; None: none can be."""
    doubted_by: ClassVar[str] = "off by"
    """What `belief` says of a row."""
    belief_column: ClassVar[str] = "off_by_sd"
    """The same as the name of a column."""
    plots: ClassVar[tuple[Plot, ...]] = ()
    """What there is to see of a split's errors, beside calibration and metrics by length."""

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the kinds whose metrics fit: its own, then those it is derived from.

        So an order of classes has metrics of its own, and those of classes.
        """
        return tuple(kind.__dict__["name"] for kind in cls.__mro__ if "name" in kind.__dict__)

    def metric_names(self) -> tuple[str, ...]:
        """Return the names of the built-in metrics for it."""
        from gft.metrics.table import names_of

        if self.metrics_in is None:
            return names_of(self.names())
        names: tuple[str, ...] = import_module(self.metrics_in).NAMES
        return names

    def metric(self, name: str, config: str | None) -> Metric | None:
        """Return the metric of a name that other kinds may have too; None: there is no other.

        Raises `UserError` for a configuration that it does not have.
        """
        if self.metrics_in is None:
            return None
        found: Metric | None = import_module(self.metrics_in).find(name, config)
        return found

    def handed(self, value: Any, label: Callable[[int], Any]) -> Any:
        """Return a gold value or prediction, as `Scored` has it, as a user's own metric sees it.

        `label` gives the label of a number.
        """
        return value

    def specimens(self, count: int) -> Sequence[Any]:
        """Return two or more values as `Scored` has them, for `count` classes or outputs."""
        return ["a", "b"]

    def in_order_of(self, scored: Scored, names: tuple[str, ...]) -> Scored | None:
        """Return values with their classes numbered as in `names`; None if these are others."""
        return scored

    def per_class(self, scored: Scored) -> dict[str, OfClass]:
        """Return the metrics of each class by its name, in order; empty where there are none."""
        return {}

    def confidence(self, scored: Scored) -> tuple[Array, Array] | None:
        """Return the probabilities that predictions were made with, and 1 where one is right.

        Both have one axis, of one length. None where predictions have no probabilities.
        """
        return None

    def answer_counts(self, scored: Scored) -> AnswerCounts | None:
        """Return how often each answer is given; None where answers are not of a few kinds."""
        return None

    def spread(self, scored: Scored) -> NumberSpread | None:
        """Return how far apart numbers lie, predicted and gold; None where they are none."""
        return None

    def described(self, golds: Sequence[Any], labels: tuple[str, ...]) -> dict[str, Any]:
        """Return how often each label is gold, or what the numbers of each output are like."""
        return {}

    def baselines(
        self, golds: Sequence[Any], labels: tuple[str, ...], sample: Sample | None
    ) -> list[Baseline]:
        """Return what is to be beaten, fitted to train rows, the cheapest first.

        `golds` are those of all rows, one at least; `sample` has some of the rows with their
        inputs, and is None where inputs are files.
        """
        return []

    def learner(self) -> Learner | None:
        """Return what fits a linear model to such values, None if nothing does."""
        return None

    def family(self) -> GlmFamily | None:
        """Return what estimates coefficients of covariates alone, None if nothing does."""
        return None

    def errors(
        self, scored: Scored, predicted: Predicted, metric: Metric, most: int
    ) -> list[Noticed]:
        """Return the worst rows, worst first, `most` of them.

        Here they are the wrong ones that `metric` gives the worst first metric by themselves.
        """
        import numpy as np

        count = min(len(scored), READ_ROWS)
        values = metric.reduce(metric.rows(scored)[:count], np.eye(count))[0]
        measure = metric.measures(scored.names)[0]
        pairs = zip(scored.gold[:count], scored.prediction[:count], strict=True)
        wrong = np.array([self.is_wrong(*pair) for pair in pairs], dtype=bool) & np.isfinite(values)
        order = np.where(wrong, -values if measure.greater_is_better else values, -np.inf)
        chosen = largest(order, min(most, int(wrong.sum())))
        return [Noticed(n, f"{measure.name} {values[n]:.3g}") for n in chosen]

    def is_wrong(self, gold: Any, prediction: Any) -> bool:
        """Say whether a prediction is not what it should be."""
        return bool(gold != prediction)

    def belief(
        self, golds: Sequence[Any], predicted: Array, among: Sequence[Any] | None = None
    ) -> Array:
        """Return how far each gold value is believed, shape (rows,).

        `predicted` are probabilities, shape (rows, labels), or numbers, shape (rows, outputs);
        `among` the gold values of all rows where these are some. It is asked only where labels can
        be doubted.
        """
        raise NotImplementedError(f"labels of {self.name} cannot be doubted")

    def doubt(self, belief: Array) -> Array:
        """Return how suspicious gold values are that are believed so far, the same shape."""
        return belief

    def usual_doubt(self, golds: Sequence[Any], belief: Array) -> Array:
        """Return how suspicious rows usually are that are like each, the same shape."""
        import numpy as np

        return np.zeros(len(golds))

    def belief_text(self, belief: float) -> str:
        """Return in a word how far a gold value is believed."""
        return f"{belief:.3f}"

    def wrong_labels(
        self, golds: Sequence[Any], predicted: Array, bundles: Array
    ) -> Estimate | None:
        """Return how many gold values are wrong, about; None where nothing tells.

        `predicted` is by models that have not seen a row, nor one that has the same number in
        `bundles`.
        """
        return None


def largest(order: Array, most: int) -> list[int]:
    """Return the indices of the `most` largest values, the largest first, of equals the first."""
    import numpy as np

    found: list[int] = np.argsort(-order, kind="stable")[:most].tolist()
    return found
