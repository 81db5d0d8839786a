"""The covariates' part of a model as files: the design in JSON, weights in safetensors.

Nothing in them is executed, and whatever is wrong with them is one `UserError`.
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
"""The names of what is in `NUMBERS`."""


def write_covariates(
    folder: Path, design: Design, effects: Effects, outputs: Sequence[str]
) -> None:
    """Write a design and the effects that a model has for it into a folder, which exists.

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
    """Return the object that a file of JSON holds, in which `mark` says the version of its form.

    Raises `UserError` that names the file.
    """
    try:
        found = parsed_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise UserError(f"{file} cannot be read: {first_line(problem)}") from None
    if not isinstance(found, dict):
        raise UserError(f"{file} holds a {type(found).__name__}, expected an object")
    if found.get(mark) != version:
        raise UserError(f"{file} was written by another version of gft")
    return found


def read_design(file: Path) -> Design:
    """Return the design in `covariates.json`. Raises `UserError` that names the file."""
    settings = read_settings(file)
    try:
        return Design.restore(settings)
    except ValueError as problem:
        raise UserError(f"{file} is broken: {problem}") from None


def read_effects(folder: Path, design: Design, outputs: Sequence[str]) -> Effects:
    """Return the effects in a folder for a design and a model's outputs, by their names in order.

    Raises `UserError` that names the file and what is wrong with it.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    file = folder / NUMBERS
    if read_settings(folder / SETTINGS).get("outputs") != list(outputs):
        raise UserError(
            f"{folder / SETTINGS} is broken: its outputs are not those of the model, "
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
    """Raise `UserError` for what are not finite numbers of a shape."""
    if found is None or found.dtype != np.float32 or found.shape != shape:
        told = "nothing" if found is None else f"{found.dtype} of shape {found.shape}"
        raise UserError(f"{file} is broken: {name} is {told}, expected float32 of shape {shape}")
    if not np.isfinite(found).all():
        raise UserError(f"{file} is broken: {name} holds what is no number")


def _check(file: Path) -> None:
    """Raise `GftError` for a file that is not there, or not as it was written."""
    if not file.is_file():
        raise UserError(f"no {file}: the model is not whole without its covariates")
    check_file(file)
