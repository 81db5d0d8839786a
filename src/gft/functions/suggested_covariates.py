"""Which columns `gft_init` puts beside the text, as numbers and categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gft.data.beside import beside_text
from gft.data.giveaway import FEWEST_ROWS
from gft.data.problems import are_splits, given_away
from gft.data.sampling import spread
from gft.data.table import DataSet, Rows
from gft.errors import listed
from gft.language.equation import Equation
from gft.language.terms import Term
from gft.results.choosing import LABEL, tells_who
from gft.tasks.protocol import Task

MOST = 8
"""So many covariates are proposed; a wide table has too many to choose from by their names."""
LOOKED_AT = 1_000


@dataclass(frozen=True)
class Proposed:
    """An equation with covariates beside its texts, and why these and no others."""

    equation: Equation
    reason: str | None


def with_covariates(
    equation: Equation, data: DataSet, kind: type[Task], groups: Sequence[str]
) -> Proposed:
    """Return an equation with the covariates that a table has, at most `MOST`.

    No ids, constants, dates and names of splits, no columns of `groups` or that name who said a
    row, and nothing that is called a label or that gives the label away.
    """
    rows = next(iter(data.splits.values()))
    takes = any(one.is_covariate for one in kind.takes)
    if not takes or len(rows) < FEWEST_ROWS or not set(equation.left) <= rows.columns.keys():
        return Proposed(equation, None)
    terms: list[Term] = []
    telling: list[str] = []
    more = 0
    for name in data.columns:
        term = None if name in (*equation.columns, *groups) else _term(rows, name)
        if term is None:
            continue
        if len(terms) == MOST:
            more += 1
        elif _knows(rows, equation, kind, name):
            telling.append(name)
        else:
            terms.append(term)
    told = []
    if terms:
        told.append(f"{listed(map(str, terms))}, beside the text")
    if more:
        told.append(f"{more} more columns could be")
    if telling:
        verb = "gives" if len(telling) == 1 else "give"
        told.append(f"not {listed(telling)}, which {verb} the label away")
    found = replace(equation, right=(*equation.right, *terms))
    return Proposed(found, "; ".join(told) or None)


def _term(rows: Rows, name: str) -> Term | None:
    """Return the term of a column that could stand beside a text, None where it could not."""
    if LABEL.fullmatch(name) or tells_who(name):
        return None
    found = beside_text(rows, name)
    if found is None or found.term is None:
        return None
    some = {str(cell) for cell in spread(rows, LOOKED_AT).column(name) if cell is not None}
    return None if are_splits(some) else found.term


def _knows(rows: Rows, equation: Equation, kind: type[Task], name: str) -> bool:
    """Say whether a column gives the label away."""
    found = given_away(rows, equation.left, (), kind.target.numeric, (name,))
    return "gives away" in kind.target.problems and any(found)
