"""The covariates' part of a model as files: the design in JSON, weights in safetensors.

Nothing in them is executed, and whatever is wrong with them is one `UserError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gft.covariates.design import Design
from gft.errors import UserError, first_line
from gft.language.json_text import parsed_json

SETTINGS = "covariates.json"
"""What train taught about the covariates."""
NUMBERS = "covariates.safetensors"
"""The weights of their effects."""
FORMAT = 1


def settings_of(design: Design) -> dict[str, Any]:
    """Return what `covariates.json` says of a design."""
    return {"covariates_format": FORMAT, **design.saved()}


def read_settings(file: Path) -> Mapping[str, Any]:
    """Return what `covariates.json` holds. Raises `UserError` that names it."""
    try:
        found = parsed_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"no {file}: the model is not whole without its covariates") from None
    except (OSError, ValueError) as problem:
        raise UserError(f"{file} cannot be read: {first_line(problem)}") from None
    if not isinstance(found, dict):
        raise UserError(f"{file} holds a {type(found).__name__}, expected an object")
    if found.get("covariates_format") != FORMAT:
        raise UserError(f"{file} was written by another version of gft")
    return found


def read_design(file: Path) -> Design:
    """Return the design in `covariates.json`. Raises `UserError` that names the file."""
    settings = read_settings(file)
    try:
        return Design.restore(settings)
    except ValueError as problem:
        raise UserError(f"{file} is broken: {problem}") from None
