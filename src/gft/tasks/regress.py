"""`regress: valence ~ word`: one or more numbers for each row."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft import notes
from gft.cells.missing_codes import look_missing, na_argument
from gft.data.numbers import is_missing, number_in, why_no_number
from gft.data.table import DataSet, Rows
from gft.digits import in_digits
from gft.errors import Mistakes, UserError, listed
from gft.inputs.category import BESIDE
from gft.inputs.kind import InputKind
from gft.inputs.text import TEXT, TEXTS
from gft.inputs.windows import by_row
from gft.language.argument import Reads
from gft.language.equation import Equation, Term
from gft.language.program import Options
from gft.metrics.protocol import Array, Metric, Scored
from gft.request import ModelRequest
from gft.targets.numbers import Numbers
from gft.targets.protocol import Target
from gft.tasks import labels as labelling
from gft.tasks.constants import constant
from gft.tasks.long_texts import LongTexts
from gft.tasks.options import TextLength, Windowing
from gft.tasks.outputs import as_array
from gft.tasks.protocol import Adapted, Batch, Cells, Feature, Splits, Task, Values

if TYPE_CHECKING:
    import torch

    from gft.data.labels import Labels


UNLABELLED = -1.0
LARGE_SHARE = 0.5
"""A row that makes up more of the variance of train is warned of."""
FEWEST_ROWS = 10
"""With fewer rows of train one often makes up much of the variance."""
SAME = 1e-7
"""Numbers that differ by a smaller share are the same in float32."""
SPREADS = (1e-30, 1e30)
"""The standard deviations that a model can learn, in float32."""
LARGEST = 3.4028234663852886e38
"""The largest number that a model's outputs can be: float32."""


