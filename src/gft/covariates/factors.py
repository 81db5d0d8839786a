"""What covariate terms are made of: a number centred and scaled by train, a category's levels."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from gft.covariates.order import in_order
from gft.data.numbers import is_number
from gft.data.spelling import amount, one_class
from gft.language.terms import CATEGORY, Term
from gft.metrics.protocol import Array

SCALES: dict[str, Callable[[Array], Array]] = {"num": np.asarray, "log": np.log, "log1p": np.log1p}
"""What the functions make of a number."""
HALF = 10
"""A level that so many rows of train have weighs half as much as a frequent one."""
Cell: TypeAlias = "float | str | None"


def level_key(level: str) -> str:
    """Return what all spellings of a level have in common, as of a label: `1` and `1.0`, case."""
    return amount(level) if is_number(level) else one_class(level)


@dataclass(frozen=True)
class NumberFactor:
    """A number, after its function: `mean` and `sd` are those of train's cells that are there.

    `missing` is the share of train's cells that are missing.
    """

    term: Term
    mean: float
    sd: float
    missing: float

    @classmethod
    def fitted(cls, term: Term, cells: Sequence[Any]) -> NumberFactor:
        """Return what is learned of train's cells, which are numbers, or None or NaN."""
        values = _scaled(term, cells)
        there = values[~np.isnan(values)]
        if not len(there):
            return cls(term, 0.0, 1.0, 1.0)
        sd = float(there.std())
        # Of a constant the last digit of the sum is all that differs.
        constant = not sd > 1e-12 * max(1.0, float(np.abs(there).max()))
        return cls(term, float(there.mean()), 1.0 if constant else sd, 1 - len(there) / len(values))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns of `of`."""
        own = (_called(self.term),)
        return (*own, f"{own[0]} (missing)") if 0 < self.missing < 1 else own

    def of(self, cells: Sequence[Any]) -> Array:
        """Return the number, 0 at the mean and where it is missing; shape (rows, columns).

        Where train has missing cells a second column says which are: 0 is the average.
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
        """Return what an interaction multiplies: the number alone, shape (rows, 1)."""
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
        """Return what is learned of train's cells, which are texts, or None.

        A level is called as most of its rows spell it. Levels stand in the `order` that the data
        has for them, those that it does not know behind, in the natural order.
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
        """What the column of each level is multiplied by: less for a rare one.

        The square root of n / (n + `HALF`) for n rows: what a penalty, or a step of a training,
        leaves of the level's effect is then shrunk by n / (n + `HALF`), as a random intercept is
        (Gelman & Hill 2007, 12.2).
        """
        counts = np.array(self.counts, dtype=np.float64)
        return np.sqrt(counts / (counts + HALF))

    @cached_property
    def _places(self) -> dict[str | None, int]:
        return {None if one is None else level_key(one): n for n, one in enumerate(self.levels)}

    def numbers(self, cells: Sequence[Any]) -> Array:
        """Return the number of each cell's level, -1 for one that train has not; shape (rows,)."""
        known: dict[Any, int] = {}
        for cell in cells:
            if cell not in known:
                known[cell] = self._places.get(None if cell is None else level_key(cell), -1)
        return np.array([known[cell] for cell in cells], dtype=np.int64)

    def of(self, cells: Sequence[Any]) -> Array:
        """Return a column a level: 1 where a row has it less the level's share, weighed.

        A row of 0 is the average, and a level that train has not; shape (rows, levels).
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
        """Return what an interaction multiplies: the columns of `of`."""
        return self.of(cells)

    def unknown(self, cells: Sequence[Any]) -> Counter[str]:
        """Return how many cells have each level that train has not; '' is a missing cell."""
        numbers = self.numbers(cells)
        return Counter(cells[int(n)] or "" for n in np.flatnonzero(numbers < 0))


Factor: TypeAlias = NumberFactor | CategoryFactor


def fitted_factor(term: Term, cells: Sequence[Any], order: Sequence[str] = ()) -> Factor:
    """Return what is learned of train's cells about a covariate; `order` is that of its levels."""
    if term.function == CATEGORY:
        return CategoryFactor.fitted(term, cells, order)
    return NumberFactor.fitted(term, cells)


def _called(term: Term) -> str:
    return term.column if term.function == "num" else f"{term.function}({term.column})"


def _scaled(term: Term, cells: Sequence[Any]) -> Array:
    """Return numbers after their function, NaN where they are missing."""
    values = np.array([math.nan if one is None else one for one in cells], dtype=np.float64)
    scaled: Array = SCALES[term.function or "num"](values)
    return scaled


def _most(spellings: Counter[str | None]) -> str:
    """Return the spelling that most cells have; '' where they are missing."""
    return min(spellings, key=lambda one: (-spellings[one], one or "")) or ""
