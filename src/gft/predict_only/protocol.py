"""What a task that only predicts does: it has no gold values, no loss and no metrics."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Self, TypeAlias

from gft.errors import UserError
from gft.inputs.features import Feature
from gft.inputs.text import as_text
from gft.language.argument import Reads
from gft.language.program import Options
from gft.metrics.protocol import Array


@dataclass(frozen=True)
class Answer:
    """What is predicted for a row: the fields of tsv, and the values by name for csv and jsonl."""

    fields: list[str]
    values: dict[str, Any]


@dataclass(frozen=True)
class Applied:
    """A model in memory, with what prepares its inputs; `longest` input in tokens, where asked.

    `vectors` makes those of features where there is no model but a graph of one.
    """

    model: Any
    processor: Any
    longest: int
    vectors: Callable[[Sequence[Feature]], Array] | None = None


Rows: TypeAlias = Sequence[Sequence[Any]]
"""Some rows, each as the cells of its columns."""
Answering: TypeAlias = Callable[[Rows, int], Iterator[Answer]]
"""Yields the answer to each of some rows, of which the first has a number, from 1. Raises
`UserError` for a row that cannot be read; whoever calls it says which row that is."""


@dataclass(frozen=True)
class PredictOnly(ABC):
    """One task that only predicts, with the settings it was given.

    What most tasks do alike is done here. `folders` are those that relative names of files begin
    in; `fetches` says whether files at addresses of the web are wanted.
    """

    folders: tuple[str, ...] = field(default=(), kw_only=True)
    fetches: bool = field(default=False, kw_only=True)

    name: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]]
    summary: ClassVar[str]
    """One line: what it predicts from what."""
    right: ClassVar[str]
    """What a row holds, in words."""
    inputs: ClassVar[tuple[str, ...]]
    """The columns that are read unless an equation names others."""
    several: ClassVar[bool] = False
    """Whether there may be more columns than those."""
    heads: ClassVar[tuple[str, ...]]
    """The model heads that will do, the best first, as suppliers name heads."""
    ignored: ClassVar[tuple[str, ...]] = ()
    """Parts of weights' names that may be made afresh: the task does not use them."""
    default_model: ClassVar[str]
    """A model of the hub that is ready for the task."""
    example: ClassVar[str]
    """A command, with what it reads."""
    reads: ClassVar[Reads] = ()
    """The tables of arguments that act in the task, beside those that act in every one."""

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Return the task with the settings that were given. Raises `UserError`."""
        del options
        return cls()

    def located(self, folder: Path | None) -> Self:
        """Return the task with the folder that relative names of files begin in."""
        return replace(self, folders=(str(folder),) if folder else ())

    @abstractmethod
    def answering(self, applied: Applied) -> Answering:
        """Return what answers rows with a model. Raises `UserError` if the model cannot."""


class RowByRow(PredictOnly):
    """A task that answers each row by itself."""

    def answering(self, applied: Applied) -> Answering:
        """Return what answers one row after the other."""
        answer = self.answering_row(applied)
        return lambda rows, _: (answer(*cells) for cells in rows)

    @abstractmethod
    def answering_row(self, applied: Applied) -> Callable[..., Answer]:
        """Return what answers a row, given as its cells. Raises `UserError` if the model cannot."""


def said(cell: Any, what: str = "text") -> str:
    """Return a cell as text. Raises `UserError` where it is blank."""
    text = as_text(cell)
    if not text.strip():
        raise UserError(f"the {what} is empty")
    return text
