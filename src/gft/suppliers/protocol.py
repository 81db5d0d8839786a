"""What a supplier of models and data does. It knows no task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from gft.data.table import DataSet
from gft.errors import UserError
from gft.language.program import Options
from gft.language.spec import Spec
from gft.request import ModelRequest

if TYPE_CHECKING:
    import torch


class NoTokenizer(UserError):
    """A model came without a tokenizer: its network can be loaded, and no text be read."""


@dataclass
class Loaded:
    """A model in memory, with its processor (a tokenizer, or what reads sounds or images).

    `processor` is None when the model came without one.
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
        """Return the model's tokenizer; no weight is asked for. Raises `NoTokenizer`."""
        ...

    def weight_bytes(self) -> int | None:
        """Return how large the weight files are, None when unknown; none is downloaded."""
        ...

    def load(self, request: ModelRequest) -> Loaded:
        """Load the weights of the model as it is asked for.

        Weights whose shape no longer fits are made afresh and listed in `new_weights`. The same
        `torch` seed makes the same ones.
        """
        ...

    def untrained(self, request: ModelRequest) -> Loaded:
        """Return the model that is asked for with random weights: none is read."""
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


@runtime_checkable
class Documented(Protocol):
    """A model's source that knows more of it than its configuration says."""

    def card(self) -> dict[str, Any]:
        """Return what is said of the model: license, datasets, tags, downloads, likes."""
        ...

    def parameters(self) -> int | None:
        """Return how many numbers its weights are, None when unknown; none is downloaded."""
        ...

    def heads(self) -> tuple[str, ...]:
        """Return the heads that a model of its type can have, none when that is unknown."""
        ...


@dataclass(frozen=True)
class Search:
    """What to look for: `kind` is model or dataset, `part` a part of the name.

    `any_of` are tags of which a result has one, if there are any; `most` how many results are
    wanted; `only_names` that nothing is to be asked but names.
    """

    kind: str
    part: str
    any_of: tuple[str, ...]
    most: int
    only_names: bool


@dataclass(frozen=True)
class Found:
    """One model or data set that a search found; what was not asked for is None or empty."""

    name: str
    downloads: int | None = None
    likes: int | None = None
    tags: tuple[str, ...] = ()
    task: str | None = None


@runtime_checkable
class Searchable(Supplier, Protocol):
    """A supplier whose models and data sets can be searched."""

    def search(self, search: Search, options: Options) -> tuple[list[Found], bool]:
        """Return what is found, most downloads first, and whether there is more."""
        ...


@runtime_checkable
class Tagged(Searchable, Protocol):
    """One whose models have tags that say what they were trained on, and what for."""

    def tags_of_data(self, spec: Spec, options: Options) -> tuple[str, ...]:
        """Return the tags that models have which were trained on a data set."""
        ...

    def tags_of_task(self, spellings: tuple[str, ...]) -> tuple[str, ...]:
        """Return the tags that models of a task have. Raises `UserError` if there are none."""
        ...


@runtime_checkable
class Ready(Protocol):
    """A supplier that has a model of its own for some tasks."""

    def model_for(self, task: str) -> Spec:
        """Return the model for a task as the user spells it. Raises `UserError` if none is."""
        ...
