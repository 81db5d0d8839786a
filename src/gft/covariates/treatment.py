"""Covariates in treatment coding, as in R: a category is compared with its first level.

A `Design` holds what was learned from train; here it is coded as `model.matrix` does with
`contr.treatment`, so that coefficients are those that R prints.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from gft.covariates.design import BETWEEN, Columns, Design
from gft.covariates.factors import CategoryFactor, Factor, NumberFactor
from gft.language.terms import Term
from gft.metrics.protocol import Array

INTERCEPT = "(Intercept)"


@dataclass(frozen=True)
class _CodedFactor:
    """A factor in a term: `every` level of a category has a column, or all but the first."""

    factor: Factor
    every: bool

    @property
    def names(self) -> tuple[str, ...]:
        if isinstance(self.factor, NumberFactor):
            return self.factor.product_names
        return self.factor.names[0 if self.every else 1 :]

    def of(self, cells: Sequence[Any]) -> Array:
        """Return the columns; a missing number is the mean, an unknown level the average one."""
        if isinstance(self.factor, NumberFactor):
            return self.factor.product(cells) * self.factor.sd + self.factor.mean
        numbers = self.factor.numbers(cells)
        found = (numbers[:, None] == np.arange(len(self.factor.levels))).astype(np.float64)
        found[numbers < 0] = self.factor.shares
        columns: Array = found[:, 0 if self.every else 1 :]
        return columns


@dataclass(frozen=True)
class Treatment:
    """The columns of the model matrix of a design, without the intercept.

    Terms are in R's order: those of fewer factors first. A category in a term has a column for
    each level but its first, where the term without it is in the model too, and else for every
    level (Chambers & Hastie 1992, 2.4.1). A number that is missing in some rows of train has a
    second column, 1 where it is missing.
    """

    design: Design

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the data that are read, each once."""
        return self.design.columns

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.names)

    @cached_property
    def _terms(self) -> tuple[tuple[_CodedFactor, ...], ...]:
        order = {one.term: n for n, one in enumerate(self.design.factors)}
        every = [tuple(sorted(term, key=order.__getitem__)) for term in self.design.terms]
        there = {frozenset(term) for term in every} | {frozenset[Term]()}
        factors = {one.term: one for one in self.design.factors}
        return tuple(
            tuple(_CodedFactor(factors[one], frozenset(term) - {one} not in there) for one in term)
            for term in sorted(every, key=len)
        )

    @cached_property
    def _incomplete(self) -> tuple[NumberFactor, ...]:
        """The numbers that are missing in some rows of train, one for each column of the data."""
        found: dict[str, NumberFactor] = {}
        for one in self.design.factors:
            if isinstance(one, NumberFactor) and 0 < one.missing < 1:
                found.setdefault(one.term.column, one)
        return tuple(found.values())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns: `age`, `party: Green`, `age × party: Green`."""
        main = [name for term in self._terms if len(term) == 1 for name in term[0].names]
        missing = [f"{one.term.column} (missing)" for one in self._incomplete]
        return (*main, *missing, *self._product_names())

    def _product_names(self) -> list[str]:
        found = []
        for term in self._terms:
            if len(term) > 1:
                # The first factor changes fastest, as in R.
                turned = product(*(one.names for one in reversed(term)))
                found += [BETWEEN.join(reversed(names)) for names in turned]
        return found

    def of(self, cells: Columns) -> Array:
        """Return the columns of rows, shape (rows, width); cells are as their kind reads them."""
        made = {
            one: one.of(cells[one.factor.term.column])
            for one in dict.fromkeys(factor for term in self._terms for factor in term)
        }
        main = [made[term[0]] for term in self._terms if len(term) == 1]
        missing = [_absent(cells[one.term.column]) for one in self._incomplete]
        products = [_product([made[one] for one in term]) for term in self._terms if len(term) > 1]
        return np.hstack([*main, *missing, *products])

    @property
    def references(self) -> dict[str, str]:
        """The level that the others of a category are compared with, by its column.

        There is none of a category of which every level has a column of its own.
        """
        found = {}
        for one in (factor for term in self._terms for factor in term):
            if isinstance(one.factor, CategoryFactor) and not one.every:
                column = one.factor.term.column
                found[column] = one.factor.names[0].removeprefix(f"{column}: ")
        return found


def _absent(cells: Sequence[Any]) -> Array:
    """Return a column of 1 where a number is missing, else 0."""
    numbers = np.array([math.nan if one is None else one for one in cells], dtype=np.float64)
    return np.isnan(numbers)[:, None].astype(np.float64)


def _product(parts: Sequence[Array]) -> Array:
    """Return the products of each column of each part, the first part's changing fastest."""
    found = parts[0]
    for one in parts[1:]:
        found = (one[:, :, None] * found[:, None, :]).reshape(len(found), -1)
    return found
