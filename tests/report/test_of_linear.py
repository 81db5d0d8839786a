"""A linear model in words."""

from __future__ import annotations

from dataclasses import replace

from gft.report.of_linear import linear_section, terms_table
from gft.results.linear_facts import LinearFacts, Weighed

FACTS = LinearFacts(
    "logistic regression on TF-IDF of words and pairs",
    20,
    ("text",),
    {"words": 1234},
    2000,
    2470,
    {"good": [Weighed("text", "not bad", 1.234)], "bad": []},
)


def test_what_it_is() -> None:
    told = linear_section(FACTS, 20)
    assert "20 rows of train\n" in told and "1,234 words and pairs of words in text" in told
    assert "20 rows of train of 50, at even distances\n" in linear_section(FACTS, 50)


def test_its_terms() -> None:
    lines = terms_table(FACTS).splitlines()
    assert [line.split("  ")[-1].strip() for line in lines[2:]] == ["not bad +1.23", "none"]
    columns = [Weighed("a", " x", -0.5), Weighed("a and b", "", 0.25)]
    pair = replace(FACTS, columns=("a", "b"), sizes={"words": 1, "characters": 2},
                   heaviest={"size": columns})  # fmt: skip
    assert "' x' (a) -0.50, similarity of a and b +0.25" in terms_table(pair)
    many = replace(FACTS, heaviest={str(n): [] for n in range(30)})
    assert terms_table(many).endswith("and 18 more\n")
