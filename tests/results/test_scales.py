"""Which columns are amounts: decimals, ratings, scores."""

from __future__ import annotations

import pytest

from gft.results.scales import is_scale


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (["3,5", "1,25", "2"], "y"),
        (["1.5", "2", "NA"], "y"),
        (["0", "0.25", "1"], "y"),
        (["1", "2", "3", "4", "5"], "y"),
        (["1.0", "2.0", "3.0", "4.0", "5.0"], "y"),
        (["1", "2", "3", "4", "5", "99"], "q7"),
        (["1", "3", "4"], "star_rating"),
        (["-3", "-2", "-1", "0", "1", "2", "3"], "y"),
        ([str(n) for n in range(18, 80, 3)], "y"),
    ],
)
def test_amounts(values: list[str], name: str) -> None:
    assert is_scale(values, name)


@pytest.mark.parametrize(
    "values",
    [
        ["0", "1"],
        ["0", "1", "99"],
        ["0", "1", "2"],
        ["1", "2", "3", "4"],
        [str(n) for n in range(20)],
        ["good", "1", "2"],
        ["3,5", "3.5", "1"],
        ["1_000", "2_000", "3_000"],
        [],
    ],
)
def test_classes(values: list[str]) -> None:
    assert not is_scale(values, "label")
