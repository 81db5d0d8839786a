"""Covariates of data for people, and as JSON."""

from __future__ import annotations

import pyarrow as pa

from gft.data.table import Rows
from gft.inputs.category import CATEGORY
from gft.inputs.number import NUMBER
from gft.report.of_covariates import covariates_text
from gft.results.covariate_facts import describe_covariate


def test_numbers_and_levels() -> None:
    rows = Rows(pa.table({"age": ["20", "40", ""], "party": ["Red", "Red", "Green"]}))
    age = describe_covariate(rows, "age", NUMBER, ("num(age)", "log(age)"))
    party = describe_covariate(rows, "party", CATEGORY, ("cat(party)",))
    text = covariates_text([age, party], "train")
    assert "num(age), log(age)         1   mean 30, sd 14.14, 20 to 40" in text
    assert "cat(party)                 0   2 levels: Red (2), Green (1)" in text
    assert party.saved() == {"column": "party", "terms": ("cat(party)",), "missing": 0,
                             "different": 2, "levels": {"Red": 2, "Green": 1}}  # fmt: skip
    assert age.saved()["mean"] == 30


def test_many_levels_and_none() -> None:
    rows = Rows(pa.table({"city": [str(n) for n in range(9)], "age": [None] * 9}))
    city = describe_covariate(rows, "city", CATEGORY, ("cat(city)",))
    age = describe_covariate(rows, "age", NUMBER, ("num(age)",))
    text = covariates_text([city, age], "train")
    assert "9 levels: 0 (1), 1 (1), 2 (1), 3 (1), 4 (1), 4 more levels" in text
    assert "no numbers" in text
