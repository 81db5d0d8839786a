"""R's order of levels and classes, of which the first is the reference."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from gft.data.numbers import is_number, number_in


def in_order(names: Iterable[str]) -> list[str]:
    """Return names in the order of R's `factor`, in a language's locale.

    Numbers are sorted as numbers; texts by letters, then accents, then case, lower case first.
    """
    found = list(names)
    if all(map(is_number, found)):
        return sorted(found, key=lambda name: number_in(name) or 0.0)
    return sorted(found, key=_collated)


def _collated(name: str) -> tuple[str, str, str]:
    apart = unicodedata.normalize("NFKD", name)
    letters = "".join(one for one in apart if not unicodedata.combining(one))
    return letters.casefold(), apart.casefold(), name.swapcase()
