"""Round numbers of rows and tokens, so that matrix products have few different shapes.

On a CPU, oneDNN compiles a kernel for each shape, which takes a millisecond, and keeps a part of
each for good: a quarter of a megabyte for a batch of attentions.
"""

from __future__ import annotations

from gft.engine.rounding import round_up

LENGTH = 4
"""The tokens of a row are rounded up to a multiple of it, or of a larger number for long rows."""
TOKENS = 16
"""The tokens of all rows together are rounded up to a multiple of it."""


def round_rows(count: int) -> int:
    """Return `count` rounded up to a number with three leading binary digits and zeros."""
    return round_up(count, 1, 3)


def round_length(count: int) -> int:
    """Return the number of a row's tokens rounded up.

    To a multiple of 4 up to 64, of 8 up to 128, of 16 up to 256, and so on.
    """
    return round_up(count, LENGTH, 4)


def round_tokens(count: int) -> int:
    """Return the number of all rows' tokens rounded up to a multiple of `TOKENS`."""
    return -(-count // TOKENS) * TOKENS
