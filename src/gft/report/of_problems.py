"""What is wrong with a data set, as a part of its summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gft.data.problem import Problem


@dataclass(frozen=True)
class Warned:
    """What is wrong with the columns of an equation."""

    equation: str
    problems: Sequence[Problem]

    def saved(self) -> list[dict[str, Any]]:
        """Return kind, count and message of each problem as JSON."""
        return [asdict(problem) for problem in self.problems]

    def text(self) -> str:
        """Return the problems for people, a line each."""
        if not self.problems:
            return f"Warnings: none; nothing looks wrong with the data for {self.equation}\n"
        lines = "".join(f"- {problem.message}\n" for problem in self.problems)
        return f"Warnings for {self.equation}:\n{lines}"
