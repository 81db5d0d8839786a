"""The form every metric has: statistics per row, and a reduction over weighted rows.

Bounded memory, bootstrap intervals, groups, paired comparisons and several processes all follow
from this one form: whoever wants another sample only hands `reduce` other weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np

Array: TypeAlias = "np.ndarray[Any, Any]"


@dataclass(frozen=True)
class Scored:
    """Gold and predicted values of n scored rows, and the names of classes or outputs.

    What they look like depends on the target, and stands at the top of its file in `targets`.
    `known` says which labels of a row are known, shape (n, labels), where not all of several are;
    gold values, predictions and scores are 0 where they are not.
    """

    gold: Any
    prediction: Any
    scores: Any
    names: tuple[str, ...]
    known: Any = None

    def __len__(self) -> int:
        return len(self.gold)


@dataclass(frozen=True)
class Measure:
    """One number that a metric yields; `proportion` marks a share of the rows.

    `about` is the class that it is a metric of, where it is one of two. `span` is the least and the
    most that it can be, where its interval is to be made of that (`limits.within`).
    """

    name: str
    greater_is_better: bool = True
    proportion: bool = False
    about: str | None = None
    span: tuple[float, float] | None = None


class Metric(Protocol):
    """A metric of the language, such as `f1`.

    One may also say what its measures rest on (`grounds.Grounded`), and that they are made of sums
    (`limits.OfSums`): their intervals are the better for it.
    """

    @property
    def name(self) -> str:
        """The metric's name."""

    @property
    def target(self) -> str:
        """The name of the target type that it is for, such as `classes`."""

    def measures(self, names: tuple[str, ...]) -> tuple[Measure, ...]:
        """Return the measures it yields for classes or outputs called `names`, in order."""

    def rows(self, scored: Scored) -> Array:
        """Return the statistics of each row, shape (n, k)."""

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return each measure for each weighting of the rows, shape (measures, samples).

        `statistics` has shape (n, k), `weights` shape (samples, n): how often each row counts in
        each sample. They are in the order of `measures`; NaN where one is undefined.
        """


class OneMeasure:
    """What metrics of one measure have in common: it is called as the metric is."""

    name: str
    greater_is_better: bool = True
    proportion: bool = False
    span: tuple[float, float] | None = None

    def measures(self, names: tuple[str, ...]) -> tuple[Measure, ...]:
        """Return the one measure."""
        span = (0.0, 1.0) if self.proportion else self.span
        return (Measure(self.name, self.greater_is_better, self.proportion, span=span),)


class Measurable(Protocol):
    """What metrics ask of a task's target."""

    @property
    def name(self) -> str:
        """What the values are, in the plural, such as `classes`."""

    def names(self) -> tuple[str, ...]:
        """Return the names of the target types whose metrics fit."""

    def metric_names(self) -> tuple[str, ...]:
        """Return the names of the built-in metrics for it."""

    def metric(self, name: str, config: str | None) -> Metric | None:
        """Return the metric of a name that other kinds may have too; None: there is no other."""

    def handed(self, value: Any, label: Callable[[int], Any]) -> Any:
        """Return a gold value or prediction, as `Scored` has it, as a user's own metric sees it."""

    def specimens(self, count: int) -> Sequence[Any]:
        """Return two or more values as `Scored` has them, for `count` classes or outputs."""
