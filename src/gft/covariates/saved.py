"""Terms and factors of a design as JSON, and back; every defect is a `ValueError`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from gft.covariates.factors import CategoryFactor, Factor, NumberFactor
from gft.language.terms import CATEGORY, COVARIATES, Term

LARGEST = 1e300
"""The largest number that is accepted: differences of such numbers are still finite."""


def terms_json(terms: tuple[tuple[Term, ...], ...]) -> list[list[dict[str, str]]]:
    """Return covariate terms as JSON: a list of the factors of each."""
    return [[_term_json(one) for one in term] for term in terms]


def terms_of(saved: Any) -> tuple[tuple[Term, ...], ...]:
    """Return the covariate terms that were saved. Raises `ValueError`."""
    if not isinstance(saved, list) or not saved:
        raise ValueError("terms is not a list of terms")
    if not all(isinstance(term, list) and term for term in saved):
        raise ValueError("a term is not a list of factors")
    terms = tuple(tuple(map(_term_of, term)) for term in saved)
    if len(set(terms)) < len(terms):
        raise ValueError("a term is repeated")
    return terms


def factor_json(factor: Factor) -> dict[str, Any]:
    """Return a factor as JSON."""
    term = _term_json(factor.term)
    if isinstance(factor, CategoryFactor):
        return {**term, "levels": list(factor.levels), "counts": list(factor.counts)}
    return {**term, "mean": factor.mean, "sd": factor.sd, "missing": factor.missing}


def factor_of(saved: Any) -> Factor:
    """Return the factor that was saved. Raises `ValueError`."""
    term = _term_of(saved)
    if term.function == CATEGORY:
        return CategoryFactor(term, *_levels(saved, str(term)))
    mean, sd, missing = (_number(saved, name) for name in ("mean", "sd", "missing"))
    if sd <= 0 or not 0 <= missing <= 1:
        raise ValueError(f"the numbers of {term} are out of range")
    return NumberFactor(term, mean, sd, missing)


def _levels(saved: Mapping[str, Any], of: str) -> tuple[tuple[str | None, ...], tuple[int, ...]]:
    levels, counts = saved.get("levels"), saved.get("counts")
    if not isinstance(levels, list) or not isinstance(counts, list) or not levels:
        raise ValueError(f"{of} has no list of levels with their counts")
    if not all(one is None or isinstance(one, str) for one in levels):
        raise ValueError(f"a level of {of} is not a text")
    if len(set(levels)) < len(levels):
        raise ValueError(f"a level of {of} is repeated")
    whole = all(isinstance(one, int) and not isinstance(one, bool) and one > 0 for one in counts)
    if not whole or len(counts) != len(levels):
        raise ValueError(f"the levels of {of} have no counts of rows")
    return tuple(levels), tuple(counts)


def _term_json(term: Term) -> dict[str, str]:
    return {"column": term.column, "function": str(term.function)}


def _term_of(saved: Any) -> Term:
    if not isinstance(saved, Mapping):
        raise ValueError("a factor is not an object")
    column, function = saved.get("column"), saved.get("function")
    if not isinstance(column, str) or not column or function not in COVARIATES:
        raise ValueError(
            f"a factor has no column, or a function that is not one of {', '.join(COVARIATES)}"
        )
    return Term(column, function)


def _number(saved: Mapping[str, Any], name: str) -> float:
    found = saved.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ValueError(f"{name} is not a number")
    if not math.isfinite(found) or abs(found) > LARGEST:
        raise ValueError(f"{name} is not a finite number")
    return float(found)
