"""The factors of covariate terms: standardised numbers, and categories with their levels."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from gft.covariates.order import in_order
from gft.data.spelling import level_key
from gft.language.terms import CATEGORY, Term
from gft.metrics.protocol import Array

SCALES: dict[str, Callable[[Array], Array]] = {"num": np.asarray, "log": np.log, "log1p": np.log1p}
"""The functions of a number."""
HALF_WEIGHT_ROWS = 10
"""A level in so many rows of train weighs half as much as a frequent one."""
Cell: TypeAlias = "float | str | None"


@dataclass(frozen=True)
class NumberFactor:
    """A number, after its function: `mean` and `sd` are those of the cells of train.

    `missing` is the share of cells that are missing.
    """

    term: Term
    mean: float
    sd: float
    missing: float

    @classmethod
    def fitted(cls, term: Term, cells: Sequence[Any]) -> NumberFactor:
        """Return what is learned from the cells of train, which are numbers, None or NaN."""
        values = _scaled(term, cells)
        there = values[~np.isnan(values)]
        if not len(there):
            return cls(term, 0.0, 1.0, 1.0)
        sd = float(there.std())
        # The values of a constant differ by rounding alone.
        constant = not sd > 1e-12 * max(1.0, float(np.abs(there).max()))
        return cls(term, float(there.mean()), 1.0 if constant else sd, 1 - len(there) / len(values))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns of `of`."""
        own = (_column_name(self.term),)
        return (*own, f"{own[0]} (missing)") if 0 < self.missing < 1 else own

    def of(self, cells: Sequence[Any]) -> Array:
        """Return the standardised number, 0 where it is missing; shape (rows, columns).

        If train has missing cells, a second column marks them, centred.
        """
        value, missing = self.product(cells), np.isnan(_scaled(self.term, cells))
        if len(self.names) == 1:
            return value
        return np.hstack([value, missing[:, None] - self.missing])

    @property
    def product_names(self) -> tuple[str, ...]:
        """The names of the columns of `product`."""
        return self.names[:1]

    def product(self, cells: Sequence[Any]) -> Array:
        """Return the column that an interaction multiplies: the number alone, shape (rows, 1)."""
        values = (_scaled(self.term, cells) - self.mean) / self.sd
        return np.nan_to_num(values, nan=0.0)[:, None]

    def unknown(self, cells: Sequence[Any]) -> Counter[str]:
        """Return how many cells are missing where train has no missing cell."""
        if self.missing:
            return Counter()
        count = int(np.isnan(_scaled(self.term, cells)).sum())
        return Counter({"": count}) if count else Counter()


@dataclass(frozen=True)
class CategoryFactor:
    """A category: the levels of train, None for a missing cell, and how many rows have each."""

    term: Term
    levels: tuple[str | None, ...]
    counts: tuple[int, ...]

    @classmethod
    def fitted(cls, term: Term, cells: Sequence[Any], order: Sequence[str] = ()) -> CategoryFactor:
        """Return what is learned from the cells of train, which are texts, or None.

        The name of a level is its most frequent spelling. Levels are in the `order` that the data
        has for them; others follow in natural order.
        """
        found: dict[str | None, Counter[str | None]] = {}
        for cell, count in Counter(cells).items():
            key = None if cell is None else level_key(cell)
            found.setdefault(key, Counter())[cell] += count
        counts = {_most(spellings): spellings.total() for spellings in found.values()}
        ranks = {level_key(one): rank for rank, one in reversed([*enumerate(order)])}
        names = in_order(name for name in counts if name)
        names.sort(key=lambda name: ranks.get(level_key(name), len(order)))
        names += [name for name in counts if not name]
        return cls(
            term, tuple(name or None for name in names), tuple(counts[name] for name in names)
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns of `of`."""
        column = self.term.column
        return tuple(
            f"{column} (missing)" if one is None else f"{column}: {one}" for one in self.levels
        )

    @cached_property
    def shares(self) -> Array:
        """The share of train's rows that have each level."""
        return np.array(self.counts, dtype=np.float64) / max(1, sum(self.counts))

    @cached_property
    def weights(self) -> Array:
        """The factor of each level's column: smaller for a rare level.

        The square root of n / (n + `HALF_WEIGHT_ROWS`) for n rows: the effect of the level is then
        shrunk by n / (n + `HALF_WEIGHT_ROWS`), as a random intercept is (Gelman & Hill 2007, 12.2).
        """
        counts = np.array(self.counts, dtype=np.float64)
        return np.sqrt(counts / (counts + HALF_WEIGHT_ROWS))

    @cached_property
    def _indices(self) -> dict[str | None, int]:
        return {None if one is None else level_key(one): n for n, one in enumerate(self.levels)}

    def numbers(self, cells: Sequence[Any]) -> Array:
        """Return the index of each cell's level, -1 for one that is not in train; shape (rows,)."""
        known: dict[Any, int] = {}
        for cell in cells:
            if cell not in known:
                known[cell] = self._indices.get(None if cell is None else level_key(cell), -1)
        return np.array([known[cell] for cell in cells], dtype=np.int64)

    def of(self, cells: Sequence[Any]) -> Array:
        """Return a column per level, shape (rows, levels): an indicator, centred and weighted.

        A row of zeros is the average, which a level that is not in train also gets.
        """
        numbers = self.numbers(cells)
        there = numbers[:, None] == np.arange(len(self.levels))
        found: Array = (there - self.shares) * self.weights
        found[numbers < 0] = 0.0
        return found

    @property
    def product_names(self) -> tuple[str, ...]:
        """The names of the columns of `product`."""
        return self.names

    def product(self, cells: Sequence[Any]) -> Array:
        """Return the columns that an interaction multiplies: those of `of`."""
        return self.of(cells)

    def unknown(self, cells: Sequence[Any]) -> Counter[str]:
        """Count the cells of each level that is not in train; '' counts missing cells."""
        numbers = self.numbers(cells)
        return Counter(cells[int(n)] or "" for n in np.flatnonzero(numbers < 0))


Factor: TypeAlias = NumberFactor | CategoryFactor


def fitted_factor(term: Term, cells: Sequence[Any], order: Sequence[str] = ()) -> Factor:
    """Return what is learned from train's cells about a covariate with an `order` of levels."""
    if term.function == CATEGORY:
        return CategoryFactor.fitted(term, cells, order)
    return NumberFactor.fitted(term, cells)


def _column_name(term: Term) -> str:
    return term.column if term.function == "num" else f"{term.function}({term.column})"


def _scaled(term: Term, cells: Sequence[Any]) -> Array:
    """Return numbers after their function, NaN where they are missing."""
    values = np.array([math.nan if one is None else one for one in cells], dtype=np.float64)
    scaled: Array = SCALES[term.function or "num"](values)
    return scaled


def _most(spellings: Counter[str | None]) -> str:
    """Return the most frequent spelling; '' where cells are missing."""
    return min(spellings, key=lambda one: (-spellings[one], one or "")) or ""
