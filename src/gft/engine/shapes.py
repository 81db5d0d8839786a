"""Round numbers of rows and tokens, so that products of matrices have few different shapes.

On a CPU, the library of products compiles a program for each shape, which takes a millisecond, and
it keeps a part of each for good: a quarter of a megabyte for a batch of attentions.
"""

from __future__ import annotations

LENGTH = 8
"""Tokens of a row are made a multiple of it."""
TOKENS = 16
"""Tokens of all rows together are made a multiple of it."""


def round_up(count: int, unit: int) -> int:
    """Return `count` or the next multiple of `unit`."""
    return -(-count // unit) * unit


def round_rows(count: int) -> int:
    """Return `count` or the next number of rows that is four binary digits and zeros."""
    return round_up(count, 1 << max(0, count.bit_length() - 4))
