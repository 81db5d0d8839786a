"""Metrics by subgroup: tables, and sentences for anyone."""

from __future__ import annotations

from typing import Any

from gft.report.of_subgroups import (
    about_subgroups,
    about_tests,
    evaluation_text,
    subgroup_rows,
    subgroups_of_fit,
    subgroups_text,
)


def score(value: float | None, reach: float = 0.1, **more: Any) -> dict[str, Any]:
    if value is None:
        return {"value": None, "low": None, "high": None}
    return {"value": value, "low": value - reach, "high": value + reach, **more}


def subgroups(p: float = 0.0001, better: bool = True, **more: Any) -> dict[str, Any]:
    return {
        "values": {
            "male": {"rows": 230, "compared": True, "metrics": {"f1": score(0.95)}},
            "female": {"rows": 240, "compared": True, "metrics": {"f1": score(0.6)}},
            **more,
        },
        "differences": [
            {"metric": "f1", "between": ["male", "female"], "difference": score(0.35),
             "greater_is_better": better, "p": p, "p_adjusted": p, "significant": p < 0.05,
             "largest": True},
        ],
        "comparisons": 3,
    }  # fmt: skip


def test_a_table_has_a_row_for_each_value() -> None:
    few = {"rows": 3, "compared": False, "metrics": {"f1": score(0.5, caveat="only 3 rows")}}
    headers, rows = subgroup_rows("gender", subgroups(missing=few))
    assert headers == ["gender", "rows", "f1"]
    assert rows[0] == ["male", "230", "0.9500 [0.850, 1.050]"]
    assert rows[2] == ["missing", "3", "0.5000 [0.400, 0.600] (!)"]


def test_a_significant_difference() -> None:
    assert about_subgroups("gender", subgroups()) == [
        "f1: the model is better for male (0.9500 on 230 rows) than for female (0.6000 on 240 "
        "rows). The difference of 0.3500 (95 % interval 0.2500 to 0.4500; p < 0.001) is "
        "significant."
    ]
    [less] = about_subgroups("gender", subgroups(better=False))
    assert less.startswith("f1: the model is better for female (0.6000 on 240 rows) than for male")


def test_a_difference_that_is_not_significant() -> None:
    assert about_subgroups("gender", subgroups(p=0.2)) == [
        "f1: no difference between values of gender is significant. The largest with "
        "enough rows is 0.3500 (95 % interval 0.2500 to 0.4500; p = 0.200) between male (0.9500 on "
        "230 rows) and female (0.6000 on 240 rows)."
    ]
    both = subgroups(p=0.2)
    for one in both["values"].values():
        one["metrics"]["loss"] = score(0.5)
    both["differences"] += [both["differences"][0] | {"metric": "loss"}]
    [told] = about_subgroups("gender", both)
    assert told.startswith("f1 and loss: no difference between values of gender is significant.")
    assert (
        "The largest with enough rows are in f1 0.3500 (95 % " in told
        and "; in loss 0.3500 (" in told
    )


def test_no_difference_is_not_named() -> None:
    same = subgroups(p=1.0)
    same["differences"][0]["difference"] |= {"value": 0.00001, "low": 0.0, "caveat": "few rows"}
    assert about_subgroups("gender", same) == ["f1: no difference between values of gender."]


def test_subgroups_of_several_seeds_are_of_one() -> None:
    split = {"metrics": {}, "by": {"gender": subgroups()}}
    one = {"splits": {"test": split}}
    several = {**one, "seeds": {"chosen": 43}}
    assert "seed" not in subgroups_of_fit(one)
    assert subgroups_of_fit(several).startswith(
        "The metrics by subgroup are about the model of seed 43 alone, the one that is kept.\n"
    )


def test_what_is_not_compared_is_said() -> None:
    few = {"rows": 3, "compared": False, "metrics": {"f1": score(0.5, caveat="only 3 rows")}}
    told = about_subgroups("gender", subgroups(other=few))
    assert told[1:] == [
        "Not compared: other (3 rows); a comparison needs 10 rows of each value.",
        "(!) only 3 rows.",
    ]
    several = {
        f"v{n}": few | {"metrics": {"f1": score(0.5, caveat=f"only {n} rows")}} for n in range(4)
    }
    told = about_subgroups("gender", subgroups(**several))
    assert told[2:] == ["(!) too few rows, or too few of a class: these intervals are unreliable."]
    nothing = {"values": {"other": few | {"groups": 2}}, "differences": [], "comparisons": 0}
    assert about_subgroups("gender", nothing)[0] == (
        "Not compared: other (3 rows of 2 groups); a comparison needs 10 rows of 5 groups of each "
        "value."
    )
    assert about_tests({"gender": nothing}) == []


def test_tests_are_counted() -> None:
    text = subgroups_text({"gender": subgroups(), "age": subgroups()})
    assert text.count("after correction for all 3 comparisons (Holm)") == 1
    assert subgroups_text({}) == ""


def test_evaluations_with_subgroups() -> None:
    found = {"model": "m", "data": "d", "split": "test", "rows": 470,
             "metrics": {"f1": score(0.75)}, "by": {"gender": subgroups()}}  # fmt: skip
    assert evaluation_text(found, plain=True).splitlines()[:2] == [
        "\t\tf1\t0.7500\t0.6500 to 0.8500",
        "gender\tmale\tf1\t0.9500\t0.8500 to 1.0500",
    ]
    shown = evaluation_text(found, plain=False)
    assert shown.index("m on test of d, 470 rows") < shown.index("gender") < shown.index("male")
    del found["by"]
    assert evaluation_text(found, plain=True) == "f1\t0.7500\t0.6500 to 0.8500\n"
