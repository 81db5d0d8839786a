"""Supplier C: the local file system."""

from __future__ import annotations

import os
from pathlib import Path

from gft.data.files import read_data
from gft.data.table import DataSet
from gft.errors import UserError, listed
from gft.language.program import Options
from gft.language.spec import Spec
from gft.suppliers.protocol import ModelSource

OLD_BEST = "best"
"""The first gft left its model in `OUTPUT_DIR/best`, and scripts still say so."""


class Local:
    """Files of one's own, and folders that gft_fit left."""

    letter = "C"
    names: tuple[str, ...] = ("Custom",)

    def data(self, spec: Spec, options: Options) -> DataSet:
        """Return the data at a path; `--data_dir` is where relative ones are."""
        key = spec.key
        if options.data_dir and not Path(os.path.expandvars(key)).expanduser().is_absolute():
            key = str(Path(options.data_dir) / key)
        return read_data(key)

    def model(self, spec: Spec, options: Options) -> ModelSource:
        """Return the model in a folder."""
        from gft.suppliers.transformers_model import TransformersSource

        folder = model_folder(spec.key)
        return TransformersSource(spec, folder, {"supplier": "C", "path": str(folder)}, options)


def model_folder(key: str) -> Path:
    """Return the folder of a model. Raises `UserError` when there is none."""
    folder = Path(os.path.expandvars(key)).expanduser()
    if not folder.exists() and folder.name == OLD_BEST and folder.parent.is_dir():
        folder = folder.parent
    if not folder.is_dir():
        beside = folder.parent
        there = sorted(e.name for e in beside.iterdir() if e.is_dir()) if beside.is_dir() else []
        raise UserError(f"no model folder {folder}; {beside} holds {listed(there, 8)}")
    if not (folder / "config.json").is_file():
        if any(folder.glob("checkpoint-*")):
            raise UserError(
                f"{folder} holds an unfinished fit: the same gft_fit command goes on with it"
            )
        there = sorted(entry.name for entry in folder.iterdir())
        raise UserError(f"{folder} holds no model (no config.json); it holds {listed(there, 8)}")
    return folder
