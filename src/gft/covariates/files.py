"""The covariates of a model as files: the design in JSON, weights in safetensors.

Nothing in them is executed; every defect is one `UserError`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gft.covariates.covariates import NUMBERS, SETTINGS
from gft.covariates.design import Design
from gft.covariates.effects import Effects
from gft.errors import UserError, first_line, listed
from gft.language.json_text import parsed_json
from gft.metrics.protocol import Array
from gft.storage.manifest import check_file

FORMAT = 1
WEIGHTS, GAIN = "weights", "gain"
"""The names of the arrays in `NUMBERS`."""


def write_covariates(
    folder: Path, design: Design, effects: Effects, outputs: Sequence[str]
) -> None:
    """Write a design and its effects into a folder, which exists.

    `outputs` are the names of the model's outputs, in the order of the weights' rows.
    """
    from safetensors.numpy import save_file

    write_design(folder, design, outputs)
    arrays = {WEIGHTS: effects.weights, GAIN: effects.gain}
    save_file({name: np.ascontiguousarray(one) for name, one in arrays.items()}, folder / NUMBERS)


def write_design(folder: Path, design: Design, outputs: Sequence[str]) -> None:
    """Write a design alone, of a model whose weights are elsewhere, into a folder, which exists."""
    settings = {"covariates_format": FORMAT, **design.saved(), "outputs": list(outputs)}
    (folder / SETTINGS).write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")


def read_settings(file: Path) -> Mapping[str, Any]:
    """Return what `covariates.json` holds. Raises `UserError` that names it."""
    _check(file)
    return settings_of(file, "covariates_format", FORMAT)


def settings_of(file: Path, mark: str, version: int) -> Mapping[str, Any]:
    """Return the object in a file of JSON, whose key `mark` has the version of its format.

    Raises `UserError` that names the file.
    """
    try:
        found = parsed_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise UserError(f"{file} cannot be read: {first_line(problem)}") from None
    if not isinstance(found, dict):
        raise UserError(f"{file} holds a {type(found).__name__}, expected an object")
    if found.get(mark) != version:
        raise UserError(
            f"{file} was written by another version of gft: use that version, or fit again"
        )
    return found


def read_design(file: Path) -> Design:
    """Return the design in `covariates.json`. Raises `UserError` that names the file."""
    settings = read_settings(file)
    try:
        return Design.restore(settings)
    except ValueError as problem:
        raise UserError(f"{file} is broken: {problem}") from None


def read_effects(folder: Path, design: Design, outputs: Sequence[str]) -> Effects:
    """Return the effects in a folder for a design and the names of a model's outputs.

    Raises `UserError` that names the file and what is wrong with it.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    file = folder / NUMBERS
    if read_settings(folder / SETTINGS).get("outputs") != list(outputs):
        raise UserError(
            f"{folder / SETTINGS} is broken: its outputs are not those of the model: "
            f"{listed(outputs, 6)}"
        )
    _check(file)
    try:
        found: dict[str, Array] = load_file(file)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, MemoryError) as problem:
        raise UserError(f"{file} cannot be read: {first_line(problem)}") from None
    for name, shape in ((WEIGHTS, (len(outputs), design.width)), (GAIN, (design.width,))):
        _check_array(file, name, found.get(name), shape)
    return Effects(found[WEIGHTS], found[GAIN])


def _check_array(file: Path, name: str, found: Array | None, shape: tuple[int, ...]) -> None:
    """Raise `UserError` unless an array has finite numbers and the right shape."""
    if found is None or found.dtype != np.float32 or found.shape != shape:
        holds = "nothing" if found is None else f"{found.dtype} of shape {found.shape}"
        raise UserError(f"{file} is broken: {name} is {holds}, expected float32 of shape {shape}")
    if not np.isfinite(found).all():
        raise UserError(f"{file} is broken: {name} holds a value that is not finite")


def _check(file: Path) -> None:
    """Raise `GftError` for a file that is missing, or has changed since it was written."""
    if not file.is_file():
        raise UserError(f"{file} is missing: the model is not complete without its covariates")
    check_file(file)
