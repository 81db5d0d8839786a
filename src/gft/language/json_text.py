"""JSON that a user wrote: whatever Python's reader stumbles over is a `ValueError` in words."""

from __future__ import annotations

import json
from typing import Any


class NoNumber(ValueError):
    """A number of JSON is none that JSON has."""


def _refused(name: str) -> Any:
    raise NoNumber(f"{name} is no number")


def parsed_json(text: str, finite: bool = False) -> Any:
    """Return what a text in JSON says. Raises `ValueError`, which says why it cannot be read.

    `finite` refuses what Python reads and JSON does not know: NaN and infinite numbers.
    """
    try:
        return json.loads(text, parse_constant=_refused if finite else None)
    except json.JSONDecodeError:
        raise
    except NoNumber:
        raise
    except RecursionError:
        raise ValueError("lists or objects nested too deep in each other") from None
    except ValueError:  # Python's limit for the digits of a number.
        raise ValueError("a whole number with thousands of digits") from None
