"""Cells that train does not have: unknown levels, and missing cells of a complete column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from gft.errors import counted, listed

SHOWN = 4


class UnknownCells:
    """Counts of levels and missing cells that are not in train, by column."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}

    def add(self, more: Mapping[str, Counter[str]]) -> None:
        """Count more: for each column its levels, and '' for missing cells."""
        for name, counts in more.items():
            self._counts.setdefault(name, Counter()).update(counts)

    def messages(self, where: str | None = None) -> list[str]:
        """Return a note for each column with unknown cells; `where` names the rows."""
        of_rows = f" of {where}" if where else ""
        found = []
        for name, counts in self._counts.items():
            levels = Counter({level: count for level, count in counts.items() if level})
            if levels:
                named = [f"{level!r} ({count:,})" for level, count in levels.most_common()]
                found.append(
                    f"{counted(levels.total(), 'row')}{of_rows} {_have(levels.total())} a level of "
                    f"{name} that is not in train; the average is used: {listed(named, SHOWN)}"
                )
            if counts[""]:
                found.append(
                    f"{counted(counts[''], 'row')}{of_rows} {_have(counts[''])} no {name}, which "
                    "every row of train has; the average is used"
                )
        return found


def _have(count: int) -> str:
    return "has" if count == 1 else "have"
