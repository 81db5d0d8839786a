"""What a supplier of models and data does. It knows no task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from gft.data.table import DataSet
from gft.language.program import Options
from gft.language.spec import Spec

if TYPE_CHECKING:
    import torch


@dataclass
class Loaded:
    """A model in memory, with its processor (a tokenizer, or what reads sounds or images).

    `new_weights` are the names of weights that were made afresh because the files hold none.
    """

    model: torch.nn.Module
    processor: Any
    new_weights: tuple[str, ...] = ()


class ModelSource(Protocol):
    """A model that was found but whose weights were not asked for yet."""

    spec: Spec
    config: Mapping[str, Any]
    """The model's `config.json`, as the files have it."""
    origin: Mapping[str, Any]
    """Where it came from, for `gft.json`: supplier, name, commit."""
    folder: Path | None
    """The local folder, when the model is one."""

    def processor(self) -> Any:
        """Return the model's tokenizer; no weight is asked for."""
        ...

    def weight_bytes(self) -> int | None:
        """Return how large the weight files are, None when unknown; none is downloaded."""
        ...

    def load(self, head: str, changes: Mapping[str, Any]) -> Loaded:
        """Load the weights under `head`, such as `sequence-classification`.

        `changes` are fields of the configuration to set first (labels, problem type, dropout).
        Weights whose shape no longer fits are made afresh and listed in `new_weights`.
        """
        ...

    def untrained(self, head: str, changes: Mapping[str, Any]) -> Loaded:
        """Return the model under `head` with random weights: none is asked for."""
        ...

    def write(self, loaded: Loaded, folder: Path) -> None:
        """Write the model in the supplier's form into `folder`, which exists."""
        ...


class Supplier(Protocol):
    """One supplier: `letter` is the canonical prefix, `names` its other spellings."""

    letter: str
    names: tuple[str, ...]

    def data(self, spec: Spec, options: Options) -> DataSet:
        """Return the data set. Raises `UserError` when there is none or it cannot be read."""
        ...

    def model(self, spec: Spec, options: Options) -> ModelSource:
        """Return the model's source: its configuration is read, no weight is asked for."""
        ...
