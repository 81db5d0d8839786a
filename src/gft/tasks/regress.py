"""`regress: valence ~ word`: one or more numbers for each row."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft.cells.suspects import look_missing, na_argument
from gft.data.numbers import is_missing, number_in, why_no_number
from gft.data.table import DataSet
from gft.errors import Mistakes, UserError, listed
from gft.inputs.category import BESIDE
from gft.inputs.kind import InputKind
from gft.inputs.text import TEXT, TEXTS
from gft.inputs.windows import by_row
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.program import Options
from gft.metrics.protocol import Scored
from gft.request import ModelRequest
from gft.targets.numbers import Numbers
from gft.targets.protocol import Target
from gft.tasks import labels as labelling
from gft.tasks.long_texts import LongTexts
from gft.tasks.options import TextLength, Windowing
from gft.tasks.protocol import Adapted, Batch, Cells, Feature, Splits, Task, Values

if TYPE_CHECKING:
    import torch

    from gft.data.labels import Labels


UNLABELLED = -1.0
LARGEST = 3.4028234663852886e38
"""The largest number that a model's outputs can be: float32."""


@dataclass(frozen=True)
class Regress(LongTexts):
    """A regression on texts: one output per column on the left, mean squared error.

    A row counts as labelled when every output is there. When train has no negative number, -1 is
    GLUE's mark of a missing label.
    """

    minus_one_is_missing: bool = False

    name: ClassVar[str] = "regress"
    aliases: ClassVar[tuple[str, ...]] = ("r",)
    summary: ClassVar[str] = "one or more numbers for each row, from one or more columns of text"
    head: ClassVar[str] = "sequence-classification"
    takes: ClassVar[tuple[InputKind, ...]] = (TEXT, *BESIDE)
    heads: ClassVar[tuple[str, ...]] = ("ForSequenceClassification",)
    target: ClassVar[Target] = Numbers()
    metrics: ClassVar[tuple[str, ...]] = ("pearson", "spearman", "mean_squared_error", "r2")
    several_outputs: ClassVar[bool] = True
    output_needs: ClassVar[str] = "numbers"
    output_takes: ClassVar[tuple[str, ...]] = ("integer", "float", "text", "class")
    settings: ClassVar[tuple[str, ...]] = (*LongTexts.settings, "minus_one_is_missing")
    left: ClassVar[str] = "one or more columns of numbers, one output each"
    right: ClassVar[str] = TEXTS
    example: ClassVar[str] = (
        "--model H:bert-base-cased --data H:glue,stsb "
        "--eqn 'regress: label ~ sentence1 + sentence2'"
    )
    reads: ClassVar[Reads] = (TextLength, Windowing)

    @classmethod
    def bound(cls, equation: Equation, data: DataSet, used: Splits, model: Task | None) -> Task:
        """Check that every label is a number."""
        mistakes = Mistakes()
        lowest = 0.0
        for role, rows in used.items():
            for name in equation.left:
                with mistakes.collect():
                    labels = rows.labels(equation.left)
                    least = _least(f"column {name!r} of {data.name}", role, labels, name)
                    lowest = min(lowest, least if role == "train" else 0.0)
        mistakes.raise_any()
        missing = model.minus_one_is_missing if isinstance(model, Regress) else lowest >= 0
        return cls.of_columns(equation, labels=equation.left, minus_one_is_missing=missing)

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Self | None:
        """Return the regression that a configuration describes."""
        labels = labelling.logits_of(config)
        is_regression = config.get("problem_type") == "regression" or len(labels) == 1
        if not is_regression or not cls.is_head_of(config):
            return None
        names = labels if labelling.are_names(labels) else tuple(map(str, range(len(labels))))
        outputs = equation.left if equation else names
        task = cls.of_columns(equation, labels=outputs, minus_one_is_missing=True)
        return replace(task, outputs=outputs)

    def with_columns(self, equation: Equation) -> Self:
        """Return the task for other columns; those on the left name its outputs."""
        return replace(super().with_columns(equation), labels=equation.left)

    def aligned(self, model: Task, label_map: Sequence[str] = ()) -> tuple[Self, tuple[str, ...]]:
        """Return this task; its outputs are the model's in the order of the equation."""
        if len(self.labels) != len(model.labels):
            raise UserError(
                f"the equation has {len(self.labels)} outputs ({listed(self.labels)}), the model "
                f"{len(model.labels)} ({listed(model.labels)})"
            )
        return super().aligned(model, label_map)

    def golds(self, rows: Cells) -> list[list[float] | None]:
        """Return the numbers of each row, None where one is missing."""
        columns = [[_number(value) for value in rows[name]] for name in self.outputs]
        return [
            None if any(map(self._missing, numbers)) else list(numbers)
            for numbers in zip(*columns, strict=True)
        ]

    def gold_json(self, cell: Any) -> Any:
        """Return a number that is written as text as the number: an integer where it is one."""
        if isinstance(cell, str):
            number = number_in(cell)
            return cell.strip() or None if number is None else number
        return None if is_missing(cell) else cell

    def _missing(self, number: float) -> bool:
        return math.isnan(number) or (self.minus_one_is_missing and number == UNLABELLED)

    def adapt(self, config: Mapping[str, Any]) -> Adapted:
        """Keep the head of a regression with the same outputs; else replace it."""
        theirs = labelling.of_config(config)
        is_regression = config.get("problem_type") == "regression" or len(theirs) == 1
        kept = is_regression and (
            theirs == self.labels
            or (len(theirs) == len(self.labels) and not labelling.are_names(theirs))
        )
        request = ModelRequest(
            self.head, labels=self.labels, problem_type="regression", new_head=not kept
        )
        return Adapted(self, request)

    def label_tensor(self, labels: Sequence[Any]) -> torch.Tensor:
        """Return the numbers, shape (rows, outputs)."""
        import numpy as np
        import torch

        return torch.from_numpy(np.array(labels, dtype=np.float32))

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the mean squared error over rows and outputs."""
        from torch.nn.functional import mse_loss

        outputs, labels = self.run_with_labels(model, batch)
        return mse_loss(outputs["logits"].float(), labels)

    def joined_logits(self, logits: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """Return the numbers of rows, the means of those of their windows."""
        return by_row(logits, counts, 0.0).sum(1) / counts[:, None]

    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return the numbers, shape (rows, outputs)."""
        return outputs["logits"].float().cpu().numpy(), None

    def scored(self, golds: Sequence[Any], predictions: Values, scores: Values | None) -> Scored:
        """Return the numbers for the metrics, in double precision."""
        import numpy as np

        gold = np.asarray(golds, dtype=np.float64).reshape(-1, len(self.outputs))
        return Scored(gold, np.asarray(predictions, np.float64), None, self.outputs)

    def value(self, prediction: Any, scores: Any) -> list[float]:
        """Return the numbers."""
        return [float(number) for number in prediction]

    def fields(self, prediction: Any, scores: Any, options: Options) -> list[str]:
        """Return the numbers."""
        return [f"{number:.4f}" for number in prediction]


