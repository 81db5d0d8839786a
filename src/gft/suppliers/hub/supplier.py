"""Supplier H: Hugging Face's hub, or folders in the form of its libraries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft import notes
from gft.data.folders import path_of
from gft.errors import UserError
from gft.language.options import Shared
from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.files import LocalFiles, ModelFiles
from gft.suppliers.options import Searching
from gft.suppliers.protocol import Found, ModelSource, Search, Supplier

if TYPE_CHECKING:
    from gft.data.table import DataSet
    from gft.suppliers.hub.repository import Repository


class HuggingFace(Supplier):
    """Models and data sets by the names they have on the hub, old or new, or by a path."""

    letter = "H"
    names = ("HuggingFace", "HF")
    is_usual = True
    searched = "the Hugging Face hub"
    has_tags = True

    def data(self, spec: Spec, options: Options) -> DataSet:
        """Return a data set of the hub, or of a folder."""
        if spec.is_path:
            return self.data_at(path_of(spec), options)
        from gft.suppliers.hub.data import hub_data

        return hub_data(spec, options)

    def model(self, spec: Spec, options: Options) -> ModelSource:
        """Return a model of the hub, of which only `config.json` is downloaded, or of a folder."""
        from gft.suppliers.opening import open_model

        return open_model(spec, self._files(spec, options), options)

    def processor(self, spec: Spec, options: Options) -> Any:
        """Return what is in a repository, which need not be a model, or in a folder."""
        from gft.suppliers.processors import read_processor
        from gft.suppliers.weights import small_files

        files, code = self._files(spec, options), options.of(Shared).trust_remote_code
        return read_processor(files.fetch(small_files(files.sizes, code)), str(spec), code)

    def search(self, search: Search, options: Options) -> tuple[list[Found], bool]:
        """Return what the hub's own search finds, most downloads first."""
        from gft.suppliers.hub.search import search_hub

        return search_hub(search, options)

    def tags_of_data(self, spec: Spec, options: Options) -> tuple[str, ...]:
        """Return `dataset:NAME` for each name of a data set; one name needs no request."""
        if spec.supplier != self.letter or spec.is_path:
            raise UserError(
                f"--data {spec}: models of the hub name only data sets of the hub; give one: H:NAME"
            )
        if spec.config:
            notes.note(f"cards name data sets without configuration: {spec.key} is searched for")
        names = [spec.key]  # Cards may speak of it as emotion, or as dair-ai/emotion.
        if not options.of(Searching).fast_mode:
            from gft.suppliers.hub.repository import find_repository
            from gft.suppliers.quiet import quieten

            quieten(options.of(Shared).debug, "huggingface_hub")
            names.append(find_repository("dataset", spec.key, None, options).name)
        return tuple(f"dataset:{name}" for name in dict.fromkeys(names))

    def tags_of_task(self, spellings: tuple[str, ...]) -> tuple[str, ...]:
        """Return those spellings of a task that are tags of the hub."""
        from gft.suppliers.hub.search import pipeline_tags

        return pipeline_tags(spellings)

    def visibility(self, spec: Spec, options: Options) -> str | None:
        """Return whether a repository of the hub is public or private, None where there is none."""
        from gft.suppliers.hub.publish import visibility

        return visibility(spec.key, options)

    def publish(
        self,
        spec: Spec,
        files: Mapping[str, bytes | Path],
        ours: Callable[[str], bool],
        private: bool,
        options: Options,
    ) -> str:
        """Put files into a repository of the hub; return its address."""
        from gft.suppliers.hub.publish import publish
        from gft.suppliers.quiet import quieten

        quieten(options.of(Shared).debug, "huggingface_hub")
        return publish(spec.key, files, ours, private, options)

    def _files(self, spec: Spec, options: Options) -> ModelFiles:
        """Return the files of a model. Raises `UserError` or `GftError` for what the hub lacks."""
        if spec.is_path:
            folder = path_of(spec)
            return LocalFiles(folder, {"supplier": self.letter, "path": str(folder)})
        from gft.suppliers.hub.repository import find_repository
        from gft.suppliers.quiet import quieten

        quieten(options.of(Shared).debug, "huggingface_hub")
        return HubFiles(find_repository("model", spec.key, spec.revision, options), options)


class HubFiles:
    """The files of a repository of the hub at one commit; they are downloaded as needed."""

    folder: Path | None = None

    def __init__(self, repository: Repository, options: Options) -> None:
        self.repository = repository
        self.options = options
        self.origin: Mapping[str, Any] = {
            "supplier": HuggingFace.letter,
            "repository": repository.name,
            "commit": repository.commit,
        }

    @property
    def sizes(self) -> Mapping[str, int | None]:
        """The size of each file in bytes by its name, as the hub lists it."""
        return self.repository.files

    def fetch(self, names: Iterable[str]) -> Path:
        """Return the folder of the cache that holds these files. Raises `GftError`."""
        from gft.suppliers.hub.repository import fetch

        return fetch(self.repository, names, self.options)

    def card(self) -> dict[str, Any]:
        """Return what the hub says: tags, pipeline_tag, downloads, likes, license, datasets."""
        return dict(self.repository.card)

    def parameters(self) -> int | None:
        """Return the number of parameters as the hub has read it from the files."""
        return self.repository.card.get("parameters")
