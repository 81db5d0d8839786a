"""How many digits of a number are shown."""

from __future__ import annotations

SMALL = 1e-3


def in_digits(value: float, signed: bool = False, digits: int = 4) -> str:
    """Return a number with so many digits after the point, or significant ones below 0.001."""
    sign = "+" if signed else ""
    form = "g" if value != 0 and abs(value) < SMALL else "f"
    return f"{value:{sign}.{digits}{form}}"
