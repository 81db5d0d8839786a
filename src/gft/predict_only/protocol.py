"""The protocol of a predict-only task: it has no gold values, no loss and no metrics."""

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
    """The prediction for a row: the fields of tsv, and the values by name for csv and jsonl."""

    fields: list[str]
    values: dict[str, Any]


@dataclass(frozen=True)
class Applied:
    """A model in memory with its processor; `longest` is the longest input in tokens.

    `vectors` computes the embeddings of features where there is a graph and no model.
    """

    model: Any
    processor: Any
    longest: int
    vectors: Callable[[Sequence[Feature]], Array] | None = None


Rows: TypeAlias = Sequence[Sequence[Any]]
"""Some rows, each as the cells of its columns."""
Answering: TypeAlias = Callable[[Rows, int], Iterator[Answer]]
"""Yields the answer to each of the rows; the number of the first, from 1, comes with them. Raises
`UserError` for a row that cannot be read; the caller adds which row that is."""


@dataclass(frozen=True)
class PredictOnly(ABC):
    """A predict-only task with its settings.

    `folders` are those to which relative file names refer; `fetches` says whether files at web
    addresses are downloaded.
    """

    folders: tuple[str, ...] = field(default=(), kw_only=True)
    fetches: bool = field(default=False, kw_only=True)

    name: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]]
    summary: ClassVar[str]
    """One line: what it predicts from what."""
    right: ClassVar[str]
    """What a row holds, for the help."""
    inputs: ClassVar[tuple[str, ...]]
    """The columns that are read, unless an equation names others."""
    several: ClassVar[bool] = False
    """Whether there may be more columns."""
    heads: ClassVar[tuple[str, ...]]
    """The heads that a model may have, the best first, by the suppliers' names."""
    ignored: ClassVar[tuple[str, ...]] = ()
    """Parts of names of weights that may be newly initialized: the task does not use them."""
    default_model: ClassVar[str]
    """A model on the hub that is ready for the task."""
    example: ClassVar[str]
    """A command, with what it reads."""
    reads: ClassVar[Reads] = ()
    """The tables of arguments that the task reads, besides those that every task reads."""

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Return the task with the settings in the options. Raises `UserError`."""
        del options
        return cls()

    def located(self, folder: Path | None) -> Self:
        """Return the task with the folder to which relative file names refer."""
        return replace(self, folders=(str(folder),) if folder else ())

    @abstractmethod
    def answering(self, applied: Applied) -> Answering:
        """Return the function that answers rows. Raises `UserError` if the model does not fit."""


class RowByRow(PredictOnly):
    """A task that answers each row on its own."""

    def answering(self, applied: Applied) -> Answering:
        """Return the function that answers rows one after the other."""
        answer = self.answering_row(applied)
        return lambda rows, _: (answer(*cells) for cells in rows)

    @abstractmethod
    def answering_row(self, applied: Applied) -> Callable[..., Answer]:
        """Return the function that answers the cells of a row. Raises `UserError`."""


def text_in(cell: Any, what: str = "text") -> str:
    """Return the text in a cell. Raises `UserError` if it is empty or whitespace."""
    text = as_text(cell)
    if not text.strip():
        raise UserError(f"the {what} is empty")
    return text
