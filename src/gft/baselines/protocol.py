"""The form of a baseline: its name, what it is, and how it predicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from gft.metrics.protocol import Array

if TYPE_CHECKING:
    from gft.baselines.linear import LinearModel
    from gft.baselines.weights import LinearWeights
    from gft.covariates.design import Design

LINEAR = "linear"
"""What the baseline is called that is a linear model of all that the model is given."""
COVARIATES, WORDS = "covariates", "words"
"""The linear models of the covariates alone and of the texts alone, where there are both."""
SETTINGS, NUMBERS = "linear.json", "linear.safetensors"
"""The files of a linear model that is kept."""
Cells: TypeAlias = Mapping[str, Sequence[Any]]
"""The inputs of some rows by column: texts, or lists of words."""
Values: TypeAlias = "Array | list[Array]"
Decided: TypeAlias = tuple[Values, "Values | None"]
"""Predictions and scores of rows, in the form of a task's `decode`."""
Predicts: TypeAlias = Callable[[Cells, Sequence[Any]], Decided]
"""Predicts rows without a net, once it has seen the train rows. Their gold values are there for
their lengths alone, such as how many words a row has."""


@dataclass(frozen=True)
class Sample:
    """Some train rows with gold values; `read` returns their inputs, and is called once if at all.

    `labels` are the names of classes or outputs; `covariates` what all of train taught about
    those of the inputs that are no texts.
    """

    labels: tuple[str, ...]
    golds: Sequence[Any]
    read: Callable[[], Cells]
    covariates: Design | None = None

    @cached_property
    def inputs(self) -> Cells:
        """The inputs of the rows."""
        return self.read()


class Learner(Protocol):
    """What fits a linear model to gold values of one kind."""

    name: str
    """The model's name, such as `ridge regression`."""

    def fit(
        self, features: Any, golds: Sequence[Any], labels: int, alike: bool = True
    ) -> LinearWeights | None:
        """Return what was learned of features, shape (rows, terms), for so many labels or outputs.

        `alike` says that the features of every row have about the same length, as those of texts.
        None where there is nothing to learn.
        """


@dataclass(frozen=True)
class Baseline:
    """Something simple that was fitted to `rows` of the train rows.

    `what` says in a few words what it is; `model` is what can be kept of it, None: nothing.
    """

    name: str
    what: str
    rows: int
    predict: Predicts
    model: LinearModel | None = None
