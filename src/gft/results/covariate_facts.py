"""What the covariates of an equation hold: numbers, and the levels of categories."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gft.data.spelling import level_key
from gft.data.table import Rows
from gft.errors import counted
from gft.inputs.category import Category
from gft.inputs.kind import InputKind

MOST_FREQUENT = 5


@dataclass(frozen=True)
class CovariateFacts:
    """One column: the terms that it stands in, and what its cells are; of one kind or the other.

    `levels` are the most frequent ones with how many rows have each, of `different` in all.
    """

    column: str
    terms: tuple[str, ...]
    missing: int
    mean: float | None = None
    sd: float | None = None
    least: float | None = None
    most: float | None = None
    different: int | None = None
    levels: dict[str, int] | None = None

    def saved(self) -> dict[str, Any]:
        """Return it as JSON, without what is none of its kind."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @property
    def rare(self) -> str:
        """How many levels are not among the most frequent, for a sentence; '' where none is."""
        more = (self.different or 0) - len(self.levels or {})
        return counted(more, "more level") if more > 0 else ""


def describe_covariate(
    rows: Rows, name: str, kind: InputKind, terms: tuple[str, ...]
) -> CovariateFacts:
    """Return what a column of covariates holds in a split, read as its kind reads it."""
    cells = kind.read(rows.column(name))
    there = [one for one in cells if one is not None]
    missing = len(cells) - len(there)
    if isinstance(kind, Category):
        counts = _levels(Counter(there))
        frequent = dict(counts.most_common(MOST_FREQUENT))
        return CovariateFacts(name, terms, missing, different=len(counts), levels=frequent)
    if not there:
        return CovariateFacts(name, terms, missing)
    values = np.array(there, dtype=np.float64)
    sd = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    least, most = float(values.min()), float(values.max())
    return CovariateFacts(name, terms, missing, float(values.mean()), sd, least, most)


def _levels(cells: Counter[str]) -> Counter[str]:
    """Return how many cells each level has, by its most frequent raw form: as a fit merges them."""
    forms: dict[str, Counter[str]] = {}
    for cell, count in cells.items():
        forms.setdefault(level_key(cell), Counter())[cell] = count
    return Counter({one.most_common(1)[0][0]: one.total() for one in forms.values()})
