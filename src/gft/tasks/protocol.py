"""What a task does. It knows no supplier, and holds no loop over epochs.

A task object is bound: it knows its columns and labels. Its methods work on a few rows at a time,
given as a dict of lists (one list per column), and see the model only through its processor and
its outputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, TypeAlias, runtime_checkable

from gft.data.table import DataSet, Rows
from gft.language.argument import Reads
from gft.language.equation import Equation
from gft.language.program import Options
from gft.metrics.protocol import Array, Scored
from gft.request import ModelRequest
from gft.targets.protocol import Target

if TYPE_CHECKING:
    import torch

Feature = dict[str, Any]
Batch = dict[str, "torch.Tensor"]
Values: TypeAlias = "Array | list[Any]"
"""One value a row: an array whose first axis is rows, or a list of what each row has."""


@dataclass(frozen=True)
class Encoded:
    """Rows made ready for a model: their features, and which rows were cut.

    `rows` says which row each feature belongs to, where a row may have several (windows over a
    long text, in order); None: one feature a row.
    """

    features: list[Feature]
    cut: list[bool]
    rows: list[int] | None = None


@dataclass(frozen=True)
class Adapted:
    """A task that has met a model's configuration, what it asks of the model, and notes."""

    task: Task
    request: ModelRequest
    notes: tuple[str, ...] = ()


class Task(Protocol):
    """One task of the language, bound to the columns of an equation."""

    name: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]]
    summary: ClassVar[str]
    """One line: what it predicts from what."""
    head: ClassVar[str]
    """The model head it needs, as suppliers name heads: `sequence-classification`."""
    target: ClassVar[Target]
    """What kind of values it predicts: what is measured, counted and shown depends on that."""
    metrics: ClassVar[tuple[str, ...]]
    """The metrics that are computed unless others are asked for; the first picks the best epoch."""
    length_of: ClassVar[str]
    """The part of a feature whose length is the feature's, such as `input_ids`, or which is a
    whole number and says it, such as `audio_milliseconds`."""
    longest: ClassVar[int]
    """The longest feature in tokens unless another is asked for, where the model takes so many;
    0 for a task that counts no tokens."""
    left: ClassVar[str]
    """What stands on the left of `~`, in words."""
    right: ClassVar[str]
    """What stands on the right of `~`, in words."""
    default_model: ClassVar[str | None]
    """A model of the hub that is ready for the task: predict's, when none is named."""
    example: ClassVar[str]
    """The arguments of a gft_fit that shows the task."""
    reads: ClassVar[Reads]
    """The tables of arguments that act in the task, beside those that act in every one."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns on the right of the equation."""
        ...

    @property
    def outputs(self) -> tuple[str, ...]:
        """The columns on the left of the equation."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of classes, or of outputs, in the order of the model's logits."""
        ...

    @classmethod
    def bind(
        cls,
        equation: Equation,
        data: DataSet,
        used: Mapping[str, Rows],
        model: Task | None = None,
    ) -> Task:
        """Return the task for these columns.

        `used` holds the splits that will be used, by what they are used as (`train`, `val`,
        `test`). Columns, types and labels are checked against them; raises `UserError` with
        every mistake found. `model` is the task of the model that will be scored on them: it
        knows which labels there can be.
        """
        ...

    @classmethod
    def restore(cls, saved: Mapping[str, Any]) -> Task:
        """Return the task that `saved` describes: a fitted folder's."""
        ...

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Task | None:
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

    def configured(self, options: Options) -> Self:
        """Return the task with the settings that were given; those that were not stay."""
        ...

    def learned(self, train: Rows) -> Self:
        """Return the task with what it needs to know of the labelled train rows beforehand."""
        ...

    def aligned(self, model: Task, label_map: Sequence[str] = ()) -> tuple[Self, tuple[str, ...]]:
        """Return this task, bound to data, with the labels in the order of a model's task.

        `label_map` is what `--label_map` says, `DATA=MODEL` each.
        Labels meet by name; when one side has none and the counts agree, by position, with a
        warning. Raises `UserError` that shows both lists when they differ.
        """
        ...

    def golds(self, rows: Mapping[str, Sequence[Any]]) -> list[Any]:
        """Return the gold value of each row, None where the row has no label."""
        ...

    def adapt(self, config: Mapping[str, Any]) -> Adapted:
        """Meet a model's configuration.

        Returns the task for this kind of model, with its labels in the model's order if the model
        knows them by name, what it asks of the model, and notes for the user.
        """
        ...

    def encode(
        self,
        processor: Any,
        rows: Mapping[str, Sequence[Any]],
        max_length: int,
        golds: Sequence[Any] | None = None,
    ) -> Encoded:
        """Return the features of rows; texts longer than `max_length` tokens are cut.

        With `golds`, one a row, every feature has its `labels`.
        """
        ...

    def collate(self, processor: Any, features: Sequence[Feature], training: bool = False) -> Batch:
        """Return a batch, padded to its longest feature; with `labels` if the features have them.

        `training` says that chance may have a part in it (masks, augmentation).
        """
        ...

    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Run the model on a training batch and return the mean loss, a scalar."""
        ...

    def run(self, model: Any, batch: Batch) -> Any:
        """Run the model on a batch without labels and return its outputs."""
        ...

    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return predictions and scores of a batch, one each for each feature."""
        ...

    def scored(self, golds: Sequence[Any], predictions: Values, scores: Values | None) -> Scored:
        """Return what metrics need, for rows that all have a gold value."""
        ...

    def value(self, prediction: Any, scores: Any) -> Any:
        """Return a prediction as Python code wants it: a label, or numbers."""
        ...

    def fields(self, prediction: Any, scores: Any, options: Options) -> list[str]:
        """Return what predict writes for one row after the inputs and the gold."""
        ...


