"""The case of words, as shapes: `Xx` for `Paris`, `x` for `river`, `XoX` for `AT&T`."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from itertools import groupby

KEPT = 20
"""So many of the most frequent shapes are labels of their own."""
OTHER = "misc"
"""The label of all other shapes."""


def shape_of(word: str) -> str:
    """Return the runs of lower-case (`x`), capital (`X`) and other (`o`) characters of a word.

    An accent that is a character of its own belongs to its letter.
    """
    letters = (one for one in word if not unicodedata.combining(one))
    return "".join(kind for kind, _ in groupby(map(_kind, letters))) or "o"


def frequent(words: Iterable[str]) -> tuple[str, ...]:
    """Return the `KEPT` most frequent shapes, the most frequent first."""
    return tuple(shape for shape, _ in Counter(map(shape_of, words)).most_common(KEPT))


def _kind(character: str) -> str:
    if character.isupper():
        return "X"
    return "x" if character.islower() else "o"
