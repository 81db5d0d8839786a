"""Categories beside a text: `cat(party)`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from gft.data.spelling import level_key, spelling
from gft.inputs.kind import InputKind
from gft.inputs.number import NUMBER


@dataclass(frozen=True)
class Category(InputKind):
    """Levels: texts, numbers, booleans or classes; a cell may be missing."""

    what: ClassVar[str] = "categories in cat()"
    needs: ClassVar[str] = "levels: texts, numbers or booleans"
    takes: ClassVar[tuple[str, ...]] = ("text", "class", "integer", "float", "boolean")
    length_of: ClassVar[str] = ""
    unit: ClassVar[str] = "levels"
    is_covariate: ClassVar[bool] = True
    in_json: ClassVar[Mapping[str, Any]] = {"type": ["string", "number", "boolean", "null"]}

    def read(self, cells: Sequence[Any]) -> list[Any]:
        """Return the levels as text, None where a cell is missing."""
        return [spelling(cell) or None for cell in cells]

    def bare(self, cells: Sequence[Any]) -> list[str]:
        """Return what cells of one level have in common, '' of a missing one."""
        return [level_key(spelling(cell)) for cell in cells]

    def as_json(self, cell: Any) -> Any:
        """Return a level as a row of JSON has it, None where it is missing."""
        return spelling(cell) or None

    def from_json(self, value: Any) -> Any:
        """Return a level, None for a missing one."""
        infinite = isinstance(value, float) and not math.isfinite(value)
        if infinite or isinstance(value, dict | list):
            raise ValueError("a text, a number, true or false, or null where it is missing")
        return value


CATEGORY = Category()
BESIDE: tuple[InputKind, ...] = (NUMBER, CATEGORY)
"""The kinds of covariates, which stand beside a text, an image or a sound."""
