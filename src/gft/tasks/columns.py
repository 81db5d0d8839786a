"""The columns of a task and what the task declares: which it takes, and how it is bound to them."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from gft.covariates.covariates import Covariates, check_no_covariates
from gft.data.table import Column, DataSet
from gft.errors import listed
from gft.inputs.kind import InputKind, kinds_of
from gft.inputs.text import TEXT
from gft.language.argument import Reads
from gft.language.equation import Equation, Interaction, RightTerm, Term
from gft.language.program import Options
from gft.targets.protocol import Target

if TYPE_CHECKING:
    from gft.data.labels import Parted

_COUNTS = {1: "one column", 2: "two columns", 3: "three columns"}


@dataclass(frozen=True)
class TaskColumns(ABC):
    """The part of `Task` that knows the columns of an equation, and what a task declares of itself.

    `inputs` are the columns on the right of it, each of the kind that `input_kinds` says at its
    place; `outputs` those on the left. Of the inputs the model's processor is given `texts` (or
    images, or sounds); the others are those of `covariates`, None without any. `labels` are the
    names of classes, or of outputs, in the order of the model's logits.
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

    def saved(self) -> dict[str, Any]:
        """Return what `restore` needs, as JSON."""
        kept = ((name, getattr(self, name)) for name in self._kept())
        return {name: list(one) if isinstance(one, tuple) else one for name, one in kept}

    @classmethod
    def _kept(cls) -> tuple[str, ...]:
        return ("inputs", "outputs", "labels", *cls.found, *cls.settings)

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
        covariates = met(_covariates_of(equation), self.covariates)
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


def _covariates_of(equation: Equation) -> Covariates | None:
    return Covariates(equation.covariates) if equation.covariates else None


def met(ours: Covariates | None, model: Covariates | None) -> Covariates | None:
    """Return an equation's covariates with what a model knows of its own. Raises `UserError`."""
    if ours is None:
        check_no_covariates(model, "the model")
        return None
    return ours.of_model(model, "the model")


def _right_term(factors: tuple[Term, ...]) -> RightTerm:
    return factors[0] if len(factors) == 1 else Interaction(factors)
