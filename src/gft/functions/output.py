"""Whether an output folder can hold what a fit writes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gft.engine import checkpoints
from gft.errors import UserError
from gft.folder import OutputFolder
from gft.functions.options import Fitting
from gft.language.program import Options
from gft.storage.space import existing, free_bytes, in_words

if TYPE_CHECKING:
    from gft.suppliers.protocol import ModelSource


def check_writable(path: Path) -> None:
    """Raise `UserError` if there cannot be a folder at a path, or nothing be written into it."""
    parent = existing(path)
    if not parent.is_dir():
        raise UserError(f"--output_dir {path}: {parent} is a file")
    if not os.access(parent, os.W_OK):
        raise UserError(f"--output_dir {path}: {parent} cannot be written to")


def check_disk(folder: OutputFolder, source: ModelSource, options: Options) -> None:
    """Raise `UserError` if three checkpoints and the model of each fit do not fit on the disk.

    What gft wrote into the folder before makes room for them.
    """
    weights = source.weight_bytes()
    if not weights:
        return
    fitting = options.of(Fitting)
    beside = (fitting.seeds or 0) + (3 if fitting.learning_curve else 0)
    needed = checkpoints.bytes_needed(weights, options) + beside * weights
    free = free_bytes(folder.path) + folder.replaced_bytes()
    if free < needed:
        raise UserError(
            f"--output_dir {folder.path}: {in_words(free)} are free there and "
            f"{in_words(needed)} are needed (three checkpoints and the model)"
        )
