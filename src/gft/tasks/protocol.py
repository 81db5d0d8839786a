"""What a task does. It knows no supplier, and holds no loop over epochs.

A task object is bound: it knows its columns and labels. Its methods work on a few rows at a time,
given as a dict of lists (one list per column), and see the model only through its processor and
its outputs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias

from gft.covariates.covariates import Covariates, check_no_covariates
from gft.data.cells import gold_text
from gft.data.table import Column, DataSet, Rows
from gft.errors import Mistakes, UserError, listed
from gft.inputs.features import (
    COVARIATES,
    Batch,
    Cells,
    Encoded,
    Feature,
    MakeBatch,
    rows_of,
    stacked,
)
from gft.inputs.kind import InputKind, Splits, kinds_of, missing, wrong_columns
from gft.inputs.text import TEXT, encode_texts, pad
from gft.language.argument import Reads
from gft.language.equation import Equation, Interaction, RightTerm, Term
from gft.language.program import Options
from gft.metrics.protocol import Array, Metric, Scored
from gft.request import ModelRequest
from gft.targets.protocol import Target
from gft.tasks.effects import with_effects

if TYPE_CHECKING:
    import torch

    from gft.data.labels import Golds, Parted


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

Values: TypeAlias = "Array | list[Any]"
"""One value a row: an array whose first axis is rows, or a list of what each row has."""
DIGITS = 6
READ_ROWS = 10_000
_COUNTS = {1: "one column", 2: "two columns", 3: "three columns"}


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
class Task(ABC):
    """One task of the language, bound to the columns of an equation.

    `inputs` are the columns on the right of it, each of the kind that `input_kinds` says at its
    place; `outputs` those on the left. Of the inputs the model's processor is given `texts` (or
    images, or sounds); the others are those of `covariates`, None without any. `labels` are the
    names of classes, or of outputs, in the order of the model's logits. What most tasks do alike is
    done here: a task says what it does otherwise.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    labels: tuple[str, ...] = ()
    input_kinds: tuple[InputKind, ...] = field(default=(), kw_only=True)
    covariates: Covariates | None = field(default=None, kw_only=True)

    name: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    summary: ClassVar[str]
    """One line: what it predicts from what."""
    head: ClassVar[str]
    """The model head it needs, as suppliers name heads: `sequence-classification`."""
    heads: ClassVar[tuple[str, ...]] = ()
    """How the classes of models with that head end in `transformers`."""
    target: ClassVar[Target]
    """What kind of values it predicts: what is measured, counted and shown depends on that."""
    metrics: ClassVar[tuple[str, ...]]
    """The metrics that are computed unless others are asked for; the first picks the best epoch."""
    takes: ClassVar[tuple[InputKind, ...]] = (TEXT,)
    """The kinds of input it takes; a column is of the first unless a function says otherwise."""
    columns: ClassVar[tuple[str, ...]] = ()
    """What the columns on the right are, where there have to be so many; else any number will do.
    Where no equation names them they are called so."""
    answer: ClassVar[str] = "prediction"
    """What the prediction of a row is called where a server answers."""
    output: ClassVar[str] = "label"
    """What the column on the left is called where no equation names it."""
    both_sides: ClassVar[bool] = False
    """Whether one column may stand on both sides of `~`."""
    several_outputs: ClassVar[bool] = False
    """Whether more than one column may stand on the left."""
    takes_scales: ClassVar[bool] = False
    """Whether a column on the left may stand in log() or log1p()."""
    output_needs: ClassVar[str]
    """What the cells on the left have to be, for errors: `numbers`."""
    output_takes: ClassVar[tuple[str, ...]]
    """The kinds of columns, as `Column.kind` says them, that hold such cells."""
    longest: ClassVar[int] = 512
    """The longest feature in tokens unless another is asked for, where the model takes so many;
    0 for a task that counts no tokens."""
    windowed: ClassVar[bool] = False
    """Whether a row that is too long has several features, which `joined` makes one of."""
    left: ClassVar[str]
    """What stands on the left of `~`, in words."""
    right: ClassVar[str]
    """What stands on the right of `~`, in words."""
    default_model: ClassVar[str | None] = None
    """A model of the hub that is ready for the task: predict's, when none is named."""
    example: ClassVar[str]
    """The arguments of a gft_fit that shows the task."""
    reads: ClassVar[Reads] = ()
    """The tables of arguments that act in the task, beside those that act in every one."""
    found: ClassVar[tuple[str, ...]] = ()
    """Fields that `bind` finds in data, beside columns and labels: a fitted folder keeps them."""
    settings: ClassVar[tuple[str, ...]] = ()
    """Fields that a fitted folder keeps too, and that hold for whatever the model is scored on."""

    def __post_init__(self) -> None:
        if not self.input_kinds:
            object.__setattr__(self, "input_kinds", self.takes[:1] * len(self.inputs))

    @property
    def texts(self) -> dict[str, InputKind]:
        """The columns, with their kinds, that the model's processor is given: no covariates."""
        pairs = zip(self.inputs, self.input_kinds, strict=True)
        return {name: kind for name, kind in pairs if not kind.is_covariate}

    @property
    def equation(self) -> Equation:
        """The equation that the task is bound to, its columns in their order."""
        right: list[RightTerm] = []
        waiting = [] if self.covariates is None else list(self.covariates.terms)
        for name in self.inputs:
            if name in self.texts:
                right.append(Term(name))
                continue
            while waiting and not any(name in {f.column for f in one.factors} for one in right):
                right.append(_right_term(waiting.pop(0)))
        right += map(_right_term, waiting)
        return Equation(self.name, self.outputs, tuple(right))

    @property
    def gold_columns(self) -> tuple[str, ...]:
        """The columns that gold values are made of."""
        return self.outputs

    @property
    def compared(self) -> dict[str, InputKind]:
        """The columns, with their kinds, that no draw puts into two splits: all texts."""
        return self.texts

    @property
    def identity(self) -> dict[str, InputKind]:
        """The columns, with their kinds, in which rows with the same input agree.

        They are those of `compared` and the covariates; none without texts, as rows of a few
        numbers and levels are equal by coincidence.
        """
        pairs = zip(self.inputs, self.input_kinds, strict=True)
        covariates = {name: kind for name, kind in pairs if kind.is_covariate}
        return {**self.compared, **covariates} if self.compared else {}

    @property
    def about(self) -> str | None:
        """The class of two that metrics of one class are about; None: the second, or no class."""
        return None

    @property
    def parted(self) -> Parted | None:
        """What makes a list of a cell of gold values, where its members are labels."""
        return None

    @property
    def reads_text(self) -> bool:
        """Whether all inputs but covariates are texts or words, which models of texts suit."""
        return all(kind.is_text for kind in self.texts.values())

    @property
    def length_of(self) -> str:
        """The part of a feature that says its length: `InputKind.length_of`."""
        return next((kind.length_of for kind in self.texts.values()), "")

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
    def kinds_of(cls, equation: Equation) -> tuple[InputKind, ...]:
        """Return the kind of each input. Raises `UserError` for one that the task does not take."""
        return kinds_of(equation.factors, cls.takes, cls.name)

    @classmethod
    def of_columns(cls, equation: Equation | None, **fields: Any) -> Self:
        """Return the task for an equation's columns, or for those of `columns` and `output`."""
        if equation is None:
            return cls(cls.columns or ("text",), (cls.output,), **fields)
        kinds, covariates = cls.kinds_of(equation), _covariates_of(equation)
        return cls(
            equation.inputs, equation.left, input_kinds=kinds, covariates=covariates, **fields
        )

    @classmethod
    def _miscounted(cls, equation: Equation) -> list[str]:
        """Return a message for either side of an equation that has too many columns, or too few."""
        messages = []
        if len(equation.left) != 1 and not cls.several_outputs:
            messages.append(
                f"{cls.name} takes one column on the left of '~', found {listed(equation.left)}"
            )
        wanted = len(cls.columns)
        if cls.columns and len(equation.texts) != wanted:
            which = f", the {' and the '.join(cls.columns)}" if wanted > 1 else ""
            messages.append(
                f"{cls.name} takes {_COUNTS[wanted]} of {cls.takes[0].what} on the right of '~'"
                f"{which}, found {listed(equation.texts)}"
            )
        if any(equation.scales) and not cls.takes_scales:
            messages.append(f"{cls.name} learns no logarithm: only regress takes log() on the left")
        both = [name for name in dict.fromkeys(equation.left) if name in equation.inputs]
        if both and not cls.both_sides:
            messages.append(
                f"{listed(map(repr, both), 3)} on both sides of '~': the model would be given its "
                "own answer; remove it from the right"
            )
        return messages

    @classmethod
    def _wrong_output(cls, column: Column, data: DataSet) -> list[str]:
        """Return a message for a column on the left that cannot hold gold values."""
        if column.kind in cls.output_takes:
            return []
        return [
            f"column {column.name!r} of {data.name} holds {column.kind} values; "
            f"{cls.name} needs {cls.output_needs}"
        ]

    @classmethod
    def restore(cls, saved: Mapping[str, Any]) -> Task:
        """Return the task that `saved` describes: a fitted folder's.

        What an older gft did not know of is as if it had not been asked for.
        """
        kept: dict[str, Any] = {name: saved[name] for name in cls._kept() if name in saved}
        lists = {name: tuple(one) for name, one in kept.items() if isinstance(one, list)}
        return cls(**(kept | lists))

    def saved(self) -> dict[str, Any]:
        """Return what `restore` needs, as JSON."""
        kept = ((name, getattr(self, name)) for name in self._kept())
        return {name: list(one) if isinstance(one, tuple) else one for name, one in kept}

    @classmethod
    def _kept(cls) -> tuple[str, ...]:
        return ("inputs", "outputs", "labels", *cls.found, *cls.settings)

    @classmethod
    def of_model(cls, config: Mapping[str, Any], equation: Equation | None) -> Task | None:
        """Return the task that a ready-made model's configuration speaks of, None for another's.

        Without an equation its columns are called as the task calls them.
        """
        return cls.of_columns(equation) if cls.is_head_of(config) else None

    @classmethod
    def is_head_of(cls, config: Mapping[str, Any]) -> bool:
        """Say whether a model's configuration says that it has the task's head."""
        return any(name.endswith(cls.heads) for name in config.get("architectures") or ())

    @classmethod
    def default_for(cls, spelling: str) -> str | None:
        """Return the model for a name of the task, lower-case with `_`; None: there is none."""
        return cls.default_model

    def with_columns(self, equation: Equation) -> Self:
        """Return the task reading and writing the columns of another equation."""
        covariates = _met(_covariates_of(equation), self.covariates)
        kinds = self.kinds_of(equation)
        return replace(
            self,
            inputs=equation.inputs,
            outputs=equation.left,
            input_kinds=kinds,
            covariates=covariates,
        )

    def located(self, folder: Path | None) -> Self:
        """Return the task with the folder that relative names of files begin in."""
        return replace(self, input_kinds=tuple(kind.located(folder) for kind in self.input_kinds))

    def configured(self, options: Options) -> Self:
        """Return the task with the settings that were given; those that were not stay."""
        kinds = tuple(kind.configured(options) for kind in self.input_kinds)
        return replace(self, input_kinds=kinds)

    def written(self, decimal: str, certain: bool = True) -> Self:
        """Return the task reading numbers beside a text that have a decimal mark.

        Where it is not `certain`, a cell that can be read in two ways is refused.
        """
        kinds = tuple(kind.written(decimal, certain) for kind in self.input_kinds)
        return replace(self, input_kinds=kinds)

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
        covariates = _met(self.covariates, model.covariates)
        return replace(self, input_kinds=kinds, covariates=covariates, **fitted)

    def adapt(self, config: Mapping[str, Any]) -> Adapted:
        """Meet a model's configuration.

        Returns the task for this kind of model, with its labels in the model's order if the model
        knows them by name, what it asks of the model, and notes for the user.
        """
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

    # Rows of gold values.

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

    # Rows to features, features to batches, batches to predictions.

    def read(self, rows: Cells) -> list[list[Any]]:
        """Return the columns on the right as the model's processor is given them: no covariates."""
        return [kind.read(rows[name]) for name, kind in self.texts.items()]

    def read_covariates(self, rows: Cells) -> dict[str, list[Any]]:
        """Return the cells of covariates by column: numbers, levels as text, None for nothing."""
        pairs = zip(self.inputs, self.input_kinds, strict=True)
        return {name: kind.read(rows[name]) for name, kind in pairs if kind.is_covariate}

    def unknown_cells(self, rows: Cells) -> dict[str, Counter[str]]:
        """Return what covariates of rows have that train has not, counted, by column."""
        if self.covariates is None:
            return {}
        return self.covariates.unknown(self.read_covariates(rows))

    def with_covariates(self, encoded: Encoded, rows: Cells) -> Encoded:
        """Return the features of rows, each with the numbers of its row's covariates, if any."""
        if self.covariates is None:
            return encoded
        numbers = self.covariates.of(self.read_covariates(rows))
        for feature, row in zip(encoded.features, numbers, strict=True):
            feature[COVARIATES] = row
        return encoded

    def encode(
        self, processor: Any, rows: Cells, max_length: int, golds: Sequence[Any] | None = None
    ) -> Encoded:
        """Return the features of rows; texts longer than `max_length` tokens are truncated.

        With `golds`, one a row, every feature has its `labels`.
        """
        encoded = encode_texts(processor, self.read(rows), max_length, golds)
        return self.with_covariates(encoded, rows)

    def collate(self, processor: Any, features: Sequence[Feature], training: bool = False) -> Batch:
        """Return a batch, padded to its longest feature; with `labels` if the features have them.

        `training` says that the features come from `drawn`.
        """
        batch = self.batch_of(processor, features, training)
        if "labels" in features[0]:
            batch["labels"] = self.label_tensor([feature["labels"] for feature in features])
        if COVARIATES in features[0]:
            batch[COVARIATES] = stacked(features)
        return batch

    def drawn(self, processor: Any, feature: Feature) -> Feature:
        """Return a feature as it is drawn at random for training: masked, or a part of it.

        torch's generator draws, which is seeded for each row: which rows are in a batch with it
        changes nothing.
        """
        return feature

    def batch_of(self, processor: Any, features: Sequence[Feature], training: bool) -> Batch:
        """Return a batch without labels: token tensors of shape (rows, longest)."""
        return pad(processor, features)

    def label_tensor(self, labels: Sequence[Any]) -> torch.Tensor:
        """Return the labels of features as `loss` takes them; by default numbers of classes."""
        import torch

        return torch.tensor([int(label) for label in labels])

    @abstractmethod
    def loss(self, model: Any, batch: Batch) -> torch.Tensor:
        """Run the model on a training batch and return the mean loss, a scalar.

        0, with a gradient of 0, where the batch has nothing that counts.
        """

    def middles_and_spreads(self, golds: Sequence[Any]) -> tuple[list[float], list[float]]:
        """Return where a model's outputs lie for rows with these gold values, and how far apart.

        One number for each output: 0 and 1 for logits, whose unit is always the same.
        """
        return [0.0] * len(self.labels), [1.0] * len(self.labels)

    def first_weights(self, numbers: Array, golds: Sequence[Any]) -> Array:
        """Return what the weights of covariates begin with: float32, shape (outputs, columns).

        `numbers` are those that the covariates of rows are, shape (rows, columns), and `golds`
        the rows' gold values.
        """
        raise NotImplementedError(f"{self.name} takes no covariates")

    def _widths(self) -> tuple[int, ...]:
        """Return how many columns of numbers each term of the covariates has."""
        assert self.covariates is not None
        return self.covariates.fitted_design.widths

    def weight(self, batch: Batch) -> torch.Tensor | None:
        """Return what `loss` divides by for a training batch, a scalar: here its rows.

        A step adds up the losses of batches by their weights, so that it learns the same however
        its rows are divided. A task whose loss is a mean over tokens, or that weighs classes,
        returns their sum; None says that `loss` is a sum itself.
        """
        import torch

        return torch.tensor(float(rows_of(batch)))

    def run(self, model: Any, batch: Batch) -> Any:
        """Run the model on a batch without labels and return its outputs."""
        return with_effects(model(**batch), batch)

    def run_features(self, model: Any, features: Sequence[Feature], batch_of: MakeBatch) -> Any:
        """Return the model's outputs for features to predict; `batch_of` makes a batch of some."""
        return self.run(model, batch_of(features))

    def run_with_labels(self, model: Any, batch: Batch) -> tuple[Any, Any]:
        """Run the model on a batch but for its labels; return the outputs and the labels."""
        inputs = {name: tensor for name, tensor in batch.items() if name != "labels"}
        return self.run(model, inputs), batch["labels"]

    @property
    def shortened_by(self) -> str:
        """The argument with which less of a row is read, and less memory taken."""
        return "--max_length"

    def too_long(self, max_length: int) -> str:
        """Return what rows are of which some tokens are not read, for a note."""
        return f"longer than {max_length} tokens and truncated there"

    @abstractmethod
    def decode(self, outputs: Any, features: Sequence[Feature]) -> tuple[Values, Values | None]:
        """Return predictions and scores of a batch, one each for each feature."""

    def margins(self, predictions: Values, scores: Values | None) -> Array | None:
        """Return by how much the scores of each row decide for its prediction, in logits.

        Shape (rows,); negative where they decide for another one. None for tasks whose predictions
        are not decided by comparing logits of the row.
        """
        return None

    def detokenized(self, processor: Any, predictions: Values) -> Values:
        """Return what `decode` predicts for some features, tokens as text."""
        return predictions

    def joined(
        self, features: Sequence[Feature], values: Sequence[Any], scores: Sequence[Any]
    ) -> tuple[Any, Any]:
        """Return the prediction and the scores of one row from those of its features, in order."""
        return values[0], scores[0]

    # Predictions for metrics, for Python and for people.

    def measuring(self, metrics: Sequence[Metric]) -> list[Metric]:
        """Return the metrics that were chosen, and those that the task adds to them."""
        return list(metrics)

    def described(self, golds: Sequence[Any]) -> dict[str, Any]:
        """Return how often each class is gold, or what the numbers are like, as JSON."""
        return self.target.described(golds, self.labels)

    def scored(self, golds: Sequence[Any], predictions: Values, scores: Values | None) -> Scored:
        """Return what metrics need, for rows that all have a gold value."""
        return Scored(list(golds), list(predictions), None, ())

    def value(self, prediction: Any, scores: Any) -> Any:
        """Return a prediction as Python code wants it: a label, or numbers."""
        return prediction

    def fields(self, prediction: Any, scores: Any, options: Options) -> list[str]:
        """Return what predict writes for one row after the inputs and the gold."""
        return [str(prediction)]

    def fields_beside(
        self, cells: Sequence[Any], prediction: Any, scores: Any, options: Options
    ) -> list[str]:
        """Return what `fields` does, for one row that has these cells."""
        return self.fields(prediction, scores, options)

    def ranked(self, scores: Any, options: Options) -> Any:
        """Return the scores of a row by label, best first, where more than the best is asked for.

        A dictionary, or one for each word of the row; None where the best score is enough, or
        scores belong to no labels.
        """
        return None

    def details(self, prediction: Any, scores: Any, options: Options) -> dict[str, Any]:
        """Return what predict writes of a row under names of its own, beside the prediction."""
        row: dict[str, Any] = {}
        if getattr(scores, "ndim", None) == 1:
            row["score"] = round(float(scores.max()), DIGITS)
        ranked = self.ranked(scores, options)
        return row if ranked is None else row | {"scores": ranked}


def _covariates_of(equation: Equation) -> Covariates | None:
    return Covariates(equation.covariates) if equation.covariates else None


def _met(ours: Covariates | None, model: Covariates | None) -> Covariates | None:
    """Return an equation's covariates with what a model knows of its own. Raises `UserError`."""
    if ours is None:
        check_no_covariates(model, "the model")
        return None
    return ours.of_model(model, "the model")


def _right_term(factors: tuple[Term, ...]) -> RightTerm:
    return factors[0] if len(factors) == 1 else Interaction(factors)


@contextmanager
def _naming(column: str | None) -> Iterator[None]:
    """Have errors of the block name a column, if there is one to name."""
    try:
        yield
    except UserError as problem:
        if column is None:
            raise
        raise UserError(*(f"column {column!r}: {one}" for one in problem.messages)) from None
