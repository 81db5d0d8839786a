"""Which columns `gft_init` puts beside the text, as numbers and categories."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress, pairwise
from typing import Any

from gft.data.beside import beside_text
from gft.data.giveaway import FEWEST_ROWS
from gft.data.numbers import as_numbers, is_missing
from gft.data.problems import are_splits, given_away
from gft.data.sampling import spread
from gft.data.table import DataSet, Rows
from gft.errors import listed
from gft.language.equation import Equation
from gft.language.terms import Term
from gft.results.choosing import LABEL, tells_judgement, tells_who
from gft.tasks.protocol import Task

MOST = 8
"""So many covariates are proposed; a wide table has too many to choose from by their names."""
LOOKED_AT = 1_000
_POSITION = re.compile(
    r"(.*[_ .-]|.*[a-z](?=[A-Z]))?(turn|position|pos|index|offset|start|begin|end|line|page|row"
    r"|paragraph|sentence|number|nr|no|seq|sequence|order|fold|timestamp|date|zeile|seite|nummer"
    r"|lfdnr|plz|zip|postcode)|time|datum|zeit|epoch",
    re.IGNORECASE,
)
"""Numbers that are called so say where or when a row stands, not what it is."""
_SECONDS = (600_000_000, 4_000_000_000)
"""Seconds since 1970 of the years 1989 to 2096; an amount seldom lies between in every row."""


@dataclass(frozen=True)
class Proposed:
    """An equation with covariates beside its texts, and why these and no others."""

    equation: Equation
    reason: str | None


def with_covariates(
    equation: Equation, data: DataSet, task_type: type[Task], groups: Sequence[str]
) -> Proposed:
    """Return an equation with the covariates that a table has, at most `MOST`.

    No ids, constants, dates and names of splits, no positions of rows in a table or a dialogue, no
    columns of `groups` or that name who said a row, and nothing that is called a label or a
    judgement, such as stars, or that gives the label away.
    """
    rows = next(iter(data.splits.values()))
    takes = any(one.is_covariate for one in task_type.takes)
    if not takes or len(rows) < FEWEST_ROWS or not set(equation.left) <= rows.columns.keys():
        return Proposed(equation, None)
    terms: list[Term] = []
    telling: list[str] = []
    more = 0
    for name in data.columns:
        term = None if name in (*equation.columns, *groups) else _term(rows, name)
        if term is None or (term.function == "num" and _is_position(rows, name, groups)):
            continue
        if len(terms) == MOST:
            more += 1
        elif _knows(rows, equation, task_type, name):
            telling.append(name)
        else:
            terms.append(term)
    reasons = []
    if terms:
        reasons.append(f"{listed(map(str, terms))}, beside the text")
    if more:
        reasons.append(f"{more} more columns could be")
    if telling:
        verb = "gives" if len(telling) == 1 else "give"
        reasons.append(f"not {listed(telling)}, which {verb} the label away")
    found = replace(equation, right=(*equation.right, *terms))
    return Proposed(found, "; ".join(reasons) or None)


def _term(rows: Rows, name: str) -> Term | None:
    """Return the term of a column that could stand beside a text, None where it could not."""
    if LABEL.fullmatch(name) or tells_who(name) or tells_judgement(name):
        return None
    found = beside_text(rows, name)
    if found is None or found.term is None:
        return None
    some = {str(cell) for cell in spread(rows, LOOKED_AT).column(name) if cell is not None}
    return None if are_splits(some) else found.term


def _is_position(rows: Rows, name: str, groups: Sequence[str]) -> bool:
    """Say whether numbers are positions or times of rows: by their name, or as they go up."""
    if _POSITION.fullmatch(name):
        return True
    some = rows.select(range(min(len(rows), LOOKED_AT)))
    there = [not is_missing(cell) and bool(str(cell).strip()) for cell in some.column(name)]
    numbers = as_numbers(str(cell).strip() for cell in compress(some.column(name), there))
    if not numbers or any(one != int(one) for one in numbers):
        return False
    first, last = min(numbers), max(numbers)
    if any(_SECONDS[0] * unit <= first and last <= _SECONDS[1] * unit for unit in (1, 1_000)):
        return True
    return any(_go_up(numbers, [*compress(some.column(one), there)]) for one in groups)


def _go_up(numbers: Sequence[float], groups: Sequence[Any]) -> bool:
    """Say whether numbers count the rows of each group, as turns of a dialogue are counted."""
    found: dict[str, list[float]] = defaultdict(list)
    for number, group in zip(numbers, groups, strict=True):
        found[str(group)].append(number)
    several = len(numbers) >= 2 * len(found)
    return several and all(a < b for of_one in found.values() for a, b in pairwise(of_one))


def _knows(rows: Rows, equation: Equation, task_type: type[Task], name: str) -> bool:
    """Say whether a column gives the label away."""
    found = given_away(rows, equation.left, (), task_type.target.numeric, (name,))
    return "gives away" in task_type.target.problems and any(found)
