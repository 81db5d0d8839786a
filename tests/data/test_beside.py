"""What columns hold that are no texts, and the terms that notes name for them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from gft.data.beside import beside_text
from gft.data.table import Rows

COLUMNS: dict[str, tuple[str, list[Any], str | None]] = {
    "numbers": ("age", [str(20 + n % 9) for n in range(40)], "num(age)"),
    "decimal commas": ("size", [f"{n % 7},5" for n in range(40)], "num(size)"),
    "integers": ("age", [n % 9 for n in range(40)], "num(age)"),
    "booleans": ("member", [True, False] * 20, "cat(member)"),
    "levels": ("party", ["Red", "Green", "", None] * 10, "cat(party)"),
    "a number of rows": ("n", [*range(40)], None),
    "numbers called ids": ("user_id", [n % 9 for n in range(40)], None),
    "names of rows": ("key", [f"r{n}" for n in range(40)], None),
    "dates": ("day", [f"2024-01-{n % 9 + 1:02}" for n in range(40)], None),
    "days of a month": ("day", [f"{n % 9 + 1}.1.24 10:00" for n in range(40)], None),
    "currencies": ("income", [f"€ {n},200" for n in range(1, 41)], None),
    "percent": ("share", [f"{n % 9} %" for n in range(40)], None),
    "spaces between thousands": ("income", [f"{n} 200" for n in range(1, 41)], None),
    "postcodes": ("zip", [f"0{n % 5}100" for n in range(40)], "cat(zip)"),
    "numbers and NA": ("age", ["NA", "20", "30", "40"] * 10, "num(age)"),
    "one value": ("lang", ["en"] * 40, None),
}


@pytest.mark.parametrize("what", COLUMNS)
def test_what_is_no_text(what: str) -> None:
    name, cells, term = COLUMNS[what]
    found = beside_text(Rows(pa.table({name: cells})), name)
    assert found is not None
    assert (None if found.term is None else str(found.term)) == term


@pytest.mark.parametrize(
    "cells",
    [
        [f"some words {n}" for n in range(40)],
        ["Red", "Green"] * 5,
        ["a longer opinion on the matter"] * 30 + ["another one of as many words"] * 10,
        [["a"], ["b"]],
    ],
)
def test_texts_few_cells_and_lists_are_left_alone(cells: list[Any]) -> None:
    assert beside_text(Rows(pa.table({"x": cells})), "x") is None
