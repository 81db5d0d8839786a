"""Supplier H: Hugging Face's hub, or folders in the form of its libraries."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from gft.data.table import DataSet
from gft.errors import UserError
from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.hub import Repository, find_repository, hub_errors
from gft.suppliers.protocol import ModelSource
from gft.suppliers.transformers_model import TransformersSource

SMALL_FILES = ("*.json", "*.txt", "*.model", "*.tiktoken", "*.jinja", "*.py")


class HuggingFace:
    """Models and data sets by the names they have on the hub, old or new."""

    letter = "H"
    names: tuple[str, ...] = ("HuggingFace", "HF")

    def data(self, spec: Spec, options: Options) -> DataSet:
        """Return a data set of the hub."""
        from gft.suppliers.hub_data import hub_data

        if spec.is_path:
            from gft.data.files import read_data

            return read_data(spec.key)
        return hub_data(spec, options)

    def model(self, spec: Spec, options: Options) -> ModelSource:
        """Return a model of the hub: only its `config.json` is downloaded."""
        if spec.is_path:
            folder = Path(os.path.expandvars(spec.key)).expanduser()
            if not folder.is_dir():
                raise UserError(f"no model folder {folder}")
            return TransformersSource(spec, folder, {"supplier": "H", "path": str(folder)}, options)
        repository = find_repository("model", spec.key, spec.revision)
        if "config.json" not in repository.files:
            raise UserError(f"H:{spec.key} has no config.json; transformers cannot load it")
        return HubModel(spec, repository, options)


class HubModel(TransformersSource):
    """A model of the hub, fetched file by file as it is needed."""

    def __init__(self, spec: Spec, repository: Repository, options: Options) -> None:
        self.repository = repository
        self.options = options
        self.spec = spec
        folder = self._fetch(["config.json"])
        origin = {"supplier": "H", "repository": repository.name, "commit": repository.commit}
        super().__init__(spec, folder, origin, options)
        self.folder = None

    def processor(self) -> Any:
        """Fetch the tokenizer's files, and load it."""
        self._fetch([name for name in self.repository.files if _is_small(name)])
        return super().processor()

    def weight_files(self) -> dict[str, int]:
        """Return the files of the weights and their sizes, as the hub lists them."""
        return self.choose_weights(self.repository.files)

    def fetch_weights(self) -> None:
        """Download the weights."""
        self._fetch([*self.weight_files(), *(n for n in self.repository.files if _is_small(n))])

    def _fetch(self, files: list[str]) -> Path:
        import huggingface_hub

        with hub_errors(f"model {self.spec}"):
            return Path(
                huggingface_hub.snapshot_download(
                    self.repository.name,
                    revision=self.repository.commit,
                    allow_patterns=files,
                    cache_dir=self.options.cache_dir,
                    token=self.options.hub_token,
                )
            )


def _is_small(name: str) -> bool:
    path = Path(name)
    return len(path.parts) == 1 and any(path.match(form) for form in SMALL_FILES)
