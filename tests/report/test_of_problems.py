"""What is wrong with a data set, for people."""

from __future__ import annotations

from gft.data.problem import Problem
from gft.language.equation import parse_equation
from gft.report.of_problems import problems_text


def test_a_line_each_or_none() -> None:
    equation = parse_equation("classify: y ~ x")
    assert problems_text(equation, [Problem("rare", 1, "one"), Problem("long", 2, "two")]) == (
        "Warnings for classify: y ~ x:\n- one\n- two\n"
    )
    assert problems_text(equation, []).startswith("Warnings: none; ")
