"""Supplier C: the local file system."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft.baselines.protocol import SETTINGS
from gft.data.folders import path_of
from gft.errors import UserError, listed, nearest
from gft.language.options import Shared
from gft.language.program import Options
from gft.language.spec import Spec
from gft.storage.paths import expanded
from gft.suppliers.files import LocalFiles
from gft.suppliers.graph_model import GUIDE
from gft.suppliers.protocol import ModelSource, Supplier

if TYPE_CHECKING:
    from gft.data.table import DataSet

OLD_BEST = "best"
"""The first gft left its model in `OUTPUT_DIR/best`, and scripts still say so."""
FINISHED = "gft.json"
FINISHING = ".gft-finishing"
"""Where the files of a fit are before they count; some may have been moved already."""
MODEL_FILES = ("config.json", "adapter_config.json", SETTINGS, GUIDE)
"""A folder with one of these is a model: a net, an adapter for one elsewhere, a linear one, or a
graph without its model."""


class Local(Supplier):
    """Files of one's own, and folders that gft_fit left."""

    letter = "C"
    names = ("Custom",)
    is_of_paths = True

    def data(self, spec: Spec, options: Options) -> DataSet:
        """Return the data at a path; `--data_dir` is the folder that relative ones are in."""
        path = path_of(spec)
        if options.of(Shared).data_dir:
            # An absolute path stays what it is.
            path = expanded(str(options.of(Shared).data_dir)) / path
        return self.data_at(path, options, spec.config)

    def model(self, spec: Spec, options: Options) -> ModelSource:
        """Return the model in a folder; only its configuration is read."""
        from gft.suppliers.opening import open_model

        folder = model_folder(path_of(spec))
        origin = {"supplier": self.letter, "path": str(folder.resolve())}
        return open_model(spec, LocalFiles(folder, origin), options)

    def processor(self, spec: Spec, options: Options) -> Any:
        """Return what is in a folder, which need not be a model."""
        from gft.suppliers.processors import read_processor

        return read_processor(path_of(spec), str(spec), options.of(Shared).trust_remote_code)


def model_folder(folder: Path) -> Path:
    """Return the folder of a model. Raises `UserError` that says what is there instead."""
    if folder.name == OLD_BEST and not folder.exists() and folder.parent.is_dir():
        folder = folder.parent
    if folder.is_file():
        raise UserError(f"{folder} is a file; a model is a folder with a config.json in it")
    if not folder.is_dir():
        raise UserError(_missing(folder))
    if (folder / FINISHING).is_dir() and not (folder / FINISHED).exists():
        raise UserError(_unfinished(folder))
    if not any((folder / name).is_file() for name in MODEL_FILES):
        raise UserError(_no_model(folder))
    return folder


def _missing(folder: Path) -> str:
    parent = folder.parent
    if not parent.is_dir():
        return f"no model at {folder}: there is no folder {parent}"
    names = sorted(entry.name for entry in parent.iterdir() if entry.is_dir())
    near = nearest(folder.name, names)
    hint = f" (did you mean {near!r}?)" if near else ""
    return f"no model folder {folder}{hint}; the folders in {parent} are: {listed(names, 8)}"


def _no_model(folder: Path) -> str:
    names = sorted(entry.name for entry in folder.iterdir())
    unfinished = any(name.startswith("checkpoint-") for name in names) and FINISHED not in names
    if unfinished:
        return _unfinished(folder)
    return f"{folder} holds no model: it has no config.json; it holds {listed(names, 8)}"


def _unfinished(folder: Path) -> str:
    return f"{folder} is an unfinished fit: run the same gft_fit again to continue it"
