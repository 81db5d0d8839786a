"""The splits that a fit is scored on, and the one that counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SCORED = ("test", "val")
"""The splits that are scored, the one that counts first."""


def split_that_counts(metrics: Mapping[str, Any]) -> str | None:
    """Return `test` if it was scored, else `val`, else None."""
    return next((role for role in SCORED if role in metrics["splits"]), None)
