"""What rows become for a model: features, and batches of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import torch

Feature = dict[str, Any]
Batch = dict[str, "torch.Tensor"]
Cells: TypeAlias = Mapping[str, Sequence[Any]]
"""A few rows: a list of cells for each column."""


@dataclass(frozen=True)
class Encoded:
    """Rows made ready for a model: their features, and which rows were cut.

    `rows` says which row each feature belongs to, where a row may have several (windows over a
    long text, in order); None: one feature a row.
    """

    features: list[Feature]
    cut: list[bool]
    rows: list[int] | None = None


def labelled(features: list[Feature], golds: Sequence[Any] | None) -> Encoded:
    """Return features of rows that are not cut, one each, with `golds` as their `labels`."""
    if golds is not None:
        for feature, gold in zip(features, golds, strict=True):
            feature["labels"] = gold
    return Encoded(features, [False] * len(features))
