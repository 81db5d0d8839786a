"""The covariates of a task: the terms of its equation, and after a fit what train taught."""

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
"""The file of a fitted folder that holds what train taught about the covariates."""
NUMBERS = "covariates.safetensors"
"""The one that holds the weights of their effects."""
Terms: TypeAlias = tuple[tuple[Term, ...], ...]


@dataclass(frozen=True)
class Covariates:
    """The covariate terms of an equation, as `Equation.covariates` has them, and their design.

    `design` is None until train was seen. Its columns may be called otherwise where a fitted model
    is applied to other data: terms meet by their order.
    """

    terms: Terms
    design: Design | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the data that are read, each once."""
        return tuple(dict.fromkeys(one.column for term in self.terms for one in term))

    def fitted(self, cells: Columns, orders: Orders | None = None) -> Covariates:
        """Return these with what train's cells teach. Raises `UserError`.

        `orders` has the levels of columns that have an order of their own.

        A warning names columns that teach nothing: all rows have the same value, or none.
        """
        from gft.covariates.design import Design

        for name in self.columns:
            if len(set(cells[name])) < 2:
                notes.warn(
                    f"{name} is the same in all rows of train, or missing in all: no model can "
                    "learn from it, so it has no effect"
                )
        return replace(self, design=Design.fitted(self.terms, cells, orders or {}))

    def of(self, cells: Columns) -> Array:
        """Return the numbers of rows, float32 of shape (rows, width)."""
        import numpy as np

        return self.fitted_design.of(self._as_fitted(cells)).astype(np.float32)

    def unknown(self, cells: Columns) -> dict[str, Counter[str]]:
        """Return what train has not, counted, by column: levels, and '' for a missing cell."""
        found = self.fitted_design.unknown(self._as_fitted(cells))
        return {name: found[own] for own, name in self._names().items() if own in found}

    def of_model(self, model: Covariates | None, name: str) -> Covariates:
        """Return these with the design of a model. Raises `UserError` where terms do not meet."""
        theirs = () if model is None else model.terms
        if [_functions(one) for one in self.terms] != [_functions(one) for one in theirs]:
            raise UserError(_unmet(self.terms, theirs, name))
        assert model is not None
        found = replace(self, design=model.design)
        if len(set(found._names().values())) < len(found._names()):
            raise UserError(_unmet(self.terms, theirs, name))
        return found

    @property
    def fitted_design(self) -> Design:
        """The design, of covariates that have met train."""
        assert self.design is not None, "covariates are used before they are fitted"
        return self.design

    def _names(self) -> dict[str, str]:
        """Return what each column of the design is called here."""
        pairs = zip(self.fitted_design.terms, self.terms, strict=True)
        return {
            own.column: here.column
            for fitted, term in pairs
            for own, here in zip(fitted, term, strict=True)
        }

    def _as_fitted(self, cells: Columns) -> Columns:
        return {own: cells[name] for own, name in self._names().items()}


def check_no_covariates(model: Covariates | None, name: str) -> None:
    """Raise `UserError` where a model has covariates and the equation that it meets has none."""
    if model is not None:
        raise UserError(_unmet((), model.terms, name))


def _functions(term: tuple[Term, ...]) -> list[str | None]:
    return [one.function for one in term]


def _unmet(ours: Terms, theirs: Terms, name: str) -> str:
    here, there = (" + ".join(map(str, map(Interaction, one))) for one in (ours, theirs))
    if not theirs:
        return f"{name} was fitted without covariates, and the equation has {here}: leave them out"
    told = f"{name} was fitted with {there}; the equation has {here or 'no covariates'}"
    return f"{told}: name as many columns, in the same functions and order"
