"""Which rows of a split stand in another one, too: the same inputs, a group, nearly the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gft.data.problem import Problem, shown

Array = np.ndarray[Any, Any]

NEARLY = "nearly in two splits"
"""The kind of problem that rows are which are nearly in another split."""


@dataclass(frozen=True, eq=False)
class Overlap:
    """What a split shares with another one, which is trained on or comes first.

    `same` marks the rows whose inputs are there too, `grouped` those whose group is, shape (rows,)
    each; `groups` counts the groups that are in both, and is None without `--group`. `near` more
    rows are nearly there. Examples are texts: of a row in both, of two that are nearly the same.
    """

    same: Array
    grouped: Array
    groups: int | None = None
    near: int = 0
    example: str = ""
    near_example: tuple[str, str] = ("", "")

    @property
    def shared(self) -> Array:
        """Mark the rows that the other split has, or rows of their group; shape (rows,)."""
        return np.asarray(self.same | self.grouped)

    def saved(self) -> dict[str, int]:
        """Return the counts as JSON: rows shared in all, of them by their inputs; groups; near."""
        found = {"rows": int(self.shared.sum()), "same_inputs": int(self.same.sum())}
        found |= {} if self.groups is None else {"groups": self.groups}
        return found | {"near": self.near}

    def problems(self, name: str, other: str, group: str | None = None) -> Iterator[Problem]:
        """Yield what there is to tell of the split `name`, which shares rows with `other`."""
        rows, same, grouped = len(self.same), int(self.same.sum()), int(self.grouped.sum())
        if same:
            what = (
                f"{same:,} of the {rows:,} rows of {name} {_are(same)} in {other} too "
                f"({same / rows:.1%}), such as {shown(self.example)}: "
                f"scores on {name} are optimistically biased"
            )
            yield Problem("in two splits", same, what)
        if grouped:
            what = (
                f"{grouped:,} of the {rows:,} rows of {name} ({grouped / rows:.1%}) "
                f"{_are(grouped)} of a group of {group} that {other} has too ({self.groups:,} in "
                f"all): scores on {name} say little of new groups"
            )
            yield Problem("group in two splits", grouped, what)
        if self.near:
            one, known = self.near_example
            more = "more " if same else ""
            what = (
                f"{self.near:,} {more}of the {rows:,} rows of {name} ({self.near / rows:.1%}) "
                f"{_are(self.near)} nearly in {other}, such as {shown(one)}, there {shown(known)}"
            )
            yield Problem(NEARLY, self.near, what)


def _are(rows: int) -> str:
    return "are" if rows > 1 else "is"
