"""A model's files in PaddleNLP's form: in a folder, or in a repository of the hub."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from gft.errors import UserError, listed
from gft.suppliers.cards import CARD, front_matter
from gft.suppliers.hub.errors import first_line
from gft.suppliers.paddle.config import flattened
from gft.suppliers.weights import small_files, weight_files

if TYPE_CHECKING:
    from gft.language.program import Options
    from gft.suppliers.hub.repository import Repository

CONFIGS = ("config.json", "model_config.json")
INSIDE = "paddle"
"""The folder that holds PaddleNLP's form inside a fitted folder."""
SUFFIX = ".pdparams"
_TOKENIZER = (
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "spiece.model",
    "sentencepiece.bpe.model",
)


class PaddleFiles(Protocol):
    """Where the files of one model are; `config` is its configuration, flattened."""

    name: str
    config: dict[str, Any]
    folder: Path | None
    """The folder that the model was asked for by, None when it has a name."""

    def small(self) -> Mapping[str, Path]:
        """Return the tokenizer's files by the names that PaddleNLP gives them in a folder."""
        ...

    def settings(self) -> Mapping[str, Any]:
        """Return settings of the tokenizer that hold unless its files have others."""
        ...

    def weights(self) -> Path:
        """Return the file of the weights."""
        ...

    def weight_bytes(self) -> int | None:
        """Return the size of the weights, None when it is not known."""
        ...

    def card(self) -> dict[str, Any]:
        """Return what is said of the model: license, datasets, tags, downloads, likes."""
        ...


class FolderFiles:
    """A folder that PaddleNLP or gft left; in a fitted folder, what is in `paddle` there."""

    def __init__(self, folder: Path, name: str, local: bool = True) -> None:
        """Look at what is there. Raises `UserError` when it is no model in Paddle's form."""
        self.name = name
        self.folder = folder if local else None
        inside = folder / INSIDE
        self.place = inside if weight_file(folder) is None and weight_file(inside) else folder
        self.config = self.read_config()

    def read_config(self) -> dict[str, Any]:
        """Return the configuration. Raises `UserError` when there is none."""
        if not self.place.is_dir():
            raise UserError(f"{self.name}: no folder {self.place}")
        there = next((self.place / name for name in CONFIGS if (self.place / name).is_file()), None)
        if there is None:
            held = sorted(path.name for path in self.place.iterdir())
            raise UserError(
                f"{self.name}: no {' or '.join(CONFIGS)} in {self.place}, so it is no model in "
                f"PaddleNLP's form; it holds {listed(held, 6)}"
            )
        return read_paddle_config(there, self.name)

    def small(self) -> Mapping[str, Path]:
        """Return the files of the tokenizer."""
        return tokenizer_files(self.place)

    def settings(self) -> Mapping[str, Any]:
        """Return nothing: what there is to say is in its files."""
        return {}

    def weights(self) -> Path:
        """Return the one `.pdparams`. Raises `UserError` that says what is there instead."""
        found = weight_file(self.place)
        if found is not None:
            return found
        held = sorted(path.name for path in self.place.iterdir())
        other = "; it is in transformers' form: write H:PATH" if weight_files(held) else ""
        several = [name for name in held if name.endswith(SUFFIX)]
        which = f", and {listed(several)} are several" if several else ""
        raise UserError(
            f"{self.name} has no model_state{SUFFIX}{which}; it holds {listed(held, 6)}{other}"
        )

    def weight_bytes(self) -> int | None:
        """Return the size of the weights, None if there are none."""
        found = weight_file(self.place)
        return found.stat().st_size if found else None

    def card(self) -> dict[str, Any]:
        """Return what the README.md of the folder says in its header."""
        return front_matter(self.place / CARD)


class HubFiles:
    """A repository of the hub whose weights are Paddle's."""

    def __init__(self, repository: Repository, options: Options) -> None:
        """Fetch the configuration. Raises `UserError` or `GftError`."""
        self.name = f"H:{repository.name}"
        self.repository = repository
        self.options = options
        self.folder: Path | None = None
        config = next(name for name in CONFIGS if name in repository.files)
        self.config = read_paddle_config(self._fetch([config]) / config, self.name)

    def small(self) -> Mapping[str, Path]:
        """Return the files of the tokenizer."""
        return tokenizer_files(self._fetch(small_files(self.repository.files, False)))

    def settings(self) -> Mapping[str, Any]:
        """Return nothing: what there is to say is in its files."""
        return {}

    def weights(self) -> Path:
        """Return the file of the weights."""
        name = str(paddle_weights_in(self.repository.files))
        return self._fetch([name]) / name

    def weight_bytes(self) -> int | None:
        """Return the size of the weights as the hub lists it."""
        return self.repository.files[str(paddle_weights_in(self.repository.files))]

    def card(self) -> dict[str, Any]:
        """Return what the hub says of the model."""
        return dict(self.repository.card)

    def _fetch(self, names: Iterable[str]) -> Path:
        from gft.suppliers.hub.repository import fetch

        return fetch(self.repository, names, self.options)


def paddle_weights_in(names: Iterable[str]) -> str | None:
    """Return the weights among names of files that only Paddle reads, None if others do too."""
    every = sorted(names)
    if weight_files(every):
        return None
    found = [name for name in every if name.endswith(SUFFIX) and "/" not in name]
    usual = f"model_state{SUFFIX}"
    return usual if usual in found else found[0] if len(found) == 1 else None


def is_paddle_folder(folder: Path) -> bool:
    """Say whether a folder holds a model that only Paddle reads."""
    return folder.is_dir() and paddle_weights_in(path.name for path in folder.iterdir()) is not None


def weight_file(folder: Path) -> Path | None:
    """Return the weights in a folder: `model_state.pdparams`, or the only file of its kind."""
    usual = folder / f"model_state{SUFFIX}"
    if usual.is_file():
        return usual
    found = sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []
    return found[0] if len(found) == 1 else None


def tokenizer_files(folder: Path) -> dict[str, Path]:
    """Return the files of a tokenizer in a folder by their names."""
    return {name: folder / name for name in _TOKENIZER if (folder / name).is_file()}


def read_paddle_config(path: Path, name: str) -> dict[str, Any]:
    """Return a configuration, flattened. Raises `UserError`, calling the model `name`."""
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as problem:
        raise UserError(f"{name}: {path} cannot be read: {first_line(problem)}") from problem
    if not isinstance(config, dict):
        raise UserError(f"{name}: {path} holds a {type(config).__name__}, expected an object")
    return flattened(config)
