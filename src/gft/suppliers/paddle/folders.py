"""A model's files in PaddleNLP's form: in a folder, or in a repository of the hub."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gft.errors import UserError, listed
from gft.suppliers.files import LocalFiles, ModelFiles, read_json
from gft.suppliers.paddle.config import flattened
from gft.suppliers.paddle.form import (
    CONFIGS,
    INSIDE,
    SUFFIX,
    TOKENIZER,
    WEIGHTS,
    weights_among,
)
from gft.suppliers.weights import small_files, weight_files

_TOKENIZER = (*TOKENIZER, "added_tokens.json", "spiece.model", "sentencepiece.bpe.model")


class PaddleFiles(ABC):
    """Where the files of one model are; `config` is its configuration, flattened."""

    name: str
    config: dict[str, Any]
    folder: Path | None = None
    """The folder that the model was asked for by, None when it has a name."""

    @abstractmethod
    def small(self) -> Mapping[str, Path]:
        """Return the tokenizer's files by the names that PaddleNLP gives them in a folder."""

    @abstractmethod
    def weights(self) -> Path:
        """Return the file of the weights. Raises `UserError` or `GftError` if there is none."""

    @abstractmethod
    def weight_bytes(self) -> int | None:
        """Return the size of the weights, None when it is not known."""

    def settings(self) -> Mapping[str, Any]:
        """Return settings of the tokenizer that hold unless its files have others."""
        return {}

    def card(self) -> dict[str, Any]:
        """Return what the model's card says: license, datasets, tags, downloads, likes."""
        return {}


class FormFiles(PaddleFiles):
    """A model in PaddleNLP's form, in a folder or in a repository of a hub."""

    def __init__(self, files: ModelFiles, name: str) -> None:
        """Read the configuration. Raises `UserError` when there is none."""
        self.name = name
        self.files = files
        self.folder = files.folder
        there = next((one for one in CONFIGS if one in files.sizes), None)
        if there is None:
            where = f" in {files.folder}" if files.folder else ""
            raise UserError(
                f"{name}: no {' or '.join(CONFIGS)}{where}, so it is not a model in PaddleNLP's "
                "form; "
                f"it holds {listed(sorted(files.sizes), 6)}"
            )
        self.config = flattened(read_json(files.fetch([there]) / there, name))

    def small(self) -> Mapping[str, Path]:
        """Return the files of the tokenizer."""
        folder = self.files.fetch(small_files(self.files.sizes, False))
        return {name: folder / name for name in _TOKENIZER if (folder / name).is_file()}

    def weights(self) -> Path:
        """Return the one `.pdparams`. Raises `UserError` that says what is there instead."""
        found = weights_among(self.files.sizes)
        if found is not None:
            return self.files.fetch([found]) / found
        held = sorted(self.files.sizes)
        other = "; it is in transformers' form: write H:PATH" if weight_files(held) else ""
        several = [name for name in held if name.endswith(SUFFIX)]
        which = f", and {listed(several)} are several" if several else ""
        raise UserError(f"{self.name} has no {WEIGHTS}{which}; it holds {listed(held, 6)}{other}")

    def weight_bytes(self) -> int | None:
        """Return the size of the weights, None if there are none or it is not known."""
        return self.files.sizes.get(weights_among(self.files.sizes) or "")

    def card(self) -> dict[str, Any]:
        """Return what the model's card says where its files are."""
        return self.files.card()


def read_folder(folder: Path, name: str) -> FormFiles:
    """Return a folder that PaddleNLP or gft left; of a fitted folder, what is in `paddle` there.

    Raises `UserError` when it is no model in Paddle's form.
    """
    if not folder.is_dir():
        raise UserError(f"{name}: no folder {folder}")
    inside = folder / INSIDE
    holding = inside if weight_file(folder) is None and weight_file(inside) else folder
    found = FormFiles(LocalFiles(holding, {}), name)
    found.folder = folder
    return found


def weight_file(folder: Path) -> Path | None:
    """Return the weights in a folder, None if there are none."""
    found = weights_among(path.name for path in folder.iterdir()) if folder.is_dir() else None
    return folder / found if found else None
