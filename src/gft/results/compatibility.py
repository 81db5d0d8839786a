"""How a model and a data set fit together, as facts."""

from __future__ import annotations

from dataclasses import dataclass

from gft.data.sampling import Lengths


@dataclass(frozen=True)
class Compatibility:
    """How a model and a data set fit together.

    `meet` says how the labels match: `by name`, `by position`, `not at all`, or `no head` where
    the model has none for the task. `lengths` are those of the inputs in tokens, special tokens
    included; `over` is the share of rows that is longer than `limit`, and `windowed`
    says that such rows are not truncated.
    """

    model: str
    data: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    equation: str | None
    why: str
    data_labels: tuple[str, ...] = ()
    model_labels: tuple[str, ...] = ()
    meet: str | None = None
    order: tuple[str, ...] = ()
    evaluation: str = ""
    fit: str = ""
    lengths: Lengths | None = None
    limit: int | None = None
    over: float | None = None
    measured: int | None = None
    windowed: bool = False
    command: str | None = None
