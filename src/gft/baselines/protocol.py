"""The form of a baseline: its name, what it is, and how it predicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from gft.tasks.protocol import Values

Cells: TypeAlias = Mapping[str, Sequence[Any]]
"""Some rows: a list for each column."""


class Predicts(Protocol):
    """What predicts without a net, once it has seen the train rows."""

    def __call__(self, rows: Cells, golds: Sequence[Any]) -> tuple[Values, Values | None]:
        """Return predictions and scores of rows, in the form of the task's `decode`.

        `golds` are there for their lengths alone, such as how many words a row has.
        """
        ...


@dataclass(frozen=True)
class Baseline:
    """Something simple that was fitted to `rows` of the train rows.

    `what` says in a few words what it is.
    """

    name: str
    what: str
    rows: int
    predict: Predicts
