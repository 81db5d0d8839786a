"""Coefficients as R prints them: tables, codes, what is not estimated, what a p-value is not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from gft.baselines.generalised import BinomialFamily, GaussianFamily, GlmFamily, MultinomialFamily
from gft.report.of_regression import MEANING, SHOWN, coefficient_tables, regression_text

ROWS = 60
AGE = np.arange(ROWS) % 17 + 20.0
GREEN = (np.arange(ROWS) % 3 == 0).astype(float)
NAMES = ("(Intercept)", "age", "party: Green")
MATRIX = np.column_stack([np.ones(ROWS), AGE, GREEN])
VOTES = [int(n % 5 < 2 + (n % 3 == 0)) for n in range(ROWS)]


def metrics(
    family: GlmFamily,
    golds: list[Any],
    labels: tuple[str, ...],
    more: np.ndarray[Any, Any] = MATRIX,
) -> dict[str, Any]:
    names = (*NAMES, "twice")[: more.shape[1]]
    found = family.fit(more, names, golds, labels)
    return {
        "regression": {
            "references": {"party": "Con"},
            "models": [asdict(one) for one in found.regressions],
        }
    }


def test_two_classes() -> None:
    told = regression_text(metrics(MultinomialFamily(), VOTES, ("no", "yes")))
    lines = told.splitlines()
    assert lines[0] == "yes, against no:"
    assert "z value" in lines[1] and "Pr(>|z|)" in lines[1]
    assert [line.split("  ")[0] for line in lines[3:6]] == list(NAMES)
    assert "Signif. codes: 0 '***' 0.001" in told
    assert "Null deviance " in told and " on 59 degrees of freedom." in told
    assert "Residual deviance " in told and " on 57 degrees of freedom." in told
    assert "60 rows; AIC " in told
    assert "Levels are compared with party: Con." in told and lines[-1] == MEANING


def test_three_classes_and_labels() -> None:
    kinds = [(n * n + n // 7) % 3 for n in range(ROWS)]
    tables = coefficient_tables(metrics(MultinomialFamily(), kinds, ("a", "b", "c")))
    assert [one[0] for one in tables] == ["b, against a", "c, against a"]
    assert not tables[0][3] and MEANING in tables[1][3]  # The model is one.
    several = [[n for n in (0, 1) if (row + n) % (n + 2)] for row in kinds]
    tables = coefficient_tables(metrics(BinomialFamily(), several, ("x", "y")))
    assert [one[0] for one in tables] == ["x, against not x", "y, against not y"]
    assert all("AIC" in " ".join(one[3]) for one in tables)


def test_numbers() -> None:
    golds = [[age / 10 + n % 7 / 5] for n, age in enumerate(AGE)]
    told = regression_text(metrics(GaussianFamily(), golds, ("rating",)))
    assert told.startswith("rating:\n") and "t value" in told and "e-13   ***" in told
    assert "Residual standard error 0.4" in told and "on 57 degrees of freedom; R² 0." in told
    assert "F statistic " in told and "on 2 and 57 degrees of freedom, p 6.68e-12." in told


def test_what_has_no_estimate_and_what_is_penalised() -> None:
    twice = np.column_stack([MATRIX, 2 * AGE])
    told = regression_text(metrics(MultinomialFamily(), VOTES, ("no", "yes"), twice))
    [line] = [line for line in told.splitlines() if line.startswith("twice")]
    assert line.split() == ["twice", "NA", "NA", "NA", "NA"]
    assert "Not estimated, because collinear with the columns before: twice." in told
    told = regression_text(metrics(MultinomialFamily(), GREEN.astype(int).tolist(), ("no", "yes")))
    assert "The classes are separable by party: Green" in told and "AIC NA" in told
    assert "Signif. codes" not in told and MEANING not in told


def test_many_coefficients() -> None:
    found = metrics(MultinomialFamily(), VOTES, ("no", "yes"))
    [(of, table)] = found["regression"]["models"][0]["coefficients"].items()
    found["regression"]["models"][0]["coefficients"][of] = table * SHOWN
    assert coefficient_tables(found)[0][2][-1][0] == "and 200 more"


def test_a_model_with_no_table() -> None:
    assert coefficient_tables({}) == [] and regression_text({}) == ""


def test_decimals_are_those_of_r() -> None:
    """The columns of R's `summary(glm(...))` of a survey, as R 4.2 prints them."""
    scores = {
        "(Intercept)": (-6.1278029, 2.3292332, -2.631, 0.008516),
        "age": (0.046293634, 0.010271438, 4.507, 6.574278e-06),
        "log(income)": (0.39949110, 0.29727901, 1.344, 0.179005),
        "party: Green": (-0.36630649, 0.79933861, -0.458, 0.646762),
        "twice": (None, None, None, None),
    }
    found = metrics(MultinomialFamily(), VOTES, ("no", "yes"))
    keys = ("name", "estimate", "std_error", "statistic", "p")
    found["regression"]["models"][0]["coefficients"] = {
        "yes": [dict(zip(keys, (name, *row), strict=True)) for name, row in scores.items()]
    }
    [(_, _, rows, _)] = coefficient_tables(found)
    assert [row[1:] for row in rows] == [
        ("-6.12780", "2.32923", "-2.631", "0.00852", "**"),
        ("0.04629", "0.01027", "4.507", "6.57e-06", "***"),
        ("0.39949", "0.29728", "1.344", "0.17900", ""),
        ("-0.36631", "0.79934", "-0.458", "0.64676", ""),
        ("NA", "NA", "NA", "NA", ""),
    ]
    found["regression"]["models"][0]["coefficients"]["yes"][1]["estimate"] = 1.25e-9
    [(_, _, rows, _)] = coefficient_tables(found)
    assert [row[1] for row in rows[:2]] == ["-6.128e+00", "1.250e-09"]
