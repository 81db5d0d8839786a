"""Supplier H: Hugging Face's hub, or folders in the form of its libraries."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft.data.table import DataSet
from gft.errors import UserError, listed
from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.adapter_source import ADAPTER_FILES, AdapterSource, is_adapter, open_folder
from gft.suppliers.paddle.folders import (
    CONFIGS,
    FolderFiles,
    HubFiles,
    is_paddle_folder,
    paddle_weights_in,
)
from gft.suppliers.protocol import Found, ModelSource, Search
from gft.suppliers.transformers_model import CONFIG, TransformersSource, check_weights
from gft.suppliers.weights import small_files, weight_files

if TYPE_CHECKING:
    from gft.suppliers.hub.repository import Repository


class HuggingFace:
    """Models and data sets by the names they have on the hub, old or new, or by a path."""

    letter = "H"
    names: tuple[str, ...] = ("HuggingFace", "HF")

    def data(self, spec: Spec, options: Options) -> DataSet:
        """Return a data set of the hub, or of a folder."""
        if spec.is_path:
            from gft.data.files import read_data

            data = read_data(spec.key)
            return replace(data, origin={**data.origin, "supplier": "H"})
        from gft.suppliers.hub.data import hub_data

        return hub_data(spec, options)

    def model(self, spec: Spec, options: Options) -> ModelSource:
        """Return a model of the hub, of which only `config.json` is downloaded, or of a folder."""
        if spec.is_path:
            folder = Path(os.path.expandvars(spec.key)).expanduser()
            origin = {"supplier": "H", "path": str(folder)}
            if is_paddle_folder(folder):
                from gft.suppliers.paddle.model import PaddleModel

                return PaddleModel(spec, FolderFiles(folder, str(spec)), origin, options)
            return open_folder(spec, folder, origin, options)
        return _hub_model(spec, options)

    def search(self, search: Search, options: Options) -> tuple[list[Found], bool]:
        """Return what the hub's own search finds, most downloads first."""
        from gft.suppliers.hub.search import search_hub

        return search_hub(search, options)

    def tags_of_data(self, spec: Spec, options: Options) -> tuple[str, ...]:
        """Return `dataset:NAME` for each name of a data set; one name needs no request."""
        from gft.suppliers.hub.search import names_of_data

        names = (spec.key,) if options.fast_mode else names_of_data(spec.key, options)
        return tuple(f"dataset:{name}" for name in names)

    def tags_of_task(self, spellings: tuple[str, ...]) -> tuple[str, ...]:
        """Return those spellings of a task that are tags of the hub."""
        from gft.suppliers.hub.search import pipeline_tags

        return pipeline_tags(spellings)


def _hub_model(spec: Spec, options: Options) -> ModelSource:
    """Find a model on the hub and read its configuration. Raises `UserError` or `GftError`."""
    from gft.suppliers.hub.repository import find_repository
    from gft.suppliers.quiet import quieten

    quieten(options.debug, "huggingface_hub")
    repository = find_repository("model", spec.key, spec.revision, options)
    if paddle_weights_in(repository.files) and set(CONFIGS) & set(repository.files):
        from gft.suppliers.paddle.model import PaddleModel

        return PaddleModel(spec, HubFiles(repository, options), _origin(repository), options)
    adapter = _adapter(spec, repository, options)
    if adapter is not None:
        return adapter
    if CONFIG not in repository.files:
        raise UserError(
            f"{spec} has no {CONFIG}, so it is no model in transformers' form; "
            f"it holds {listed(repository.files, 6)}"
        )
    return HubModel(spec, repository, options)


class HubModel(TransformersSource):
    """A model of the hub at one commit; its files are downloaded as they are needed."""

    def __init__(self, spec: Spec, repository: Repository, options: Options) -> None:
        """Read the configuration. Raises `UserError` or `GftError`."""
        from gft.suppliers.hub.repository import fetch

        self.repository = repository
        super().__init__(spec, fetch(repository, [CONFIG], options), _origin(repository), options)
        self.folder = None

    def card(self) -> dict[str, Any]:
        """Return what the hub says: tags, pipeline_tag, downloads, likes, license, datasets."""
        return dict(self.repository.card)

    def parameters(self) -> int | None:
        """Return the number of parameters as the hub has read it from the files."""
        return self.repository.card.get("parameters") or self._parameters_of_skeleton()

    def weight_bytes(self) -> int | None:
        """Return the size of the weight files as the hub lists them, None if it does not."""
        sizes = [self.repository.files[name] for name in weight_files(self.repository.files)]
        known = [size for size in sizes if size is not None]
        return sum(known) if known and len(known) == len(sizes) else None

    def _small_files(self) -> Path:
        from gft.suppliers.hub.repository import fetch

        code = bool(self.options.trust_remote_code)
        return fetch(self.repository, small_files(self.repository.files, code), self.options)

    def _weight_folder(self) -> Path:
        from gft.suppliers.hub.repository import fetch

        check_weights(self.repository.files, str(self.spec))
        return fetch(self.repository, weight_files(self.repository.files), self.options)


def _adapter(spec: Spec, repository: Repository, options: Options) -> AdapterSource | None:
    """Return the adapter that a repository holds, None if it holds a whole model."""
    from gft.suppliers.hub.repository import fetch

    if not is_adapter(repository.files):
        return None
    small = small_files(repository.files, bool(options.trust_remote_code))
    weights = [name for name in ADAPTER_FILES if name in repository.files][:1]
    found = AdapterSource(
        spec,
        fetch(repository, small, options),
        _origin(repository),
        options,
        lambda: fetch(repository, weights or small, options),
        repository.card,
    )
    found.folder = None
    return found


def _origin(repository: Repository) -> dict[str, Any]:
    return {"supplier": "H", "repository": repository.name, "commit": repository.commit}
