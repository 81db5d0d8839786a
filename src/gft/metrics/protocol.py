"""The form every metric has: statistics per row, and a reduction over weighted rows.

Bounded memory, bootstrap intervals, groups, paired comparisons and several processes all follow
from this one form: whoever wants another sample only hands `reduce` other weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np

Array: TypeAlias = "np.ndarray[Any, Any]"

CLASSES = "classes"
NUMBERS = "numbers"
SEVERAL = "several classes a row"
TAGS = "tags of words"
TEXTS = "texts"
ANSWERS = "answers"
LOSSES = "losses"


@dataclass(frozen=True)
class Scored:
    """Gold and predicted values of the scored rows, n of them.

    `kind` is `classes`: `gold` and `prediction` are class numbers, shape (n,), `scores`
    probabilities, shape (n, classes), and `names` the classes; or `numbers`: `gold` and
    `prediction` are numbers, shape (n, outputs), `scores` is None and `names` the outputs; or
    `several classes a row`: `gold` and `prediction` are indicators and `scores` probabilities,
    shape (n, classes); or `texts`: `gold` and `prediction` are lists of n texts; or `losses`:
    `scores` are the sum of the tokens' losses in nats and their number, shape (n, 2). Other tasks
    have kinds of their own, said where their metrics are.
    """

    kind: str
    gold: Any
    prediction: Any
    scores: Any
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.gold)


@dataclass(frozen=True)
class Figure:
    """One number that a metric yields; `proportion` marks a share of the rows."""

    name: str
    greater_is_better: bool = True
    proportion: bool = False


class Metric(Protocol):
    """A metric of the language, such as `f1`."""

    @property
    def name(self) -> str:
        """The metric's name."""
        ...

    @property
    def serves(self) -> str:
        """Which kind of values it takes, as `Scored.kind` names it."""
        ...

    def figures(self, names: tuple[str, ...]) -> tuple[Figure, ...]:
        """Return the figures it yields for classes or outputs called `names`, in order."""
        ...

    def rows(self, scored: Scored) -> Array:
        """Return the statistics of each row, shape (n, k)."""
        ...

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return each figure for each weighting of the rows, shape (figures, samples).

        `statistics` has shape (n, k), `weights` shape (samples, n): how often each row counts in
        each sample. Figures are in the order of `figures`; NaN where one is undefined.
        """
        ...
