"""What is wrong with a data set, for people."""

from __future__ import annotations

from collections.abc import Sequence

from gft.data.problem import Problem
from gft.language.equation import Equation


def problems_text(equation: Equation, problems: Sequence[Problem]) -> str:
    """Return what is wrong with the columns of an equation, a line each."""
    if not problems:
        return f"Warnings: none; nothing looks wrong with the data for {equation}\n"
    lines = "".join(f"- {problem.message}\n" for problem in problems)
    return f"Warnings for {equation}:\n{lines}"
