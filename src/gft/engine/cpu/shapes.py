"""Round numbers of rows and tokens, so that products of matrices have few different shapes.

On a CPU, the library of products compiles a program for each shape, which takes a millisecond, and
it keeps a part of each for good: a quarter of a megabyte for a batch of attentions.
"""

from __future__ import annotations

LENGTH = 4
"""Tokens of a row are made a multiple of it, and of more where there are many."""
TOKENS = 16
"""Tokens of all rows end to end are made a multiple of it."""


def round_rows(count: int) -> int:
    """Return `count` or the next number of rows that is three binary digits and zeros."""
    return _up(count, _unit(count, 3))


def round_length(count: int) -> int:
    """Return `count` or the next number of a row's tokens that is round.

    That is by 4 up to 64, by 8 up to 128, by 16 up to 256, and so on.
    """
    return _up(count, max(LENGTH, _unit(count, 4)))


def round_tokens(count: int) -> int:
    """Return `count` or the next number of all rows' tokens that is a multiple of `TOKENS`."""
    return _up(count, TOKENS)


def _up(count: int, unit: int) -> int:
    return -(-count // unit) * unit


def _unit(count: int, digits: int) -> int:
    return 1 << max(0, count.bit_length() - digits)
