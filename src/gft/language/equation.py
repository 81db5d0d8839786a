"""Equations: `classify: label ~ text + num(age)`, from text to tree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gft.language.grammar import parsed
from gft.language.terms import EVERYTHING, Interaction, RightTerm, Term, quoted

__all__ = ["EVERYTHING", "Equation", "Interaction", "RightTerm", "Term", "parse_equation"]


@dataclass(frozen=True)
class Equation:
    """What an equation says, before any data is seen.

    `task` is written as the user wrote it; `right` may hold `EVERYTHING`; `left_out` are the
    columns that were subtracted from it. `scales` has the function around each column on the left,
    None for one without; it is empty where none has any.
    """

    task: str
    left: tuple[str, ...]
    right: tuple[RightTerm, ...]
    left_out: tuple[str, ...] = ()
    scales: tuple[str | None, ...] = ()

    @classmethod
    def of_columns(cls, task: str, left: Iterable[str], right: Iterable[str]) -> Equation:
        """Return the equation that says `left` from the bare columns `right`."""
        return cls(task, tuple(left), tuple(map(Term, right)))

    def __str__(self) -> str:
        minus = "".join(f" - {quoted(name)}" for name in self.left_out)
        scales = self.scales or (None,) * len(self.left)
        left = " + ".join(str(Term(*one)) for one in zip(self.left, scales, strict=True))
        return f"{self.task}: {left} ~ {' + '.join(map(str, self.right))}{minus}"

    @property
    def factors(self) -> tuple[Term, ...]:
        """Every column that is named on the right with its function, as often as it is."""
        return tuple(one for term in self.right if not term.everything for one in term.factors)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that are named on the right, each once: texts and covariates."""
        return tuple(dict.fromkeys(one.column for one in self.factors))

    @property
    def covariates(self) -> tuple[tuple[Term, ...], ...]:
        """The covariate terms: what each is the product of, one number or category mostly."""
        return tuple(term.factors for term in self.right if term.factors[0].is_covariate)

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns that are named on the right and are no covariates."""
        return tuple(one.column for one in self.factors if not one.is_covariate)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is named, left to right, each once."""
        return tuple(dict.fromkeys((*self.left, *self.inputs, *self.left_out)))

    def expanded(self, text_columns: Iterable[str]) -> Equation:
        """Return the equation with `.` replaced by the text columns it stands for."""
        if EVERYTHING not in self.right:
            return self
        index = self.right.index(EVERYTHING)
        stands_for = (Term(name) for name in text_columns if name not in self.columns)
        right = (*self.right[:index], *stands_for, *self.right[index + 1 :])
        return replace(self, right=right, left_out=())


def parse_equation(text: str) -> Equation:
    """Return the equation written in `text`. Raises `EquationError` with the position."""
    found = parsed(text)
    left = tuple(term.column for term in found.left)
    scales = tuple(term.function for term in found.left)
    return Equation(found.task, left, found.right, found.left_out, scales if any(scales) else ())
