"""A JSON or YAML file of arguments, which may come first on a command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gft.errors import UserError, first_line
from gft.language.json_text import parsed_json

LARGEST_JSON, LARGEST_YAML = 1 << 26, 1 << 20
"""In bytes. The record of a fit with many labels is long; parsing 1 MB of YAML takes 10 seconds."""
MOST_VALUES = 100_000
"""Most values that a YAML file may expand to: its aliases of aliases could make billions."""


def read_arguments(name: str) -> dict[str, Any]:
    """Return the arguments in a file, by name. Raises `UserError`."""
    file = Path(name)
    try:
        if file.stat().st_size > LARGEST_JSON:
            raise UserError(f"{file} is too large for a file of arguments")
        content = _content(file, file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"the file of arguments {name!r} does not exist") from None
    except OSError as problem:
        raise UserError(f"{file} cannot be read: {problem.strerror}") from None
    except ValueError as problem:
        raise UserError(f"{file}: {' '.join(str(problem).split())}") from None
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content):
        raise UserError(f"{file}: expected argument names with their values")
    return content


def _content(file: Path, text: str) -> Any:
    """Return the content of a text in JSON or YAML. Raises `ValueError` and `UserError`."""
    if file.suffix.lower() == ".json":
        try:
            return parsed_json(text)
        except ValueError as problem:
            if len(text) > LARGEST_YAML:
                raise ValueError(first_line(problem)) from None
    import yaml

    if len(text) > LARGEST_YAML:
        raise UserError(f"{file} is too large for a file of arguments")
    try:
        content = yaml.safe_load(text)
        if _values(content, {}) > MOST_VALUES:
            raise UserError(f"{file}: its aliases expand to more than {MOST_VALUES:,} values")
    except RecursionError:
        raise UserError(f"{file}: lists or objects are nested too deeply") from None
    except yaml.YAMLError as problem:
        raise ValueError(str(problem)) from None
    return content


def _values(content: Any, known: dict[int, int]) -> int:
    """Return the number of values, with each alias expanded.

    Raises `RecursionError` for a value that contains itself.
    """
    if not isinstance(content, dict | list | tuple | set):
        return 1
    if id(content) in known:
        if not known[id(content)]:
            raise RecursionError
        return known[id(content)]
    known[id(content)] = 0
    parts = [*content, *content.values()] if isinstance(content, dict) else list(content)
    known[id(content)] = 1 + sum(_values(part, known) for part in parts)
    return known[id(content)]
