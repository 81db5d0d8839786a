"""What looks like a missing value and is not named: which values, how often, what to give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gft import load_data
from gft.cells.missing_codes import (
    codes_of,
    likely_missing,
    na_argument,
    ordinary_in,
    warning_of,
)
from gft.data.missing_marks import missing_marks
from gft.data.table import DataSet
from gft.language.equation import parse_equation
from gft.registry import tasks
from ran import Ran


def found_in(eqn: str, **columns: list[Any]) -> list[tuple[str, str, int]]:
    equation = parse_equation(eqn)
    data: DataSet = load_data(columns)
    found = likely_missing(data, equation, tasks()[equation.task].target)
    return [(one.column, one.value, one.count) for one in found]


def test_words_for_nothing_are_told_in_their_exact_case() -> None:
    values = ["NA", "N/A", "#N/A", "NaN", "null", "None", "-", "?", "Don't know", "Keine Angabe"]
    assert missing_marks(values) == values
    assert not missing_marks(["none", "NONE", "na", "Nan", "no", "neutral", "x-", "unknown"])


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([1, 2, 3, 4, 5, 99], [99]),
        ([1, 2, 3, 4, 5, 9], [9]),
        ([1, 2, 3, 4, 5, 6, 7, 9], [9]),
        ([0, 1, -9], [-9]),
        ([1, 2, 3, 98, 99], [98, 99]),
        ([0, 50, 100, 999], [999]),
        ([1, 2, 3, 4, 5, -99], [-99]),
        (list(range(1, 11)), []),
        (list(range(1, 10)), []),
        ([1, 3, 5, 7, 9], []),
        (list(range(18, 100)), []),
        (list(range(100)), []),
        ([0, 99], []),
        ([1, 2, 98], []),
        ([1.5, 2.5, 30.25, 99], []),
        (["a", 1, 2, 99], []),
    ],
)
def test_codes_beside_a_short_scale(values: list[Any], codes: list[int]) -> None:
    assert codes_of(map(str, values)) == [str(one) for one in codes]


def test_cells_are_counted_over_the_columns_of_an_equation() -> None:
    text = [f"text {n}" for n in range(8)]
    labels = ["yes", "NA", "no", "yes", "NA", "no", None, "?"]
    assert found_in("classify: y ~ text", text=text, y=labels) == [("y", "NA", 2), ("y", "?", 1)]
    several = [["joy", "NA"], ["NA"], ["fear"], [], ["joy"], ["joy"], ["fear"], ["fear"]]
    assert found_in("classify: y ~ text", text=text, y=several) == [("y", "NA", 2)]
    assert found_in("regress: y ~ text", text=text, y=[1.0, 2.0, 3, 99, 99, 2, 1, 3]) == [
        ("y", "99", 2)
    ]
    often = ["NA"] * 4 + text[:4]
    assert found_in("classify: y ~ text", text=often, y=["a", "b"] * 4) == [("text", "NA", 4)]
    seldom = {"text": ["NA", *text[:7]], "y": ["a", "b"] * 4}
    assert not found_in("classify: y ~ text", **seldom)
    assert not found_in("generate: y ~ text", text=text, y=["None"] * 8)


def test_one_argument_names_all() -> None:
    assert na_argument(["NA", "99", "NA"]) == "--na NA,99"
    assert na_argument(["no answer", "a, b"]) == "--na 'no answer,\"a, b\"'"
    assert warning_of([], numbers=False) is None


def test_fit_summary_and_init_warn(gft: Callable[..., Ran], tiny: Path, tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    labels = ["yes", "no", "NA", "99x", "yes", "no", "NA", "yes"]
    file.write_text("text,label\n" + "".join(f"good {n},{one}\n" for n, one in enumerate(labels)))
    said = "label: 'NA' (2) looks like a missing value, and counts as a class; if so: --na NA"
    words = ("--data", file, "--eqn", "classify: label ~ text")
    ran = gft("fit", "--model", f"C:{tiny}", *words, "--dry_run")
    assert ran.status == 0 and f"warning: {said}" in ran.err
    assert said in gft("summary", *words).out
    assert "--na NA \\" in gft("init", file, *words[2:]).out
    ran = gft("summary", *words, "--na", "-")
    assert "looks like a missing value, and counts as a class; if so: --na -,NA" in ran.out
    assert "missing value" not in gft("summary", *words, "--na", "NA").out


def test_codes_and_words_for_nothing_in_covariates_are_warned_of() -> None:
    columns: dict[str, list[Any]] = {
        "vote": ["yes", "no"] * 6, "text": [f"text {n}" for n in range(12)],
        "likes": [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 99, 99], "party": ["left", "right", "NA"] * 4,
    }  # fmt: skip
    eqn = "classify: vote ~ text + num(likes) + cat(party)"
    assert found_in(eqn, **columns) == [("likes", "99", 2), ("party", "NA", 4)]
    target = tasks()["classify"].target
    told = warning_of(
        likely_missing(load_data(columns), parse_equation(eqn), target), numbers=False
    )
    assert told is not None and told.endswith("count as numbers or levels; if so: --na 99,NA")
    assert found_in("classify: vote ~ text", **columns) == []


def test_a_code_that_is_an_ordinary_value_elsewhere_is_not_to_be_given() -> None:
    columns: dict[str, list[Any]] = {
        "vote": ["yes", "no"] * 6, "weight": [60, 71, 82, 93, 99, 55, 64, 78, 87, 99, 101, 45],
        "mood": [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 99, 99], "party": ["left", "right", "NA"] * 4,
        "text": [f"text {n}" for n in range(12)],
    }  # fmt: skip
    target = tasks()["classify"].target

    def told(right: str, **changed: Any) -> str:
        data = load_data(columns | changed)
        equation = parse_equation(f"classify: vote ~ {right}")
        found = likely_missing(data, equation, target)
        return str(warning_of(found, False, (), ordinary_in(found, data, equation)))

    ordinary = "which --na would change too, so leave the cells of mood empty instead"
    weight = f"'99' is an ordinary value of weight, {ordinary}"
    assert told("text + num(mood) + num(weight) + cat(party)").endswith(
        f"; if so: --na NA; {weight}"
    )
    assert told("text + num(mood) + num(weight)").endswith(f"a number or level; {weight}")
    assert told("text + num(mood)").endswith("if so: --na 99")
    bare = told("text + num(mood)", text=["99"] + [f"text {n}" for n in range(11)])
    assert bare.endswith(f"'99' is an ordinary value of text, {ordinary}")
