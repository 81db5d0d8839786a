"""`regress: valence ~ word`: one or more numbers for each row."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft.data.table import DataSet, Rows
from gft.errors import Mistakes, UserError, listed
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.program import Options
from gft.metrics.protocol import Scored
from gft.request import ModelRequest
from gft.targets.numbers import Numbers
from gft.targets.protocol import Target
from gft.tasks import labels as labelling
from gft.tasks.options import TextLength
from gft.tasks.protocol import Adapted, Batch, Encoded, Feature, Task, Values
from gft.tasks.text import TEXTS, check_columns, encode_texts, pad, run_with_labels

if TYPE_CHECKING:
    import torch

READ_ROWS = 10_000
UNLABELLED = -1.0


@dataclass(frozen=True)
class Regress:
    """A regression on texts: one output per column on the left, mean squared error.

    A row counts as labelled when every output is there. When train has no negative number, -1 is
    GLUE's mark of a missing label.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    labels: tuple[str, ...]
    minus_one_is_missing: bool = False

    name: ClassVar[str] = "regress"
    aliases: ClassVar[tuple[str, ...]] = ("r",)
    summary: ClassVar[str] = "one or more numbers for each row, from one or more columns of text"
    head: ClassVar[str] = "sequence-classification"
    target: ClassVar[Target] = Numbers()
    metrics: ClassVar[tuple[str, ...]] = ("pearson", "spearman", "mean_squared_error", "r2")
    length_of: ClassVar[str] = "input_ids"
    longest: ClassVar[int] = 512
    left: ClassVar[str] = "one or more columns of numbers, one output each"
    right: ClassVar[str] = TEXTS
    default_model: ClassVar[str | None] = None
    example: ClassVar[str] = (
        "--model H:bert-base-cased --data H:glue,stsb "
        "--eqn 'regress: label ~ sentence1 + sentence2'"
    )
    reads: ClassVar[Reads] = (TextLength,)

    @classmethod
    def bind(
        cls,
        equation: Equation,
        data: DataSet,
        used: Mapping[str, Rows],
        model: Task | None = None,
    ) -> Self:
        """Check columns, and that every label is a number."""
        mistakes = Mistakes()
        for message in check_columns(equation.columns, data.columns, data.name):
            mistakes.add(message)
        for name in equation.left:
            column = data.columns.get(name)
            if column is not None and column.kind not in ("integer", "float", "text", "class"):
                mistakes.add(
                    f"column {name!r} of {data.name} is a {column.kind} column; "
                    "regress needs numbers"
                )
        mistakes.raise_any()
        lowest = 0.0
        for role, rows in used.items():
            for name in equation.left:
                with mistakes.collect():
                    least = _least(f"column {name!r} of {data.name}", role, rows, name)
                    lowest = min(lowest, least if role == "train" else 0.0)
        mistakes.raise_any()
        missing = model.minus_one_is_missing if isinstance(model, Regress) else lowest >= 0
        return cls(equation.inputs, equation.left, equation.left, missing)

    @classmethod
    def restore(cls, saved: Mapping[str, Any]) -> Self:
        """Return the task of a fitted folder."""
        columns = {key: tuple(saved[key]) for key in ("inputs", "outputs", "labels")}
        return cls(**columns, minus_one_is_missing=bool(saved["minus_one_is_missing"]))

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Self | None:
        """Return the regression that a configuration describes."""
        architectures = config.get("architectures") or []
        labels = labelling.of_config(config) or labelling.DEFAULT
        is_regression = config.get("problem_type") == "regression" or len(labels) == 1
        if not is_regression or not any(
            name.endswith("ForSequenceClassification") for name in architectures
        ):
            return None
        names = labels if labelling.are_names(labels) else tuple(map(str, range(len(labels))))
        inputs, outputs = (equation.inputs, equation.left) if equation else (("text",), names)
        return cls(inputs, outputs, outputs, minus_one_is_missing=True)

    def saved(self) -> dict[str, Any]:
        """Return the columns, as JSON."""
        return {
            "inputs": list(self.inputs),
            "outputs": list(self.outputs),
            "labels": list(self.labels),
            "minus_one_is_missing": self.minus_one_is_missing,
        }

    def with_columns(self, equation: Equation) -> Self:
        """Return the task for other columns."""
        return replace(self, inputs=equation.inputs, outputs=equation.left, labels=equation.left)

    def configured(self, options: Options) -> Self:
        """Return this task: it has no settings."""
        return self

    def learned(self, train: Rows) -> Self:
        """Return this task: it needs to know nothing beforehand."""
        return self

    def aligned(self, model: Task, label_map: Sequence[str] = ()) -> tuple[Self, tuple[str, ...]]:
        """Return this task; its outputs are the model's in the order of the equation."""
        if label_map:
            raise UserError("--label_map is for labels; the outputs of regress are numbers")
        if len(self.labels) != len(model.labels):
            raise UserError(
                f"the equation has {len(self.labels)} outputs ({listed(self.labels)}), the model "
                f"{len(model.labels)} ({listed(model.labels)})"
            )
        return self, ()

    def golds(self, rows: Mapping[str, Sequence[Any]]) -> list[list[float] | None]:
        """Return the numbers of each row, None where one is missing."""
        columns = [[_number(value) for value in rows[name]] for name in self.outputs]
        return [
            None if any(map(self._missing, numbers)) else list(numbers)
            for numbers in zip(*columns, strict=True)
        ]

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

    def encode(
        self,
        processor: Any,
        rows: Mapping[str, Sequence[Any]],
        max_length: int,
        golds: Sequence[Any] | None = None,
    ) -> Encoded:
        """Return token features of the input columns."""
        return encode_texts(processor, [rows[name] for name in self.inputs], max_length, golds)

    def collate(self, processor: Any, features: Sequence[Feature], training: bool = False) -> Batch:
        """Return token tensors of shape (rows, longest), and `labels` of shape (rows, outputs)."""
        import numpy as np
        import torch

        batch = pad(processor, features)
        if "labels" in features[0]:
            golds = np.array([f["labels"] for f in features], dtype=np.float32)
            batch["labels"] = torch.from_numpy(golds)
        return batch

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the mean squared error over rows and outputs."""
        from torch.nn.functional import mse_loss

        outputs, labels = run_with_labels(model, batch)
        return mse_loss(outputs["logits"].float(), labels)

    def run(self, model: Any, batch: Batch) -> Any:
        """Return the model's outputs."""
        return model(**batch)

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
    return float(value)


def _least(column: str, role: str, rows: Rows, name: str) -> float:
    """Return the least label of a split. Raises `UserError` at the first that is no number."""
    start, least = 0, math.inf
    for part in rows.batches([name], READ_ROWS):
        for place, value in enumerate(part[name], start + 1):
            try:
                number = _number(value)
            except (TypeError, ValueError):
                raise UserError(
                    f"{column}: row {place} of {role} holds {value!r}, which is no number; "
                    "regress needs numbers"
                ) from None
            if math.isinf(number):
                raise UserError(f"{column}: row {place} of {role} holds {value!r}: not finite")
            least = min(least, number)
        start += READ_ROWS
    return least