@dataclass(frozen=True)
class Regress(LongTexts):
    """A regression on texts: one output per column on the left, mean squared error.

    A row counts as labelled when every output is there. When train has no negative number, -1 is
    GLUE's mark of a missing label. An output with one of `scales`, a function, is learned after the
    function: gold values and predictions have it inside, and all that users see is without it.
    """

    minus_one_is_missing: bool = False
    scales: tuple[str | None, ...] = field(default=(), kw_only=True)
    spreads: tuple[float, ...] = field(default=(), kw_only=True)
    """The standard deviations of the outputs on train, the units of the loss."""

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
    takes_scales: ClassVar[bool] = True
    settings: ClassVar[tuple[str, ...]] = (*LongTexts.settings, "minus_one_is_missing", "scales")
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
        scales = model.scales if isinstance(model, Regress) else equation.scales
        of_column = dict(zip(equation.left, scales, strict=False))
        for role, rows in used.items():
            for name in equation.left:
                with mistakes.collect():
                    labels = rows.labels(equation.left)
                    where = f"column {name!r} of {data.name}"
                    least = _least(where, role, labels, name, of_column.get(name))
                    lowest = min(lowest, least if role == "train" else 0.0)
        mistakes.raise_any()
        missing = model.minus_one_is_missing if isinstance(model, Regress) else lowest >= 0
        return cls.of_columns(equation, labels=equation.left, minus_one_is_missing=missing)

    @classmethod
    def of_columns(cls, equation: Equation | None, **fields: Any) -> Self:
        """Return the task for an equation's columns, and the functions around those on the left."""
        scales = () if equation is None else equation.scales
        return super().of_columns(equation, **({"scales": scales} | fields))

    @property
    def equation(self) -> Equation:
        """The equation that the task is bound to, with the functions on the left."""
        return replace(super().equation, scales=self.scales)

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
        theirs = model.scales if isinstance(model, Regress) else ()
        if self.scales not in ((), theirs):
            learned = Equation(self.name, model.outputs, model.equation.right, scales=theirs)
            raise UserError(
                f"the model was fitted to {str(learned).partition(' ~')[0]}, not to "
                f"{str(self.equation).partition(' ~')[0]}: write what it learned, or no function"
            )
        return super().aligned(model, label_map)

    def golds(self, rows: Cells) -> list[list[float] | None]:
        """Return the numbers of each row, None where one is missing."""
        columns = [[_number(value) for value in rows[name]] for name in self.outputs]
        found = [
            None if any(map(self._missing, numbers)) else list(numbers)
            for numbers in zip(*columns, strict=True)
        ]
        if not self.scales:
            return found
        return [None if one is None else self._learned(one) for one in found]

    def _learned(self, numbers: Sequence[float]) -> list[float]:
        """Return the numbers of a row as they are learned."""
        from gft.metrics.scaled import to_scales

        return [float(one) for one in to_scales(numbers, self.scales)]

    def _given(self, numbers: Any) -> Array:
        """Return numbers as the data has them, from those that are learned."""
        from gft.metrics.scaled import from_scales

        return from_scales(numbers, self.scales)

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

    def learned(self, train: Rows, golds: Sequence[Any]) -> Self:
        """Return the task with the standard deviations of what it predicts.

        A warning names a value that alone makes up most of the variance.
        """
        task = super().learned(train, golds)
        means, spreads = self.middles_and_spreads(golds)
        for n, name in enumerate(self.outputs):
            if not SPREADS[0] <= spreads[n] <= SPREADS[1]:
                raise UserError(
                    f"{name} has a standard deviation of {spreads[n]:.2g} in train; models compute "
                    f"with {SPREADS[0]:g} to {SPREADS[1]:g}: multiply or divide the column"
                )
            numbers = [row[n] for row in golds]
            farthest = max((abs(one - means[n]), row) for row, one in enumerate(numbers))[1]
            share = ((numbers[farthest] - means[n]) / spreads[n]) ** 2 / len(golds)
            if share > LARGE_SHARE and len(golds) >= FEWEST_ROWS and len(set(numbers)) > 2:
                value = f"{self.value(golds[farthest], None)[n]:.15g}"
                notes.warn(
                    f"{name} is {value} in one row of train, which makes up {share:.0%} of the "
                    f"variance of all {len(golds)}: the model will learn little else; correct the "
                    "cell, or empty it"
                )
        return replace(task, spreads=tuple(spreads))

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the mean squared error over rows and outputs, in standard deviations of train.

        So it is 1 for the mean of train, and outputs of several scales count alike.
        """
        outputs, labels = self.run_with_labels(model, batch)
        errors = outputs["logits"].float() - labels
        if self.spreads:
            errors = errors / constant(tuple(self.spreads), errors.device)
        squared: torch.Tensor = errors.square()
        return squared.mean()

    def middles_and_spreads(self, golds: Sequence[Any]) -> tuple[list[float], list[float]]:
        """Return mean and standard deviation of each output over rows with these numbers."""
        import numpy as np

        numbers = np.array(golds, dtype=np.float64).reshape(-1, len(self.outputs))
        means, sds = numbers.mean(0), numbers.std(0)
        same = sds <= np.abs(means) * SAME  # A constant has the spread of its rounding.
        return means.tolist(), np.where(same, 1.0, sds).tolist()

    def first_weights(
        self, numbers: Array, golds: Sequence[Any], states: Array | None = None
    ) -> Array:
        """Return those of a linear model."""
        from gft.covariates.first_weights import of_numbers

        gold = self.label_tensor(golds).double().numpy()
        return of_numbers(numbers, self._widths(), gold, states)

    def joined_logits(self, logits: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """Return the numbers of rows, the means of those of their windows."""
        return by_row(logits, counts, 0.0).sum(1) / counts[:, None]

    def joined_arrays(self, logits: Array, ends: Sequence[int]) -> Array:
        """Return what `joined_logits` does, for arrays."""
        import numpy as np

        return np.stack([part.mean(0) for part in np.split(logits, ends)])

    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return the numbers, shape (rows, outputs)."""
        return as_array(outputs["logits"]), None

    def scored(self, golds: Sequence[Any], predictions: Values, scores: Values | None) -> Scored:
        """Return the numbers for the metrics, in double precision."""
        import numpy as np

        gold = np.asarray(golds, dtype=np.float64).reshape(-1, len(self.outputs))
        found = np.asarray(predictions, np.float64)
        if self.scales:
            gold, found = self._given(gold), self._given(found)
        return Scored(gold, found, None, self.outputs)

    def measuring(self, metrics: Sequence[Metric]) -> list[Metric]:
        """Return the metrics, and the same of outputs that are learned after a function."""
        if not self.scales:
            return list(metrics)
        from gft.metrics.scaled import on_scales

        return [*metrics, *on_scales(metrics, self.outputs, self.scales)]

    def described(self, golds: Sequence[Any]) -> dict[str, Any]:
        """Return what the numbers are like, as the data has them."""
        return super().described(self._given(golds).tolist() if self.scales else golds)

    def value(self, prediction: Any, scores: Any) -> list[float]:
        """Return the numbers."""
        found = self._given(prediction) if self.scales else prediction
        return [float(number) for number in found]

    def in_json(self, prediction: Any, scores: Any) -> float | list[float]:
        """Return the number; of several outputs the list."""
        found = self.value(prediction, scores)
        return found[0] if len(found) == 1 else found

    @property
    def answer_schema(self) -> dict[str, Any]:
        """One number, or a list of as many as there are outputs."""
        number, count = {"type": "number"}, len(self.labels)
        several = {"type": "array", "items": number, "minItems": count, "maxItems": count}
        return number if count == 1 else several

    def fields(self, prediction: Any, scores: Any, options: Options) -> list[str]:
        """Return the numbers."""
        return [in_digits(number) for number in self.value(prediction, scores)]


def _number(value: Any) -> float:
    """Return a cell as a number, not-a-number when it is missing. Raises `ValueError`."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return math.nan
    number = number_in(value) if isinstance(value, str) else float(value)
    if number is None:
        raise ValueError(value)
    return number


def _least(column: str, role: str, labels: Labels, name: str, scale: str | None) -> float:
    """Return the least label of a split.

    Raises `UserError` at the first that is no number, or that `scale`, a logarithm, does not take.
    """
    least = math.inf
    above = {"log": 0.0, "log1p": -1.0}.get(scale or "", -math.inf)
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
        elif number <= above and not (role != "train" and number == UNLABELLED):
            wrong = f", and {scale}() takes numbers above {above:g}"
            if scale == "log" and number > UNLABELLED:
                wrong += f": {Term(name, 'log1p')} takes those above -1"
        if wrong:
            row = 1 + labels.first(name, value)
            shown = repr(value) if isinstance(value, str) else f"{float(value):g}"
            raise UserError(f"{column}: row {row} of {role} holds {shown}{wrong}")
        least = min(least, number)
    return least


def _why_no_number(value: Any, labels: Labels, name: str) -> str:
    """Return what is wrong with a cell that is no number, and what to do, after the cell."""
    if not isinstance(value, str):
        return ", which is not a number; regress needs numbers"
    named = look_missing(one for one in labels.different(name) if isinstance(one, str))
    if value.strip() in named:
        return (
            ", which is not a number; regress needs numbers: "
            f"{na_argument(named)} if it means a missing value"
        )
    return f", which {why_no_number(value)}; regress needs numbers"
