"""The columns of covariates as R makes them: names, order, and what is estimated of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gft.covariates.design import Design
from gft.covariates.glm import Estimates, of_classes, of_numbers
from gft.covariates.order import in_order
from gft.covariates.treatment import Treatment
from gft.language.equation import parse_equation
from gft.metrics.protocol import Array

AGES = [23.0, 31, 45, 52, 38, 61, 27, 34, 49, 58, 42, 36, 29, 66, 71, 33, 47, 54, 25, 39,
        44, 57, 63, 28, 35, 41, 50, 69, 22, 37, 46, 53, 30, 60, 26, 48, 55, 32, 40, 64]  # fmt: skip
CELLS: dict[str, list[Any]] = {
    "age": AGES,
    "party": ["Con", "Green", "Lab", "LD"] * 10,
    "sex": ["f"] * 20 + ["m"] * 20,
}
VOTES = np.array([0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0,
                  0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1, 0, 1])  # fmt: skip
RATINGS = np.array([(age / 10) + np.cos(n) for n, age in enumerate(AGES, 1)])[:, None]


def coded(right: str, cells: dict[str, list[Any]] = CELLS) -> Treatment:
    return Treatment(Design.fitted(parse_equation(f"classify: y ~ {right}").covariates, cells))


def matrix(made: Treatment, cells: dict[str, list[Any]] = CELLS) -> Array:
    columns = made.of(cells)
    return np.hstack([np.ones((len(columns), 1)), columns])


def of(right: str, numbers: bool = False) -> tuple[Estimates, dict[str, float]]:
    made = coded(right)
    columns = matrix(made)
    found = of_numbers(columns, RATINGS) if numbers else of_classes(columns, VOTES, 2)
    return found, dict(zip(("(Intercept)", *made.names), found.coefficients[0], strict=True))


OF_R: dict[str, tuple[bool, dict[str, float]]] = {
    "num(age) + cat(party) + num(age):cat(party)": (False, {
        "(Intercept)": -8.81197148193, "age": 0.215045196843, "party: Green": 11.2950545339,
        "party: Lab": 5.95082709355, "party: LD": 5.69467617396,
        "age × party: Green": -0.24729664432, "age × party: Lab": -0.159682480966,
        "age × party: LD": -0.134868558927,
    }),
    "num(age):cat(party)": (False, {
        "(Intercept)": -2.60638607208, "age × party: Con": 0.0645084540316,
        "age × party: Green": 0.0651398378655, "age × party: Lab": 0.0501650827466,
        "age × party: LD": 0.0689154885762,
    }),
    "cat(party) + cat(sex):cat(party)": (True, {
        "(Intercept)": 3.82902353457, "party: Green": 1.67137763493, "party: Lab": 0.370446897643,
        "party: LD": -0.049996957459, "party: Con × sex: m": -0.0195128692346,
        "party: Green × sex: m": -0.978858506479, "party: Lab × sex: m": 0.191073818989,
        "party: LD × sex: m": 1.36115237294,
    }),
    "cat(sex) + num(age):cat(sex) + cat(party):cat(sex)": (True, {
        "(Intercept)": 1.04413656401, "sex: m": -0.352321341358, "sex: f × age": 0.0748625529719,
        "sex: m × age": 0.0838090172763, "sex: f × party: Green": 0.413686744998,
        "sex: m × party: Green": 0.0247980560165, "sex: f × party: Lab": 0.0111066433774,
        "sex: m × party: Lab": -0.0726767488887, "sex: f × party: LD": -0.169777042214,
        "sex: m × party: LD": 0.0567712221154,
    }),
    "log(age) + num(age) + log1p(age):cat(sex)": (True, {
        "(Intercept)": 36.3495404231, "log(age)": 217.018342832, "age": 0.164766759121,
        "log1p(age) × sex: f": -226.012681461, "log1p(age) × sex: m": -226.01495967,
    }),
    "num(age) + num(age):cat(sex)": (True, {
        "(Intercept)": 0.739157873477, "age": 0.0833008883678, "age × sex: m": -0.00036376361282,
    }),
}  # fmt: skip


@pytest.mark.parametrize("right", OF_R)
def test_terms_are_coded_as_r_codes_them(right: str) -> None:
    """Which levels have a column follows from which terms are there, and so does the order."""
    numbers, expected = OF_R[right]
    found = of(right, numbers)[1]
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-8), name


def test_what_r_calls_na() -> None:
    """Eight columns for eight cells, beside an intercept: the last is a sum of the others."""
    found = of("cat(sex):cat(party) + num(age)", numbers=True)[1]
    assert [name for name, value in found.items() if np.isnan(value)] == ["sex: m × party: LD"]


def test_references() -> None:
    assert coded("num(age) + cat(party) + cat(sex)").references == {"party": "Con", "sex": "f"}
    assert coded("num(age):cat(party)").references == {}


def test_what_train_has_not() -> None:
    """A missing number is the mean, an unknown level the average of the levels."""
    made = coded("num(age) + cat(party) + num(age):cat(party)")
    [row] = made.of({"age": [None], "party": ["SNP"]})
    mean = np.mean(AGES)
    np.testing.assert_allclose(row, [mean, *[0.25] * 3, *[mean / 4] * 3])


def test_missing_cells_of_train() -> None:
    cells = {"age": [30.0, None, 50.0, float("nan")], "party": ["Lab", None, "Con", "Lab"]}
    made = coded("num(age) + cat(party)", cells)
    assert made.names == ("age", "party: Lab", "party (missing)", "age (missing)")
    np.testing.assert_allclose(
        made.of(cells), [[30, 1, 0, 0], [40, 0, 1, 1], [50, 0, 0, 0], [40, 1, 0, 1]]
    )


def test_the_order_of_levels() -> None:
    """By their letters, whatever their case, as `factor` has them in a locale of a language."""
    assert in_order(["lab", "Con", "Élan", "con", "zeta", "Green"]) == [
        "con", "Con", "Élan", "Green", "lab", "zeta",
    ]  # fmt: skip
    assert in_order(["10", "9", "-1.5"]) == ["-1.5", "9", "10"]
