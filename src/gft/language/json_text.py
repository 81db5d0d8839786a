"""JSON that a user wrote: whatever Python's reader stumbles over is a `ValueError` in words."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any


class NotStrict(ValueError):
    """What Python's reader takes, and whoever wants strict JSON does not."""


def _refused(name: str) -> Any:
    raise NotStrict(f"{name} is no number")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise NotStrict(f"an object has {twice[:40]!r} twice")
    return found


def parsed_json(text: str, strict: bool = False) -> Any:
    """Return what a text in JSON says. Raises `ValueError`, which says why it cannot be read.

    `strict` refuses what Python reads and others do not, or in another way: NaN and infinite
    numbers, and objects that have a name twice.
    """
    try:
        if strict:
            return json.loads(text, parse_constant=_refused, object_pairs_hook=_once_each)
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except NotStrict:
        raise
    except RecursionError:
        raise ValueError("lists or objects are nested too deeply") from None
    except ValueError:  # Python's limit for the digits of a number.
        raise ValueError("a whole number with thousands of digits") from None