@runtime_checkable
class Windowed(Protocol):
    """A task whose rows may have several features."""

    def joined(
        self, features: Sequence[Feature], values: Sequence[Any], scores: Sequence[Any]
    ) -> tuple[Any, Any]:
        """Return the prediction and the scores of one row from those of its features, in order."""
        ...


@runtime_checkable
class ReadsBeside(Protocol):
    """A task whose gold values are made of more columns than those of its equation."""

    @property
    def beside(self) -> tuple[str, ...]:
        """The columns that are read beside those of the equation for gold values."""
        ...


def gold_columns(task: Task) -> tuple[str, ...]:
    """Return the columns that gold values are made of."""
    return (*task.outputs, *(task.beside if isinstance(task, ReadsBeside) else ()))


@runtime_checkable
class Detailed(Protocol):
    """A task with more to say of a row than a prediction."""

    @staticmethod
    def gold_texts(cells: Sequence[Any]) -> list[str | None]:
        """Return the gold values in cells for people, None where there is none."""
        ...

    def details(self, prediction: Any, scores: Any, options: Options) -> dict[str, Any]:
        """Return what predict writes of a row under names of its own, beside the prediction."""
        ...


@runtime_checkable
class Ranked(Protocol):
    """A task whose scores each belong to a label."""

    def ranked(self, scores: Any, options: Options) -> Any:
        """Return the scores of a row by label, best first, where more than the best is asked for.

        A dictionary, or one for each word of the row; None where the best score is enough.
        """
        ...


@runtime_checkable
class Worded(Protocol):
    """A task whose input is words: a list of them, or a text with blanks between them."""

    def words(self, cell: Any) -> list[str]:
        """Return the words of a cell, or the tags of one."""
        ...

    def tagged(
        self, words: Sequence[str], prediction: Any, scores: Any, options: Options
    ) -> list[str]:
        """Return what `fields` does, with the words of the row."""
        ...


@dataclass(frozen=True)
class Readied:
    """What a task makes of rows and a model's processor before anything is encoded.

    `rows` are those that stay, by split; `request` is what a fit asks of the model now, and
    `notes` are for the user.
    """

    task: Any
    processor: Any
    rows: dict[str, Rows]
    request: ModelRequest | None
    notes: tuple[str, ...] = ()


@runtime_checkable
class Readying(Protocol):
    """A task that looks at the processor and at every row before anything is encoded."""

    def ready(
        self,
        processor: Any,
        config: Mapping[str, Any],
        rows: Mapping[str, Rows],
        request: ModelRequest | None,
    ) -> Readied:
        """Return the task ready for these labelled rows, by split, and what it changed.

        `request` is what a fit asks of the model; None where the model is used as it is. The task
        checks what the rows name (files), leaves rows out, and for a fit may make a processor of
        its own from the train split. Raises `UserError` with every mistake found.
        """
        ...


@runtime_checkable
class ReadsFiles(Protocol):
    """A task whose inputs may be names of files."""

    def located(self, folder: Path | None) -> Self:
        """Return the task with the folder that relative names begin in."""
        ...

    def check_files(self, rows: Mapping[str, Sequence[Any]], first: int, row: str) -> None:
        """Raise `UserError` for the first file of some rows that cannot be read.

        It calls the first of them by `row` and `first`, such as "line 7".
        """
        ...


@runtime_checkable
class ChecksInputs(Protocol):
    """A task that can predict nothing for some texts."""

    def check_inputs(
        self, processor: Any, rows: Mapping[str, Sequence[Any]], first: int, row: str
    ) -> None:
        """Raise `UserError` for the first of some rows that nothing can be predicted for.

        It calls the first of them by `row` and `first`, such as "line 7".
        """
        ...


@runtime_checkable
class DefaultsByName(Protocol):
    """A task of several names, of which some have a default model of their own."""

    @classmethod
    def default_for(cls, spelling: str) -> str | None:
        """Return the model for a name of the task, lower-case with `_`; None: there is none."""
        ...


@runtime_checkable
class Spelling(Protocol):
    """A task whose predictions are tokens, which only the model's processor can spell."""

    def spelled(self, processor: Any, predictions: Values) -> Values:
        """Return what `decode` predicts for some features as text."""
        ...
