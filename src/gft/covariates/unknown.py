"""What rows have that train has not: levels, and missing cells of a column that has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from gft.errors import counted, listed

SHOWN = 4


class UnknownCells:
    """Counts of what rows have that train has not, by column."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}

    def add(self, more: Mapping[str, Counter[str]]) -> None:
        """Count more: for each column its levels, and '' for missing cells."""
        for name, counts in more.items():
            self._counts.setdefault(name, Counter()).update(counts)

    def told(self, where: str | None = None) -> list[str]:
        """Return a sentence for each column that has some, for a note; `where` names the rows."""
        place = f" of {where}" if where else ""
        found = []
        for name, counts in self._counts.items():
            levels = Counter({level: count for level, count in counts.items() if level})
            if levels:
                named = [f"{level!r} ({count:,})" for level, count in levels.most_common()]
                found.append(
                    f"{counted(levels.total(), 'row')}{place} {_have(levels.total())} a level of "
                    f"{name} that train has not, taken as the average: {listed(named, SHOWN)}"
                )
            if counts[""]:
                found.append(
                    f"{counted(counts[''], 'row')}{place} {_have(counts[''])} no {name}, which no "
                    "row of train lacks: the average is taken"
                )
        return found


def _have(count: int) -> str:
    return "has" if count == 1 else "have"
