"""Where the files of a model are: in a folder here, or somewhere to be fetched from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from gft.errors import UserError, first_line
from gft.language.json_text import parsed_json
from gft.storage.manifest import check_model
from gft.suppliers.cards import CARD, front_matter
from gft.suppliers.weights import parameters_in


class ModelFiles(Protocol):
    """The files of one model: their names are known, and they are fetched as they are needed."""

    origin: Mapping[str, Any]
    """Where they come from, for `gft.json`: supplier, name or path, commit."""
    folder: Path | None
    """The folder here that the model was asked for by, None when it has a name elsewhere."""

    @property
    def sizes(self) -> Mapping[str, int | None]:
        """The size of each file in bytes by its name, None where it is not known."""
        ...

    def fetch(self, names: Iterable[str]) -> Path:
        """Return a folder here that holds these files. Raises `GftError`."""
        ...

    def card(self) -> dict[str, Any]:
        """Return what the model's card says: license, datasets, tags, downloads, likes."""
        ...

    def parameters(self) -> int | None:
        """Return how many numbers the weights are, None when it is not known without them."""
        ...


class LocalFiles:
    """The files of a model in a folder of the local file system."""

    def __init__(self, folder: Path, origin: Mapping[str, Any]) -> None:
        self.folder: Path | None = folder
        self.local = folder
        self.origin = origin

    @property
    def sizes(self) -> Mapping[str, int | None]:
        """The size of each file in bytes by its name; none where there is no folder."""
        if not self.local.is_dir():
            return {}
        return {path.name: path.stat().st_size for path in self.local.iterdir() if path.is_file()}

    def fetch(self, names: Iterable[str]) -> Path:
        """Return the folder. Raises `Damaged` if gft wrote the files and they are incomplete."""
        check_model(self.local, names)
        return self.local

    def card(self) -> dict[str, Any]:
        """Return what the README.md of the folder says in its header."""
        return front_matter(self.local / CARD)

    def parameters(self) -> int | None:
        """Return how many numbers the weights are, None unless they are safetensors."""
        return parameters_in(self.local)


def read_json(path: Path, name: str) -> dict[str, Any]:
    """Return the object in a JSON file. Raises `UserError`, calling what it belongs to `name`."""
    try:
        found = parsed_json(read_text(path, name))
    except ValueError as problem:
        raise UserError(f"{name}: {path} cannot be read: {first_line(problem)}") from problem
    if not isinstance(found, dict):
        raise UserError(f"{name}: {path} holds a {type(found).__name__}, expected an object")
    return found


def read_text(path: Path, name: str) -> str:
    """Return the text in a file. Raises `UserError`, calling what it belongs to `name`."""
    try:
        return path.read_text(encoding="utf-8")
    except (ValueError, OSError) as problem:
        raise UserError(f"{name}: {path} cannot be read: {first_line(problem)}") from problem
