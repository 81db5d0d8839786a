"""The table of what columns are worth, and the sentences on the way covariates go."""

from __future__ import annotations

from typing import Any

from gft.report.of_importance import about_directions, importance_text

AGES = [20.0, 40.0, 60.0]


def one(value: float, among: str = "rows", moved: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"value": value, "low": value - 0.02, "high": value + 0.02, "among": among,
            "moved": moved, **more}  # fmt: skip


def of_split(**columns: Any) -> dict[str, Any]:
    return {"rows": 300, "classes": {"yes": {}, "no": {}},
            "importance": {"metric": "f1", "rows": 300, "shuffles": 5, "columns": columns},
            "directions": {
                "age": {"numeric": True, "values": AGES,
                        "averages": {"yes": [0.2, 0.3, 0.61]}},
                "party": {"numeric": False, "values": ["red", "green"],
                          "averages": {"yes": [0.52, 0.31]}},
            }}  # fmt: skip


def test_the_table_has_the_column_first_that_is_worth_most() -> None:
    split = of_split(
        age=one(0.03, positive_label="yes"), text=one(0.21, positive_label="yes"),
    )  # fmt: skip
    text = importance_text({"splits": {"test": split}})
    lines = text.splitlines()
    assert "drop in f1 (yes) when shuffled" in lines[0]
    assert lines[2].split() == ["text", "0.2100", "0.1900", "to", "0.2300"]
    assert lines[3].split()[:2] == ["age", "0.0300"]
    assert "on 300 rows of test" in text and "not what the column causes" in text
    assert importance_text({"splits": {"test": {"rows": 3}}}) == ""


def test_how_cells_were_shuffled_is_said_where_it_matters() -> None:
    split = of_split(
        text=one(0.2, "rows of a group"), age=one(0.1, "groups"), party=one(0, moved=0.12)
    )
    text = importance_text({"splits": {"val": split}})
    assert "Shuffled within groups: text." in text
    assert "Shuffled as a whole between groups: age, which is the same in all rows" in text
    assert "Only 12.0 % of the rows got another value of party" in text


def test_directions_are_told_in_words() -> None:
    [told] = about_directions(of_split())
    assert "the probability of yes rises from 0.200 to 0.610 as age goes from 20 to 60" in told
    assert "highest for party red (0.520) and lowest for green (0.310)" in told
    turning = of_split()
    turning["directions"]["age"]["averages"]["yes"] = [0.3, 0.7, 0.2]
    assert "falls from 0.300 to 0.200, by way of 0.700 at 40" in about_directions(turning)[0]
    income = {"numeric": True, "values": AGES, "averages": {"income": [900.0, 1500.0, 2000.0]}}
    numbers = {"directions": {"age": income}}
    assert "predicted income rises from 900 to 2000" in about_directions(numbers)[0]
    assert about_directions({}) == []
