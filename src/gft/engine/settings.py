"""Arguments that are JSON objects, written out or in a file."""

from __future__ import annotations

from typing import Any

from gft.errors import UserError
from gft.language.json_text import parsed_json
from gft.storage.paths import expanded

LARGEST_FILE = 10_000_000
"""More bytes than any settings have."""


def settings_in(option: str, value: Any) -> dict[str, Any]:
    """Return the JSON object of an argument, or of the file that it names.

    Raises `UserError` for a file that does not exist, or holds no JSON object.
    """
    if isinstance(value, str):
        path = expanded(value)
        try:
            if not path.is_file():
                raise UserError(
                    f"{option}: expected a JSON object or the name of a file that holds one; "
                    f"there is no file {value!r}"
                )
            if path.stat().st_size > LARGEST_FILE:
                raise UserError(f"{option}: {value} is too large for a file of settings")
            value = parsed_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as problem:
            raise UserError(f"{option}: {path} cannot be read as JSON: {problem}") from None
    if not isinstance(value, dict):
        raise UserError(f"{option}: expected a JSON object, found {type(value).__name__}")
    return value
