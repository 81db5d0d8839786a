"""The covariates of a task: the terms of its equation and, after a fit, their design."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from gft import notes
from gft.errors import UserError
from gft.language.terms import Interaction, Term
from gft.metrics.protocol import Array

if TYPE_CHECKING:
    from gft.covariates.design import Columns, Design, Orders

SETTINGS = "covariates.json"
"""The file of a fitted folder that holds the design: what was learned from train."""
NUMBERS = "covariates.safetensors"
"""The file that holds the weights of the effects."""
Terms: TypeAlias = tuple[tuple[Term, ...], ...]


@dataclass(frozen=True)
class Covariates:
    """The covariate terms of an equation, as `Equation.covariates` has them, and their design.

    `design` is None before the fit. Its columns may have other names where a fitted model is
    applied to other data: terms are matched in order.
    """

    terms: Terms
    design: Design | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the data that are read, each once."""
        return tuple(dict.fromkeys(one.column for term in self.terms for one in term))

    def fitted(self, cells: Columns, orders: Orders | None = None) -> Covariates:
        """Return the covariates with the design that is learned from the cells of train.

        `orders` has the levels of columns that have an order of their own. A warning names columns
        without variation: all rows have the same value, or none. Raises `UserError`.
        """
        from gft.covariates.design import Design

        for name in self.columns:
            if len(set(cells[name])) < 2:
                notes.warn(
                    f"{name} has the same value in all rows of train, or none: no model can learn "
                    "from it, so it has no effect"
                )
        return replace(self, design=Design.fitted(self.terms, cells, orders or {}))

    def of(self, cells: Columns) -> Array:
        """Return the numbers of rows, float32 of shape (rows, width)."""
        import numpy as np

        return self.fitted_design.of(self._as_fitted(cells)).astype(np.float32)

    def unknown(self, cells: Columns) -> dict[str, Counter[str]]:
        """Count the levels that are not in train, by column; '' counts missing cells."""
        found = self.fitted_design.unknown(self._as_fitted(cells))
        return {name: found[own] for own, name in self._names().items() if own in found}

    def of_model(self, model: Covariates | None, name: str) -> Covariates:
        """Return these with a model's design. Raises `UserError` where the terms do not match."""
        theirs = () if model is None else model.terms
        if [_functions(one) for one in self.terms] != [_functions(one) for one in theirs]:
            raise UserError(_mismatch(self.terms, theirs, name))
        assert model is not None
        found = replace(self, design=model.design)
        if len(set(found._names().values())) < len(found._names()):
            raise UserError(_mismatch(self.terms, theirs, name))
        return found

    @property
    def fitted_design(self) -> Design:
        """The design of fitted covariates."""
        assert self.design is not None, "covariates were used before they were fitted"
        return self.design

    def _names(self) -> dict[str, str]:
        """Return the name that each column of the design has in this equation."""
        pairs = zip(self.fitted_design.terms, self.terms, strict=True)
        return {
            own.column: here.column
            for fitted, term in pairs
            for own, here in zip(fitted, term, strict=True)
        }

    def _as_fitted(self, cells: Columns) -> Columns:
        return {own: cells[name] for own, name in self._names().items()}


def check_no_covariates(model: Covariates | None, name: str) -> None:
    """Raise `UserError` where a model has covariates and the equation has none."""
    if model is not None:
        raise UserError(_mismatch((), model.terms, name))


def _functions(term: tuple[Term, ...]) -> list[str | None]:
    return [one.function for one in term]


def _mismatch(ours: Terms, theirs: Terms, name: str) -> str:
    here, there = (" + ".join(map(str, map(Interaction, one))) for one in (ours, theirs))
    if not theirs:
        return f"{name} was fitted without covariates, and the equation has {here}: leave them out"
    message = f"{name} was fitted with {there}; the equation has {here or 'no covariates'}"
    return f"{message}: name as many columns, with the same functions and in the same order"