def _number(value: Any) -> float:
    """Return a cell as a number, not-a-number when it is missing. Raises `ValueError`."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return math.nan
    number = number_in(value) if isinstance(value, str) else float(value)
    if number is None:
        raise ValueError(value)
    return number


def _least(column: str, role: str, labels: Labels, name: str) -> float:
    """Return the least label of a split. Raises `UserError` at the first that is no number."""
    least = math.inf
    for value in labels.different(name):
        number, wrong = math.nan, ""
        try:
            number = _number(value)
        except (TypeError, ValueError):
            wrong = _why_no_number(value, labels, name)
        if math.isinf(number):
            wrong = ": not finite"
        elif abs(number) > LARGEST:
            wrong = f": models compute with numbers up to {LARGEST:.1e}; divide the column"
        if wrong:
            place = 1 + labels.first(name, value)
            shown = repr(value) if isinstance(value, str) else f"{float(value):g}"
            raise UserError(f"{column}: row {place} of {role} holds {shown}{wrong}")
        least = min(least, number)
    return least


def _why_no_number(value: Any, labels: Labels, name: str) -> str:
    """Return what is wrong with a cell that is no number, and what to do, after the cell."""
    if not isinstance(value, str):
        return ", which is no number; regress needs numbers"
    named = look_missing(one for one in labels.different(name) if isinstance(one, str))
    if value.strip() in named:
        return (
            ", which is no number; regress needs numbers: "
            f"{na_argument(named)} if it means a missing value"
        )
    return f", which {why_no_number(value)}; regress needs numbers"
