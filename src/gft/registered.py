"""What installed packages register with gft: their entry points, which are read once.

Ours are registered as a stranger's would be: one line in a `pyproject.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

T_co = TypeVar("T_co", covariant=True)


@cache
def entries(group: str) -> dict[str, EntryPoint]:
    """Return the entry points of a group by their names."""
    return {entry.name: entry for entry in _every().select(group=group)}


@cache
def _every() -> Any:
    """Return the entry points of all groups: each look at them opens a file of every package."""
    return entry_points()


class Registered(Mapping[str, T_co]):
    """The objects of a group by the names of their entry points, each imported when asked for."""

    def __init__(self, group: str) -> None:
        self._entries = entries(group)
        self._loaded: dict[str, T_co] = {}

    def __getitem__(self, name: str) -> T_co:
        if name not in self._loaded:
            self._loaded[name] = self._checked(name, self._entries[name].load())
        return self._loaded[name]

    def _checked(self, name: str, loaded: Any) -> T_co:
        """Return what an entry point names; raises if it cannot have that name."""
        found: T_co = loaded
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
