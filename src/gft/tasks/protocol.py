"""What a task does. It knows no supplier, and holds no loop over epochs.

A task object is bound: it knows its columns and labels. Its methods work on a few rows at a time,
given as a dict of lists (one list per column), and see the model only through its processor and
its outputs. `Task` is declared in parts: its columns (`columns.py`), what it does with a model
(`batches.py`) and with its outputs (`predictions.py`), and here how it meets data and a model.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from gft.data.cells import gold_text
from gft.data.table import Column, DataSet, Rows
from gft.errors import Mistakes, UserError
from gft.inputs.features import Batch, Cells, Encoded, Feature
from gft.inputs.kind import Splits, missing, wrong_columns
from gft.language.equation import Equation
from gft.tasks.batches import TaskBatches
from gft.tasks.columns import met
from gft.tasks.predictions import TaskPredictions, Values

if TYPE_CHECKING:
    from gft.data.labels import Golds
    from gft.request import ModelRequest


__all__ = [
    "Adapted",
    "Batch",
    "Cells",
    "Encoded",
    "Feature",
    "Readied",
    "Splits",
    "Task",
    "Values",
]

READ_ROWS = 10_000


@dataclass(frozen=True)
class Adapted:
    """A task that has met a model's configuration, what it asks of the model, and notes."""

    task: Task
    request: ModelRequest
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Readied:
    """What a task makes of rows and a model's processor before anything is encoded.

    `rows` are those that stay, by split; `request` is what a fit asks of the model now, and
    `notes` are for the user.
    """

    task: Task
    processor: Any
    rows: dict[str, Rows]
    request: ModelRequest | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task(TaskBatches, TaskPredictions):
    """One task of the language, bound to the columns of an equation.

    What most tasks do alike is done here: a task says what it does otherwise.
    """

    @classmethod
    def bind(
        cls, equation: Equation, data: DataSet, used: Splits, model: Task | None = None
    ) -> Task:
        """Return the task for these columns.

        `used` holds the splits that will be used, by what they are used as (`train`, `val`,
        `test`). Columns, types and labels are checked against them; raises `UserError` with
        every mistake found. `model` is the task of the model that will be scored on them: it
        knows which labels there can be.
        """
        mistakes = Mistakes()
        for message in cls._miscounted(equation):
            mistakes.add(message)
        for name in dict.fromkeys(equation.left):
            for message in missing(name, data, used) or cls._wrong_output(data.columns[name], data):
                mistakes.add(message)
        with mistakes.collect():
            kinds = cls.kinds_of(equation)
            for message in wrong_columns(equation.inputs, kinds, data, used, cls.name):
                mistakes.add(message)
        mistakes.raise_any()
        return cls.bound(equation, data, used, model).located(data.folder)

    @classmethod
    def bound(cls, equation: Equation, data: DataSet, used: Splits, model: Task | None) -> Task:
        """Return the task for columns that are there and hold what they should.

        That is what `bind` is left with: to find the labels, if there are any. Raises `UserError`.
        """
        return cls.of_columns(equation)

    @classmethod
    def restore(cls, saved: Mapping[str, Any]) -> Task:
        """Return the task that `saved` describes: a fitted folder's.

        What an older gft did not know of is as if it had not been asked for.
        """
        kept: dict[str, Any] = {name: saved[name] for name in cls._kept() if name in saved}
        lists = {name: tuple(one) for name, one in kept.items() if isinstance(one, list)}
        return cls(**(kept | lists))

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Task | None:
        """Return the task that a ready-made model's configuration speaks of, None for another's.

        Without an equation its columns are called as the task calls them.
        """
        return cls.of_columns(equation) if cls.is_head_of(config) else None

    def golds_of(self, rows: Rows) -> Golds:
        """Return the gold values of a split, of which the labels are read from its table once."""
        return rows.labels(self.gold_columns, self.parted).golds(self.golds)

    def seen(self, golds: Sequence[Any]) -> Self:
        """Return the task with what it learns of gold values: train's, or those that are scored."""
        return self

    def learned(self, train: Rows, golds: Sequence[Any]) -> Self:
        """Return the task with what it needs to know of the train rows and their gold values."""
        return self.with_design(train)

    def with_design(self, train: Rows) -> Self:
        """Return the task with what train's rows teach about its covariates, if it has any.

        Raises `UserError` for a category with too many levels.
        """
        if self.covariates is None:
            return self
        cells: dict[str, list[Any]] = {name: [] for name in self.covariates.columns}
        for part in train.batches(list(cells), READ_ROWS):
            for name, more in self.read_covariates(part).items():
                cells[name] += more
        orders = {name: train.columns[name].order for name in cells}
        return replace(self, covariates=self.covariates.fitted(cells, orders))

    def aligned(self, model: Task, label_map: Sequence[str] = ()) -> tuple[Self, tuple[str, ...]]:
        """Return this task, bound to data, as a model's task knows it, and warnings.

        It has the model's settings, and its labels in their order. `label_map` is what
        `--label_map` says, `DATA=MODEL` each. Raises `UserError` where labels do not meet.
        """
        if label_map:
            raise UserError(f"--label_map is for labels; {self.name} has none")
        return self._as_fitted(model), ()

    def _as_fitted(self, model: Task) -> Self:
        """Return this task with the settings that a model was fitted with."""
        kinds = tuple(kind.aligned(model.input_kinds) for kind in self.input_kinds)
        fitted = {name: getattr(model, name) for name in self.settings}
        covariates = met(self.covariates, model.covariates)
        return replace(self, input_kinds=kinds, covariates=covariates, **fitted)

    def adapt(self, config: Mapping[str, Any]) -> Adapted:
        """Meet a model's configuration.

        Returns the task for this kind of model, with its labels in the model's order if the model
        knows them by name, what it asks of the model, and notes for the user.
        """
        from gft.request import ModelRequest

        return Adapted(self, ModelRequest(self.head))

    def with_processor(self, processor: Any, generation: Callable[[], Mapping[str, Any]]) -> Self:
        """Return the task as it works with a model's processor, which it may set.

        `generation` returns the model's settings of generation. Raises `UserError`.
        """
        return self

    def ready(
        self, processor: Any, config: Mapping[str, Any], rows: Splits, request: ModelRequest | None
    ) -> Readied:
        """Return the task ready for these labelled rows, by split, and what it changed.

        `request` is what a fit asks of the model; None where the model is used as it is. The task
        looks at the processor and at every row before anything is encoded: it checks what the
        rows name (files), leaves rows out, and for a fit may make a processor of its own from the
        train split. Raises `UserError` with every mistake found.
        """
        return Readied(self, processor, dict(rows), request)

    def check_columns(self, data: DataSet, used: Splits) -> None:
        """Raise `UserError` unless data and its splits that are used have the columns it reads."""
        wrong = wrong_columns(self.inputs, self.input_kinds, data, used, self.name)
        if wrong:
            raise UserError(*wrong)

    def check_rows(self, processor: Any, rows: Cells, first: int, row: str) -> None:
        """Raise `UserError` for the first of some rows that nothing can be predicted for.

        It calls the first of them by `row` and `first`, such as "line 7".
        """
        for name, kind in zip(self.inputs, self.input_kinds, strict=True):
            with _naming(name if kind.is_covariate else None):
                kind.check(rows[name], first, row)

    @abstractmethod
    def golds(self, rows: Cells) -> list[Any]:
        """Return the gold value of each row, None where the row has no label."""

    @classmethod
    def gold_text(cls, cells: Sequence[Any], columns: Sequence[Column]) -> str | None:
        """Return the gold cells of a row as people read them, None where there is no label."""
        return gold_text(cells, columns)

    def gold_json(self, cell: Any) -> Any:
        """Return one gold cell of a row, or the gold text of a line, as JSON has it."""
        return cell


@contextmanager
def _naming(column: str | None) -> Iterator[None]:
    """Have errors of the block name a column, if there is one to name."""
    try:
        yield
    except UserError as problem:
        if column is None:
            raise
        raise UserError(*(f"column {column!r}: {one}" for one in problem.messages)) from None
