"""Covariates as files have them: numbers, levels, and what is said of cells that are neither."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from gft.cells.columns import Columns
from gft.cells.reading import read_columns, read_inputs
from gft.data.labelled import described
from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.language.equation import parse_equation
from gft.language.program import Options
from gft.registry import tasks

CLASSIFY = tasks()["classify"]


def read(equation: str, options: dict[str, Any] | None = None, **columns: Any) -> Columns:
    size = len(next(iter(columns.values())))
    table = pa.table({"y": ["a", "b"] * (size // 2) + ["a"] * (size % 2)} | columns)
    classes = {"c": ("low", "high")} if "c" in columns else {}
    data = DataSet("d", {"train": Rows(table, classes)})
    return read_columns(parse_equation(equation), data, CLASSIFY, Options(options or {}))


def cells(found: Columns, name: str) -> list[Any]:
    return found.data.splits["train"].column(name)


NUMBERS = {
    "integers": ([1, None, 3], [1, None, 3]),
    "floats": ([1.5, float("nan"), 3.0], [1.5, None, 3]),
    "booleans": ([True, None, False], [1, None, 0]),
    "texts": ([" 1e1", "", "-.5"], [10, None, -0.5]),
    "decimal commas": (["1,5", "", "1.234,25"], [1.5, None, 1234.25]),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_of_any_column(name: str) -> None:
    given, expected = NUMBERS[name]
    assert cells(read("classify: y ~ num(x)", x=given), "x") == expected


def test_na_is_missing() -> None:
    found = read("classify: y ~ num(x) + cat(z)", {"na": ("99",)}, x=["1", "99"], z=["a", "99"])
    assert (cells(found, "x"), cells(found, "z")) == ([1, None], ["a", None])


def test_a_column_in_which_nothing_stands() -> None:
    """JSON and Parquet give it no type of its own, and neither does Python."""
    empty = pa.nulls(2)
    found = read("classify: y ~ num(x) + cat(z)", x=empty, z=empty)
    assert (cells(found, "x"), cells(found, "z")) == ([None, None], [None, None])
    assert [found.data.columns[one].kind for one in "xz"] == ["float", "text"]


def test_levels_of_any_column() -> None:
    found = read("classify: y ~ cat(x) + cat(c) + cat(b)", x=[1, None], c=[1, 0], b=[True, False])
    assert cells(found, "x") == ["1", None]
    assert cells(found, "c") == ["high", "low"]
    assert cells(found, "b") == ["True", "False"]


WRONG = [
    ("num(x)", ["Green", "Red"], r"row 1 of train holds 'Green', which is not a number: cat\(x\)"),
    ("num(x)", ["1", "2", "3", "4 y"], r"row 4 of train holds '4 y', which is not a number; an"),
    ("num(x)", ["1", "2", "3", "n/a"], r"'n/a', which is not a number: --na n/a if it means a"),
    ("num(x)", [1.0, float("inf")], r"row 2 of train holds inf, which is not a number"),
    ("log(x)", [1, 0], r"row 2 of train holds 0, and log\(\) takes .* above 0: log1p\(x\) takes"),
    ("log(x)", ["1", "-2"], r"-2, and log\(\) takes numbers above 0: num\(x\) takes any number"),
    ("log1p(x) + num(x)", [0, -1], r"-1, and log1p\(\) takes numbers above -1: num\(x\) takes"),
]  # fmt: skip


@pytest.mark.parametrize(("term", "given", "told"), WRONG)
def test_a_cell_that_is_no_such_number_is_named(term: str, given: list[Any], told: str) -> None:
    with pytest.raises(UserError, match=told):
        read(f"classify: y ~ {term}", x=given)


def test_a_column_of_another_kind_is_refused_where_the_task_is_bound() -> None:
    found = read("classify: y ~ cat(x)", x=[["a"], ["b"]])
    with pytest.raises(
        UserError, match=r"column 'x' of d holds list values; classify needs levels"
    ):
        CLASSIFY.bind(found.equation, found.data, found.data.splits)


def test_codes_with_labels_are_levels_by_these_and_numbers_by_themselves() -> None:
    party = described(pa.field("party", pa.int64()), {1: "Green", 2: "Red"})
    age = described(pa.field("age", pa.int64()), {99: "no answer"})
    table = pa.table([["a", "b"], [1, 2], [34, 99]], pa.schema([("y", pa.string()), party, age]))
    data = DataSet("d", {"train": Rows(table)})
    equation = parse_equation("classify: y ~ cat(party) + num(age)")
    found = read_columns(equation, data, CLASSIFY, Options({}))
    assert (cells(found, "party"), cells(found, "age")) == (["Green", "Red"], [34, 99])


def test_what_a_dot_stands_for_and_what_it_leaves_out() -> None:
    texts = [f"some words of row {n}" for n in range(40)]
    found = read(
        "classify: y ~ .", text=texts, age=[str(20 + n % 9) for n in range(40)],
        party=["Red", "Green"] * 20, id=[f"r{n}" for n in range(40)], one=["x"] * 40,
    )  # fmt: skip
    assert str(found.equation) == "classify: y ~ text"
    assert found.notes == (
        "the equation is classify: y ~ text; '.' leaves out age (num(age)), party (cat(party)), "
        "id (an id) and one (one value)",
    )
    more = read("classify: y ~ . + num(age) - text", text=texts, age=[*range(40)], title=texts)
    assert str(more.equation) == "classify: y ~ title + num(age)"


def test_a_model_reads_numbers_with_the_mark_of_its_data() -> None:
    equation = parse_equation("classify: y ~ text + num(x)")
    task = CLASSIFY.of_columns(equation, labels=("a", "b")).written(",")
    rows = Rows(pa.table({"text": ["a"], "x": ["1,234"]}))
    assert read_inputs(DataSet("d", {"train": rows}), task).splits["train"].column("x") == [1.234]
    task.check_rows(None, {"text": ["a"], "x": ["1,5"]}, 1, "line")
    with pytest.raises(UserError, match=r"column 'x': line 7 holds '1.5', which is not a number"):
        task.check_rows(None, {"text": ["a"], "x": ["1.5"]}, 7, "line")


def test_a_number_that_can_be_read_in_two_ways_is_refused_in_lines() -> None:
    """What `gft_cat_data` prints of data with decimal commas has points: 2.207 is not 2207."""
    equation = parse_equation("classify: y ~ text + num(x)")
    task = CLASSIFY.of_columns(equation, labels=("a", "b"))
    for certain, cell, told in [
        (False, "2.207", r"holds '2.207', which may be 2.207 or 2207: choose --decimal ,"),
        (False, "2207.66", r"which is not a number with a decimal comma: --decimal \. reads it"),
    ]:
        with pytest.raises(UserError, match=told):
            task.written(",", certain).check_rows(None, {"text": ["a"], "x": [cell]}, 1, "line")
    task.written(",").check_rows(None, {"text": ["a"], "x": ["2.207"]}, 1, "line")
    task.written(",", False).check_rows(None, {"text": ["a"], "x": ["1.234,5"]}, 1, "line")
    task.written(".", False).check_rows(None, {"text": ["a"], "x": ["2.207"]}, 1, "line")


def test_the_mark_of_covariates_is_found_apart_from_that_of_labels() -> None:
    table = pa.table({"price": ["2.5", "3"], "size": ["1,5", "2"]})
    equation = parse_equation("regress: price ~ num(size)")
    data = DataSet("d", {"train": Rows(table)})
    found = read_columns(equation, data, tasks()["regress"], Options({}))
    assert dict(found.found) == {"covariates_decimal": ","}


def test_what_is_no_number_is_told_with_what_to_write() -> None:
    some = ["1", "2", "3"]
    opinion = "a longer opinion on the matter"
    for found, told in {
        ("1,5 %", *some): "holds '1,5 %', which has a percent sign: write the number alone",
        ("€ 1,200", *some): "which has a currency: write the number alone",
        ("1 200", *some): "has whitespace or quotes between its digits: write the number alone",
        ("31.12.1990", *some): "which is a date: make a number of it in the data, such as its year",
        ("NA", "NA", "NA", "1"): "holds 'NA', which is not a number: --na NA if it means",
        ("TRUE", "FALSE", "TRUE", "FALSE"): "which is not a number: cat(x) takes categories",
        (opinion, opinion, "x", "1"): "which is not a number: write x to have it as a text",
        ("34 y", *some): "which is not a number; an empty cell is a missing value",
    }.items():
        with pytest.raises(UserError) as raised:
            read("classify: y ~ num(x)", x=list(found))
        assert told in str(raised.value)
    task = CLASSIFY.of_columns(parse_equation("classify: y ~ text + num(x)"), labels=("a", "b"))
    with pytest.raises(UserError, match=r"line 3 holds 'NA', .*: leave the cell empty if it"):
        task.check_rows(None, {"text": ["a"], "x": ["NA"]}, 3, "line")


def test_every_column_that_the_dot_leaves_out_has_its_term() -> None:
    more = {f"x{n}": list(range(20)) * 2 for n in range(12)}
    found = read("classify: y ~ .", text=[f"some words {n}" for n in range(40)], **more)
    assert "x10 (num(x10)) and x11 (num(x11))" in found.notes[0]


def test_levels_keep_the_order_of_their_codes() -> None:
    """Answers on a scale stand from bad to good, in files of SPSS as in factors of R."""
    labels = {1: "very bad", 2: "bad", 3: "good"}
    field = described(pa.field("x", pa.int64()), labels)
    codes = pa.table([pa.array([3, 1, 2, 1] * 3)], schema=pa.schema([field]))
    factor = Rows(pa.table({"x": [2, 0, 1, 0] * 3}), {"x": tuple(labels.values())})
    for some in (Rows(codes), factor):
        rows = some.with_column("y", pa.chunked_array([["a", "b"] * 6]))
        data = DataSet("d", {"train": rows})
        columns = read_columns(parse_equation("classify: y ~ cat(x)"), data, CLASSIFY, Options({}))
        task = CLASSIFY.bind(columns.equation, columns.data, columns.data.splits)
        task = task.with_design(columns.data.splits["train"])
        assert task.covariates is not None
        assert task.covariates.fitted_design.names == ("x: very bad", "x: bad", "x: good")
