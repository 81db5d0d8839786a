"""Cells of text that are written as numbers."""

from __future__ import annotations

import math


def is_number(text: str) -> bool:
    """Say whether a cell is written as a finite number: `-1.5`, `2e3`; `1_000` is a name."""
    try:
        return math.isfinite(float(text)) and "_" not in text
    except ValueError:
        return False
