"""A graph that gft_export wrote into a folder of its own: no weights that torch would load."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from gft.errors import UserError
from gft.language.spec import Spec
from gft.suppliers.files import ModelFiles
from gft.suppliers.protocol import Loaded, ModelSource

if TYPE_CHECKING:
    from gft.request import ModelRequest

GUIDE = "predict.json"
"""The file beside a graph that says what it takes and gives."""
_CONFIG = "config.json"


def is_graph(names: Collection[str]) -> bool:
    """Say whether files with these names are a graph without its model."""
    return GUIDE in names and _CONFIG not in names


class GraphSource(ModelSource):
    """A graph without its model: it is only applied."""

    def __init__(self, spec: Spec, files: ModelFiles) -> None:
        self.spec = spec
        self.config: Mapping[str, Any] = {"model_type": "graph"}
        self.origin = files.origin
        self._names = frozenset(files.sizes)
        self.folder: Path | None = files.fetch(self._names)

    def has_file(self, name: str) -> bool:
        """Say whether a file of that name is beside the graph."""
        return name in self._names

    def processor(self) -> None:
        """Raise `UserError`: the graph's tokenizer is read by what runs the graph."""
        self._refuse()

    def load(self, request: ModelRequest) -> Loaded:
        """Raise `UserError`: there is no net."""
        self._refuse()

    def untrained(self, request: ModelRequest) -> Loaded:
        """Raise `UserError`: there is no net."""
        self._refuse()

    def write(self, loaded: Loaded, folder: Path) -> None:
        """Raise `UserError`: there is no net."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise UserError(
            f"{self.spec} is a graph without its model: gft_predict, gft_eval and gft_serve take "
            "it; for everything else name the model that it was exported from"
        )
