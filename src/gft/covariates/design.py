"""`Design`: what is learned from train about covariates, and the model matrix of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gft.covariates.factors import CategoryFactor, Factor, fitted_factor
from gft.covariates.saved import factor_json, factor_of, terms_json, terms_of
from gft.data.numbers import is_number
from gft.errors import UserError
from gft.language.terms import Term
from gft.metrics.protocol import Array

Columns = Mapping[str, Sequence[Any]]
"""The cells of covariates as their kinds read them: numbers, levels as text, None for nothing."""
Orders = Mapping[str, Sequence[str]]
"""The levels of columns in the order that the data has for them: that of a scale's codes."""
MOST_LEVELS = 1_000
"""The largest number of levels of a category."""
FEWEST_ROWS, NEARLY = 20, 0.9
"""A category of at least so many rows is an id if it has this share of levels per row."""
MOST_COLUMNS = 10_000
"""The largest number of columns of a design."""
BETWEEN = " × "


@dataclass(frozen=True)
class Design:
    """The covariate terms of an equation with what was learned from train about their factors.

    `terms` are as `Equation.covariates` has them, `factors` their different factors in order.
    Every column of numbers is 0 at the reference values: the mean of a number, the average level.
    """

    terms: tuple[tuple[Term, ...], ...]
    factors: tuple[Factor, ...]

    @classmethod
    def fitted(
        cls, covariates: Sequence[tuple[Term, ...]], cells: Columns, orders: Orders | None = None
    ) -> Design:
        """Return the design for train's cells. Raises `UserError` if it has too many columns."""
        different = dict.fromkeys(factor for term in covariates for factor in term)
        known = orders or {}
        factors = tuple(
            fitted_factor(one, cells[one.column], known.get(one.column, ())) for one in different
        )
        for one in factors:
            if isinstance(one, CategoryFactor):
                _check_levels(one)
        design = cls(tuple(covariates), factors)
        if design.width > MOST_COLUMNS:
            raise UserError(
                f"the covariates make {design.width:,} columns, more than {MOST_COLUMNS:,}: "
                "leave out the interaction of categories with many levels"
            )
        return design

    @cached_property
    def _by_term(self) -> dict[Term, Factor]:
        return {one.term: one for one in self.factors}

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the data that are read, each once."""
        return tuple(dict.fromkeys(one.term.column for one in self.factors))

    @property
    def width(self) -> int:
        """The number of columns."""
        return sum(self.widths)

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of columns of each term, in the order of `terms`."""
        return tuple(len(self._names_of(term)) for term in self.terms)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns: `age`, `party: Green`, `age × party: Green`."""
        return tuple(name for term in self.terms for name in self._names_of(term))

    def _names_of(self, term: tuple[Term, ...]) -> tuple[str, ...]:
        first, *others = (self._by_term[one] for one in term)
        if not others:
            return first.names if self._marks_missing(first) else first.product_names
        names = list(first.product_names)
        for one in others:
            names = [f"{left}{BETWEEN}{right}" for left in names for right in one.product_names]
        return tuple(names)

    def _marks_missing(self, factor: Factor) -> bool:
        """Say whether a factor is the first of its column: `num(a) + log(a)` mark missing once."""
        alone = (term[0] for term in self.terms if len(term) == 1)
        return next(one for one in alone if one.column == factor.term.column) == factor.term

    def of(self, cells: Columns) -> Array:
        """Return the model matrix, shape (rows, width); cells are as their kind reads them."""
        parts = [self._of_term(term, cells) for term in self.terms]
        return np.hstack(parts).astype(np.float64, copy=False)

    def _of_term(self, term: tuple[Term, ...], cells: Columns) -> Array:
        first, *others = (self._by_term[one] for one in term)
        if not others:
            own = first.of if self._marks_missing(first) else first.product
            return own(cells[first.term.column])
        found = first.product(cells[first.term.column])
        for one in others:
            product = found[:, :, None] * one.product(cells[one.term.column])[:, None, :]
            found = product.reshape(len(found), -1)
        return found

    def unknown(self, cells: Columns) -> dict[str, Counter[str]]:
        """Count the levels that are not in train, by column; '' counts missing cells."""
        found: dict[str, Counter[str]] = {}
        for one in self.factors:
            counts = one.unknown(cells[one.term.column])
            if counts:
                found[one.term.column] = counts
        return found

    def saved(self) -> dict[str, Any]:
        """Return what `restore` needs, as JSON."""
        return {
            "terms": terms_json(self.terms),
            "factors": [factor_json(one) for one in self.factors],
            "names": list(self.names),
        }

    @classmethod
    def restore(cls, saved: Mapping[str, Any]) -> Design:
        """Return the design that was saved. Raises `ValueError` that says what is wrong with it."""
        terms = terms_of(saved.get("terms"))
        factors = saved.get("factors")
        if not isinstance(factors, list):
            raise ValueError("factors is not a list")
        design = cls(terms, tuple(factor_of(one) for one in factors))
        different = dict.fromkeys(factor for term in terms for factor in term)
        if list(different) != [one.term for one in design.factors]:
            raise ValueError("its factors do not match its terms")
        if list(design.names) != saved.get("names"):
            raise ValueError("its names do not match its columns")
        return design


def _check_levels(factor: CategoryFactor) -> None:
    """Raise `UserError` for a category of too many levels, or of one in nearly every row."""
    levels, rows = len(factor.levels), sum(factor.counts)
    message = f"{factor.term} has {levels:,} levels in {rows:,} rows of train"
    if rows >= FEWEST_ROWS and levels >= NEARLY * rows:
        column = factor.term.column
        other = f"{Term(column, 'num')} if it is a number"
        if not all(one is None or is_number(one) for one in factor.levels):
            other = f"{Term(column)} alone if it is a text"
        raise UserError(
            f"{message}: an id says nothing about other rows; leave it out, or write {other}"
        )
    if levels > MOST_LEVELS:
        raise UserError(
            f"{message}, more than {MOST_LEVELS:,}: merge rare levels in the data, or leave it out"
        )
