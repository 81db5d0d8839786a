"""What a task does. It knows no supplier, and holds no loop over epochs.

A task object is bound: it knows its columns and labels. Its methods work on a few rows at a time,
given as a dict of lists (one list per column), and see the model only through its processor and
its outputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from gft.data.table import DataSet, Rows
from gft.language.equation import Equation
from gft.language.program import Options
from gft.metrics.protocol import Array, Scored

if TYPE_CHECKING:
    import torch

Feature = dict[str, Any]
Batch = dict[str, "torch.Tensor"]


@dataclass(frozen=True)
class Encoded:
    """Rows made ready for a model: one feature a row, and which of them were cut."""

    features: list[Feature]
    cut: list[bool]


class Task(Protocol):
    """One task of the language, bound to the columns of an equation."""

    name: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]]
    summary: ClassVar[str]
    """One line: what it predicts from what."""
    head: ClassVar[str]
    """The model head it needs, as suppliers name heads: `sequence-classification`."""
    serves: ClassVar[str]
    """Which metrics fit: those of `classes` or of `numbers`."""
    metrics: ClassVar[tuple[str, ...]]
    """The metrics that are computed unless others are asked for; the first picks the best epoch."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    labels: tuple[str, ...]
    """The names of classes, or of outputs, in the order of the model's logits."""

    @classmethod
    def bind(
        cls,
        equation: Equation,
        data: DataSet,
        used: Mapping[str, Rows],
        model: Self | None = None,
    ) -> Self:
        """Return the task for these columns.

        `used` holds the splits that will be used, by what they are used as (`train`, `val`,
        `test`). Columns, types and labels are checked against them; raises `UserError` with
        every mistake found. `model` is the task of the model that will be scored on them: it
        knows which labels there can be.
        """
        ...

    @classmethod
    def restore(cls, saved: Mapping[str, Any]) -> Self:
        """Return the task that `saved` describes: a fitted folder's."""
        ...

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Self | None:
        """Return the task that a ready-made model's configuration speaks of, None for another's.

        Without an equation the input is one column, `text`, and the output `label`.
        """
        ...

    def saved(self) -> dict[str, Any]:
        """Return what `restore` needs, as JSON."""
        ...

    def with_columns(self, equation: Equation) -> Self:
        """Return the task reading and writing the columns of another equation."""
        ...

    def aligned(self, model: Self) -> tuple[Self, tuple[str, ...]]:
        """Return this task, bound to data, with the labels in the order of a model's task.

        Labels meet by name; when one side has none and the counts agree, by position, with a
        warning. Raises `UserError` that shows both lists when they differ.
        """
        ...

    def golds(self, rows: Mapping[str, Sequence[Any]]) -> list[Any]:
        """Return the gold value of each row, None where the row has no label."""
        ...

    def adapt(self, config: Mapping[str, Any]) -> tuple[Self, dict[str, Any], tuple[str, ...]]:
        """Meet a model's configuration.

        Returns the task with its labels in the model's order if the model knows them by name,
        the changes to make to the configuration, and notes for the user.
        """
        ...

    def encode(self, processor: Any, rows: Mapping[str, Sequence[Any]], max_length: int) -> Encoded:
        """Return one feature per row; texts longer than `max_length` tokens are cut."""
        ...

    def collate(self, processor: Any, features: Sequence[Feature]) -> Batch:
        """Return a batch, padded to its longest row; with `labels` if the features have gold."""
        ...

    def loss(self, outputs: Any, batch: Batch, options: Options) -> torch.Tensor:
        """Return the mean loss of a training batch, a scalar."""
        ...

    def decode(self, outputs: Any) -> tuple[Array, Array | None]:
        """Return predictions and scores of a batch as `Scored` holds them, one row each."""
        ...

    def scored(self, golds: Sequence[Any], predictions: Array, scores: Array | None) -> Scored:
        """Return what metrics need, for rows that all have a gold value."""
        ...

    def gold_text(self, gold: Any) -> str:
        """Return a gold value as predict and cat_data write it."""
        ...

    def value(self, prediction: Any, scores: Array | None) -> Any:
        """Return a prediction as Python code wants it: a label, or numbers."""
        ...

    def fields(self, prediction: Any, scores: Array | None, options: Options) -> list[str]:
        """Return what predict writes for one row after the inputs and the gold."""
        ...
