"""JSON that a user wrote: whatever Python's reader stumbles over is a `ValueError` in words."""

from __future__ import annotations

import json
from typing import Any


def parsed_json(text: str) -> Any:
    """Return what a text in JSON says. Raises `ValueError`, which says why it cannot be read."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise ValueError("lists or objects nested too deep in each other") from None
    except ValueError:  # Python's limit for the digits of a number.
        raise ValueError("a whole number with thousands of digits") from None
