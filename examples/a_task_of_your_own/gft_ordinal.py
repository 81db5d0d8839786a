"""`ordinal: stars ~ text`: classes in an order, where a near miss is better than a far one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft_ordinal_options import OrdinalOptions

from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.inputs.kind import InputKind
from gft.inputs.text import Text
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.program import Options
from gft.metrics.protocol import Array, Metric, Scored
from gft.targets.classes import Classes
from gft.targets.protocol import Noticed, Predicted, Target, Worst, largest
from gft.tasks.classify import Classify
from gft.tasks.options import LabelMap, Ranking, TextLength
from gft.tasks.protocol import Batch, Task

if TYPE_CHECKING:
    import torch


class Ordered(Classes):
    """Classes that are numbers in an order: it matters how far off a prediction is.

    What is not said here is answered as for other classes; their metrics fit too.
    """

    name: ClassVar[str] = "classes in an order"
    worst: ClassVar[Worst] = Worst(
        "Furthest errors", which="whose prediction is furthest off", remark="off by"
    )

    def metric_names(self) -> tuple[str, ...]:
        """Return the metrics of classes, and how far off predictions are."""
        return (*super().metric_names(), "mean_distance")

    def metric(self, name: str, config: str | None) -> Metric | None:
        """Return the mean distance of gold and predicted class, such as stars."""
        if (name, config) != ("mean_distance", None):
            return super().metric(name, config)
        from gft.metrics.classification import RowMean

        return RowMean(name, distance, target=self.name)

    def errors(
        self, scored: Scored, predicted: Predicted, metric: Metric, most: int
    ) -> list[Noticed]:
        """Return the rows whose prediction is furthest off."""
        off = distance(scored)
        found = largest(off, min(most, int((off > 0).sum())))
        return [Noticed(n, f"{off[n]:g}") for n in found]


def distance(scored: Scored) -> Array:
    """Return how far apart gold and predicted class of each row are, shape (n,)."""
    import numpy as np

    ranks = np.array([float(name) for name in scored.names])
    return np.abs(ranks[scored.gold] - ranks[scored.prediction])


@dataclass(frozen=True)
class Remarks(Text):
    """What somebody remarked: a list of short texts, which the model reads as one, or a text."""

    what: ClassVar[str] = "remarks"
    needs: ClassVar[str] = "remarks: a list of texts a row, or a text"
    takes: ClassVar[tuple[str, ...]] = ("list", "text")
    of_lists: ClassVar[bool] = True

    def read(self, cells: Sequence[Any]) -> list[Any]:
        """Return the remarks of each row as one text."""
        return [self.shown(cell) for cell in cells]

    def shown(self, cell: Any) -> str:
        """Return remarks with a semicolon between them."""
        return "; ".join(cell) if isinstance(cell, list) else super().shown(cell)


REMARKS = Remarks()


@dataclass(frozen=True)
class Ordinal(Classify):
    """A classifier whose loss knows that three stars are nearer to four than to one.

    Each row's target is spread over the classes, exp(-strictness * distance) before it is
    normalised (Díaz and Marathe 2019, "Soft Labels for Ordinal Regression"). The labels are
    numbers.
    """

    strictness: float = 1.0

    name: ClassVar[str] = "ordinal"
    aliases: ClassVar[tuple[str, ...]] = ("ordered",)
    summary: ClassVar[str] = "the class of each row, where classes are numbers in an order"
    target: ClassVar[Target] = Ordered()
    metrics: ClassVar[tuple[str, ...]] = ("accuracy", "mean_distance", "f1_macro", "loss")
    takes: ClassVar[tuple[InputKind, ...]] = (REMARKS,)
    left: ClassVar[str] = "one column of whole numbers"
    default_model: ClassVar[str | None] = None
    example: ClassVar[str] = (
        "--model H:distilbert-base-uncased --data reviews.csv --eqn 'ordinal: stars ~ text'"
    )
    reads: ClassVar[Reads] = (TextLength, LabelMap, Ranking, OrdinalOptions)

    @classmethod
    def bound(
        cls, equation: Equation, data: DataSet, used: Mapping[str, Rows], model: Task | None
    ) -> Task:
        """Check that the labels are numbers."""
        task = super().bound(equation, data, used, model)
        others = [label for label in task.labels if not label.lstrip("-").isdigit()]
        if others or not isinstance(task, cls):
            raise UserError(
                f"column {equation.left[0]!r} of {data.name} is not in an order: ordinal needs "
                f"whole numbers, found {others[0] if others else 'lists'!r}"
            )
        return task

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Task | None:
        """Return None: no configuration says that a model was fitted so."""
        del config, equation
        return None

    def configured(self, options: Options) -> Self:
        """Return the task with `--strictness`."""
        strictness = options.of(OrdinalOptions).strictness
        return replace(super().configured(options), strictness=strictness)

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the mean cross-entropy, in nats, to targets that are spread over neighbours."""
        from torch.nn.functional import cross_entropy

        outputs, labels = self.run_with_labels(model, batch)
        logits = outputs["logits"].float()
        ranks = logits.new_tensor([float(label) for label in self.labels])
        distances = (ranks[labels][:, None] - ranks).abs()
        targets = (-self.strictness * distances).softmax(-1)
        return cross_entropy(logits, targets)
