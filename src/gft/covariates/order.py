"""The order of names that R has: of levels and of classes, of which the first is the reference."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from gft.data.numbers import is_number, number_in


def in_order(names: Iterable[str]) -> list[str]:
    """Return names in the order that `factor` gives them in R, in a locale of a language.

    Numbers as numbers; else by their letters, and only of equal ones by accents, then case, small
    letters first.
    """
    found = list(names)
    if all(map(is_number, found)):
        return sorted(found, key=lambda name: number_in(name) or 0.0)
    return sorted(found, key=_collated)


def _collated(name: str) -> tuple[str, str, str]:
    apart = unicodedata.normalize("NFKD", name)
    letters = "".join(one for one in apart if not unicodedata.combining(one))
    return letters.casefold(), apart.casefold(), name.swapcase()
