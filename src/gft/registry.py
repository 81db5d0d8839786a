"""The suppliers and tasks that are installed, found through entry points.

Ours are registered as a stranger's would be: one line in a `pyproject.toml`. The modules they
name must be light at the top: a framework is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gft.predict_only.protocol import PredictOnly
    from gft.suppliers.protocol import Supplier
    from gft.tasks.protocol import Task


@cache
def suppliers() -> dict[str, Supplier]:
    """Return every supplier by its letter."""
    found = {}
    for entry in entry_points(group="gft.suppliers"):
        supplier: Supplier = entry.load()()
        found[supplier.letter] = supplier
    return found


@cache
def tasks() -> dict[str, type[Task]]:
    """Return every task by its canonical name."""
    found = {}
    for entry in entry_points(group="gft.tasks"):
        task: type[Task] = entry.load()
        found[task.name] = task
    return found


@cache
def predict_only() -> dict[str, type[PredictOnly]]:
    """Return every task that only predicts by its canonical name."""
    found = {}
    for entry in entry_points(group="gft.predict_only"):
        task: type[PredictOnly] = entry.load()
        found[task.name] = task
    return found


@cache
def supplier_names() -> dict[str, str]:
    """Return the letter for each spelling of a supplier, lower-case."""
    return {
        name.lower(): letter
        for letter, supplier in suppliers().items()
        for name in (letter, *supplier.names)
    }


@cache
def task_names() -> dict[str, str]:
    """Return the canonical name for each spelling of a task, lower-case with `_`."""
    return _spellings(tasks())


@cache
def predict_only_names() -> dict[str, str]:
    """Return the same for tasks that only predict."""
    return _spellings(predict_only())


def _spellings(kinds: Mapping[str, type[Task] | type[PredictOnly]]) -> dict[str, str]:
    return {
        spelling.lower().replace("-", "_"): name
        for name, kind in kinds.items()
        for spelling in (name, *kind.aliases)
    }
