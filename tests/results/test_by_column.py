"""The columns of --by: which value each row has, however the column is written."""

from __future__ import annotations

from typing import Any

import pytest

from gft.data.memory import from_memory
from gft.data.table import DataSet
from gft.errors import UserError
from gft.metrics.subgroups import ByColumn
from gft.results.by_column import by_columns, names_in


def data(**splits: dict[str, list[Any]]) -> DataSet:
    found = from_memory(splits)
    assert found is not None
    return found


def by(column: list[Any], *absent: str, **others: list[Any]) -> ByColumn:
    found = data(test={"g": column}, **{name: {"g": cells} for name, cells in others.items()})
    [one] = by_columns(("g",), found.splits["test"], found, "test", absent)
    return one


def told(column: ByColumn) -> list[str]:
    return [column.names[number] for number in column.numbers]


def test_names_may_be_separated_by_commas() -> None:
    assert names_in(("a,b", "c"), "abc") == ("a", "b", "c")
    assert names_in(("a,b",), ["a,b"]) == ("a,b",)
    assert names_in(('"a,b", c,c',), "c") == ("a,b", "c")


@pytest.mark.parametrize("cells, names", [
    (["m", " f", "m "], ["m", "f", "m"]),
    ([2, 10, 2], ["2", "10", "2"]),
    ([2.0, 10.0, None], ["2", "10", "missing"]),
    ([True, False, True], ["True", "False", "True"]),
    (["f", "", None], ["f", "missing", "missing"]),
    (["missing", None, "f"], ["missing", "missing (an empty cell)", "f"]),
])  # fmt: skip
def test_the_value_of_each_row(cells: list[Any], names: list[str]) -> None:
    assert told(by(cells)) == names


def test_values_stand_in_their_order_and_missing_last() -> None:
    assert by([None, 10, 9]).names == ("9", "10", "missing")
    assert told(by(["99", "m"], "99")) == ["missing", "m"]
    assert told(by([99, 1], "99")) == ["missing", "1"]


def test_many_numbers_are_cut_at_the_quartiles_of_all_splits() -> None:
    found = by([10, 25, 26, 80, None], train=list(range(101)))
    bands = ("0 to 25", "over 25 to 49", "over 49 to 75", "over 75 to 100")
    assert found.names == (*bands, "missing")
    assert told(found) == [bands[0], bands[0], bands[1], bands[3], "missing"]
    assert (
        found.note is not None and "101 different numbers, grouped at their quartiles" in found.note
    )
    assert told(by([str(n) for n in range(30)]))[0] == "0 to 7"


def test_of_many_names_the_rare_ones_are_taken_together() -> None:
    cells = [f"c{n:02}" for n in range(25) for _ in range(30 - n)]
    found = by(cells)
    assert len(found.names) == 21 and found.names[-1] == "5 other values"
    assert found.mixed == {"5 other values"} and told(found).count("5 other values") == 40
    assert found.note is not None and "the 20 most frequent of 25 values" in found.note


def test_columns_that_cannot_be_used() -> None:
    with pytest.raises(UserError, match=r"--by: no column 'gendr' in val \(did you mean 'gender'"):
        found = data(test={"gender": ["m"]})
        by_columns(("gendr",), found.splits["test"], found, "val")
    with pytest.raises(UserError, match="column 'g' has 40 different values in 40 rows, and none"):
        by([f"row {n}" for n in range(40)])
    with pytest.raises(UserError, match=r"the cells of column g \(list\) of test have parts"):
        by([["a", "b"], ["c"]])
    with pytest.raises(UserError, match="--by: expected columns of the data"):
        found = data(test={"gender": ["m"]})
        by_columns((" ",), found.splits["test"], found, "val")
