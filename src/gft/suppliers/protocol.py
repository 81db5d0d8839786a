"""What a supplier of models and data does. It knows no task."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from gft.errors import UserError
from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.options import FilesOfText

if TYPE_CHECKING:
    import torch

    from gft.baselines.protocol import Cells, Decided
    from gft.data.table import DataSet
    from gft.request import ModelRequest
    from gft.suppliers.files import ModelFiles


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


class WithoutNet(Protocol):
    """A fitted model that is no net: it predicts rows as they are read, without `torch`."""

    @property
    def what(self) -> str:
        """What it is, in words, such as `logistic regression on TF-IDF of words and pairs`."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it was fitted to, each once."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of classes or outputs, in the order of its scores."""

    @property
    def longest(self) -> int:
        """How many characters of a text it reads."""

    def predict(self, rows: Cells) -> Decided:
        """Return predictions and scores in the form of a task's `decode`, for cells by column."""


class ModelSource(ABC):
    """A model that was found but whose weights were not asked for yet."""

    spec: Spec
    config: Mapping[str, Any]
    """The model's `config.json`, as the files have it."""
    origin: Mapping[str, Any]
    """Where it came from, for `gft.json`: supplier, `path`, or `repository` and `commit`; `form`,
    where the files are in another one than `transformers` reads."""
    folder: Path | None
    """The local folder, when the model is one."""

    def without_net(self) -> WithoutNet | None:
        """Return the model where it is no net, and is applied to cells as they are.

        There is no processor then, and nothing to load. None for a net. Raises `UserError`.
        """
        return None

    @abstractmethod
    def processor(self) -> Any:
        """Return the model's tokenizer; no weight is asked for. Raises `NoTokenizer`."""

    @abstractmethod
    def load(self, request: ModelRequest) -> Loaded:
        """Load the weights of the model as it is asked for.

        Weights whose shape no longer fits are made afresh and listed in `new_weights`. The same
        `torch` seed makes the same ones.
        """

    @abstractmethod
    def untrained(self, request: ModelRequest) -> Loaded:
        """Return the model that is asked for with random weights: none is read."""

    @abstractmethod
    def write(self, loaded: Loaded, folder: Path) -> None:
        """Write the model in the supplier's form into `folder`, which exists."""

    def has_file(self, name: str) -> bool:
        """Say whether a file of that name is among the model's."""
        return False

    def with_files(self, names: Collection[str]) -> Path | None:
        """Return a folder here with some files of the model's; None where it has no folder."""
        del names
        return self.folder

    def weight_bytes(self) -> int | None:
        """Return how large the weight files are, None when unknown; none is downloaded."""
        return None

    def card(self) -> dict[str, Any]:
        """Return what the model's card says: license, datasets, tags, downloads, likes."""
        return {}

    def parameters(self) -> int | None:
        """Return how many numbers its weights are, None when unknown; none is downloaded."""
        return None

    def generation(self) -> Mapping[str, Any]:
        """Return the settings by which the model writes texts, by transformers' names for them."""
        return {}

    def heads(self) -> tuple[str, ...]:
        """Return the heads that a model of its type can have, none when that is unknown."""
        return ()

    def how_to_load(self, architecture: str) -> str | None:
        """Return what the card of a fitted folder says of loading a model of this class there.

        Markdown; None where `transformers` loads the folder as any other.
        """
        return None


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


class Supplier:
    """One supplier. It has models, data or both, and of the rest what it can."""

    letter: ClassVar[str]
    """The canonical prefix of its specifications."""
    names: ClassVar[tuple[str, ...]] = ()
    """Other spellings of the prefix; the first is what it is called."""
    is_usual: ClassVar[bool] = False
    """Whether a specification without a prefix is this supplier's: that is so of one supplier."""
    is_of_paths: ClassVar[bool] = False
    """Whether what follows the prefix is a path, and a path without one is this supplier's."""
    searched: ClassVar[str] = ""
    """What `search` searches, for a sentence; empty where there is nothing to search."""
    has_tags: ClassVar[bool] = False
    """Whether its models have tags that say what they were trained on, and what for."""
    writes: ClassVar[tuple[str, ...]] = ()
    """The files that its models leave in a fitted folder beside those of `transformers`."""

    def data(self, spec: Spec, options: Options) -> DataSet:
        """Return the data set. Raises `UserError` when there is none or it cannot be read."""
        raise UserError(f"{spec}: {self.letter}: has models and no data sets")

    def model(self, spec: Spec, options: Options) -> ModelSource:
        """Return the model's source: its configuration is read, no weight is asked for."""
        raise UserError(f"{spec}: {self.letter}: has data sets and no models")

    def processor(self, spec: Spec, options: Options) -> Any:
        """Return the tokenizer, or processor, of a model."""
        return self.model(spec, options).processor()

    def model_in(self, spec: Spec, files: ModelFiles, options: Options) -> ModelSource | None:
        """Return the model that files hold in a form of this supplier's own, None if they do not.

        Whoever has files of a model, in a folder or on a hub, asks every supplier.
        """
        return None

    def search(self, search: Search, options: Options) -> tuple[list[Found], bool]:
        """Return what is found, most downloads first, and whether there is more."""
        raise UserError(f"{self.letter} has no list to search")

    def tags_of_data(self, spec: Spec, options: Options) -> tuple[str, ...]:
        """Return the tags that models have which were trained on a data set."""
        return ()

    def tags_of_task(self, spellings: tuple[str, ...]) -> tuple[str, ...]:
        """Return the tags that models of a task have. Raises `UserError` if there are none."""
        return ()

    def model_for(self, task: str) -> Spec | None:
        """Return its own model for a task as the user spells it, None if the task knows a better.

        Raises `UserError` if it has models for tasks, and none for this one.
        """
        return None

    def visibility(self, spec: Spec, options: Options) -> str | None:
        """Return `public` or `private` for a repository that is there, None where there is none."""
        raise self._no_hub(spec)

    def publish(
        self,
        spec: Spec,
        files: Mapping[str, bytes | Path],
        ours: Callable[[str], bool],
        private: bool,
        options: Options,
    ) -> str:
        """Put files into a repository, in one step; return its address.

        Files that are there, are not among these and are `ours` are removed. Raises `GftError`.
        """
        raise self._no_hub(spec)

    def _no_hub(self, spec: Spec) -> UserError:
        return UserError(
            f"{spec}: nothing can be pushed to {self.letter}:; give the name of a repository on a "
            "hub, such as H:NAME/MODEL"
        )

    def data_at(self, path: Path, options: Options, sheet: str | None = None) -> DataSet:
        """Return the data at a path of the local file system, as this supplier's.

        `sheet` is the one that is meant of a workbook.
        """
        from gft.data.files import read_data

        data = read_data(path, sheet, options.of(FilesOfText).encoding)
        return replace(data, origin={"supplier": self.letter, **data.origin})
