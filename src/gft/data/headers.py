"""The names of columns as a file gives them, whatever form the file has."""

from __future__ import annotations

from collections.abc import Sequence

from gft.errors import UserError


def checked_names(cells: Sequence[str], where: str) -> list[str]:
    """Return the names in a header, without whitespace around them.

    Raises `UserError`, which begins with `where`, for a column without a name and for a name that
    two columns have.
    """
    names = [cell.strip() for cell in cells]
    before: set[str] = set()
    for place, name in enumerate(names, 1):
        if not name:
            pandas = " (pandas leaves out its index with to_csv(index=False))" if place == 1 else ""
            raise UserError(
                f"{where}: column {place} has no name; the first line must name the columns{pandas}"
            )
        if name in before:
            raise UserError(
                f"{where}: two columns are called {name!r}; the first line must name the columns"
            )
        before.add(name)
    return names
