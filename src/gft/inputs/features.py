"""What rows become for a model: features, and batches of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, overload

from gft.metrics.protocol import Array

if TYPE_CHECKING:
    import torch

T = TypeVar("T")
Feature = dict[str, Any]
Batch = dict[str, "torch.Tensor"]
Cells: TypeAlias = Mapping[str, Sequence[Any]]
"""A few rows: a list of cells for each column."""
MakeBatch: TypeAlias = Callable[[Sequence[Feature]], Batch]
"""Makes a batch of features, where the model computes."""
COVARIATES = "covariates"
"""The part of a feature, float32 of shape (width,), and of a batch that holds covariates."""


class MadeFeatures(Sequence[Feature]):
    """Features that are made each time they are asked for, of parts that take less memory.

    So the windows over a very long text exist while a batch of them is computed, and no longer.
    `make` returns the feature of a part.
    """

    def __init__(self, make: Callable[[T], Feature], parts: Sequence[T] | Array) -> None:
        self._make: Callable[[Any], Feature] = make
        self._parts: Any = parts

    def __len__(self) -> int:
        return len(self._parts)

    def __iter__(self) -> Iterator[Feature]:
        return map(self._make, self._parts)

    @overload
    def __getitem__(self, at: int) -> Feature: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Feature]: ...
    def __getitem__(self, at: int | slice) -> Feature | Sequence[Feature]:
        """Return a feature, or those of a slice, which are not made yet."""
        if isinstance(at, slice):
            return MadeFeatures(self._make, self._parts[at])
        return self._make(self._parts[at])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as of a list


@dataclass(frozen=True)
class Unread:
    """What a model does not read of some rows because they are too long.

    `rows` lose `tokens` of the `total` that all rows have.
    """

    rows: int = 0
    tokens: int = 0
    total: int = 0

    def __add__(self, more: Unread) -> Unread:
        return Unread(self.rows + more.rows, self.tokens + more.tokens, self.total + more.total)

    @property
    def share(self) -> float:
        """The share of all tokens that is not read, 0 to 1."""
        return self.tokens / self.total if self.total else 0.0


@dataclass(frozen=True)
class Encoded:
    """Rows made ready for a model: their features, and how many tokens of each are not read.

    `rows` says which row each feature belongs to, where a row may have several (windows over a
    long text, in order); None: one feature a row. `total` is how many tokens the rows have in
    all; None: those of the features, and those that are lost.
    """

    features: Sequence[Feature]
    lost: list[int]
    rows: list[int] | None = None
    total: int | None = None

    def unread(self, length_of: str) -> Unread:
        """Return what is not read; `length_of` is the part of a feature that says its length."""
        truncated, tokens = sum(one > 0 for one in self.lost), sum(self.lost)
        total = self.total
        if total is None:
            values = (feature.get(length_of) for feature in self.features)
            total = tokens + sum(len(value) for value in values if isinstance(value, list))
        return Unread(truncated, tokens, total)


def labelled(features: list[Feature], golds: Sequence[Any] | None) -> Encoded:
    """Return features of rows that are not truncated, one each, with `golds` as their `labels`."""
    if golds is not None:
        for feature, gold in zip(features, golds, strict=True):
            feature["labels"] = gold
    return Encoded(features, [0] * len(features))


def rows_of(batch: Batch) -> int:
    """Return how many rows a batch has."""
    return len(next(iter(batch.values())))


def stacked(features: Sequence[Feature]) -> torch.Tensor:
    """Return the covariates of features, shape (rows, width)."""
    import numpy as np
    import torch

    return torch.from_numpy(np.stack([feature[COVARIATES] for feature in features]))
