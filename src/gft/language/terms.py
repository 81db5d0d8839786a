"""What stands on the right of `~`: columns, functions around them, interactions of covariates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

LOGS = ("log", "log1p")
"""The functions that take the logarithm of a number: of itself, or of one more."""
NUMBERS = ("num", *LOGS)
"""The functions that make a column a covariate that is a number."""
CATEGORY = "cat"
"""The function that makes a column a covariate of levels."""
COVARIATES = (*NUMBERS, CATEGORY)
SAME = {"factor": CATEGORY, "text": None}
"""Other names of functions; `text` says what a bare name does."""


@dataclass(frozen=True)
class Term:
    """One term on the right of `~`: a column, and the function around it if there is one.

    `everything` is what `.` spells: every column of text that is not named; it has no column.
    """

    column: str
    function: str | None = None
    everything: bool = False

    @property
    def factors(self) -> tuple[Term, ...]:
        """What is multiplied: the term alone."""
        return (self,)

    @property
    def is_covariate(self) -> bool:
        """Whether it is a number or a category beside the text."""
        return self.function in COVARIATES

    @property
    def is_number(self) -> bool:
        """Whether it is a covariate that is a number."""
        return self.function in NUMBERS

    def __str__(self) -> str:
        if self.everything:
            return "."
        return f"{self.function}({quoted(self.column)})" if self.function else quoted(self.column)


@dataclass(frozen=True)
class Interaction:
    """The product of two or more covariates: `num(age):cat(party)`."""

    factors: tuple[Term, ...]

    everything = False

    def __str__(self) -> str:
        return ":".join(map(str, self.factors))


RightTerm: TypeAlias = Term | Interaction
EVERYTHING = Term("", everything=True)


def quoted(name: str) -> str:
    """Return a column's name as an equation has it, in back-quotes where it needs them."""
    if re.fullmatch(r"[^\W\d][\w.\u0300-\u036f]*", name):
        return name
    return "`" + re.sub(r"([`\\])", r"\\\1", name) + "`"
