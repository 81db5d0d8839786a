"""A JSON or YAML file of arguments, which may stand first on a command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gft.errors import UserError


def read_arguments(name: str) -> dict[str, Any]:
    """Return what a file of arguments holds, by name. Raises `UserError`."""
    import yaml

    file = Path(name)
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"no file {name!r} of arguments") from None
    except OSError as problem:
        raise UserError(f"{file} cannot be read: {problem.strerror}") from None
    except RecursionError:
        raise UserError(f"{file}: lists or objects nested too deep in each other") from None
    except (yaml.YAMLError, ValueError) as problem:
        raise UserError(f"{file}: {' '.join(str(problem).split())}") from None
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content):
        raise UserError(f"{file}: expected names of arguments with their values")
    return content
