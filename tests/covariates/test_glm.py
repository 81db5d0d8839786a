"""Generalised linear models against what R 4.2 prints of the same rows: lm, glm, nnet::multinom."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from gft.covariates.basis import OrthogonalBasis
from gft.covariates.glm import Estimates, of_classes, of_numbers
from gft.metrics.protocol import Array

AGES = [23, 31, 45, 52, 38, 61, 27, 34, 49, 58, 42, 36, 29, 66, 71, 33, 47, 54, 25, 39,
        44, 57, 63, 28, 35, 41, 50, 69, 22, 37, 46, 53, 30, 60, 26, 48, 55, 32, 40, 64]  # fmt: skip
INCOMES = [1200, 2500, 3100, 1800, 2200, 4100, 1500, 2700, 3900, 2000, 2600, 1700, 1300, 3300,
           2900, 2400, 3600, 4500, 1100, 2100, 3000, 2800, 3500, 1600, 1900, 2300, 4000, 3800,
           1400, 3200, 3400, 4200, 1250, 2950, 1350, 3700, 4300, 2050, 2150, 3050]  # fmt: skip
PARTIES = ["Con", "Green", "Lab", "LD"] * 10
VOTES = [0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0,
         0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1, 0, 1]  # fmt: skip
KINDS = list("abcabccabbacacbabcaabccabacbcbacabcbacba")
RATINGS = [
    round(0.03 * age + 0.0005 * income + shift + np.sin(n + 1), 4)
    for n, (age, income, shift) in enumerate(
        zip(AGES, INCOMES, [0.1, -0.7, 0.4, 0.9] * 10, strict=True)
    )
]


def matrix(log: bool = True) -> Array:
    columns = [np.ones(40), np.array(AGES, dtype=float)]
    columns += [np.log(INCOMES)] if log else []
    columns += [np.array(PARTIES) == party for party in ("Green", "Lab", "LD")]
    return np.column_stack(columns).astype(np.float64)


def ratings(columns: Any) -> Estimates:
    return of_numbers(columns, np.array(RATINGS)[:, None])


def votes(columns: Any) -> Estimates:
    return of_classes(columns, np.array(VOTES), 2)


def test_lm() -> None:
    found = of_numbers(matrix(), np.array(RATINGS)[:, None])
    expected = [-5.4732789960866, 0.0368722741861, 0.8519201356904, -0.7747020589494,
                0.3224732173862, 0.7264698707532]  # fmt: skip
    errors = [3.1644649117056, 0.0137208537513, 0.4569392855647, 0.3621882104070, 0.3479198776710,
              0.3513490629531]  # fmt: skip
    np.testing.assert_allclose(found.coefficients[0], expected, rtol=1e-9)
    np.testing.assert_allclose(found.errors[0], errors, rtol=1e-9)
    assert np.sqrt(found.deviance[0] / 34) == pytest.approx(0.765253927185, rel=1e-10)
    share = 1 - found.deviance[0] / found.null_deviance[0]
    assert share == pytest.approx(0.620583425945, rel=1e-10)


def test_glm() -> None:
    found = of_classes(matrix(), np.array(VOTES), 2)
    expected = [-67.0203345803747, -0.0905917728796, 9.0120989415783, 1.1860104347812,
                -0.2199718759885, 1.2634581776433]  # fmt: skip
    errors = [21.5833160112555, 0.0566308323537, 2.9429929344565, 1.5701197263093, 1.6090059605789,
              1.6288053420723]  # fmt: skip
    np.testing.assert_allclose(found.coefficients[0], expected, rtol=1e-8)
    np.testing.assert_allclose(found.errors[0], errors, rtol=1e-8)
    assert found.deviance[0] == pytest.approx(26.8264489546, rel=1e-10)
    assert found.null_deviance[0] == pytest.approx(55.3517327364, rel=1e-10)


def test_multinom() -> None:
    gold = np.array([ord(kind) - ord("a") for kind in KINDS])
    found = of_classes(matrix(log=False), gold, 3)
    expected = [
        [-2.37169923061, 0.0705641908155, 0.356759432519, -1.15005725619, -2.1030438345285],
        [-2.59344654107, 0.0346626013367, 2.627151082867, 1.69676497204, -0.0583774556422],
    ]
    errors = [
        [1.49652504899, 0.0362683171989, 1.41205661267, 1.24914794181, 1.22580966147],
        [1.66822677663, 0.0349330192237, 1.60641602390, 1.35791184478, 1.44365287277],
    ]
    np.testing.assert_allclose(found.coefficients, expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(found.errors, errors, rtol=0, atol=1e-6)
    assert found.deviance[0] == pytest.approx(73.0634757739, abs=1e-8)


def test_far_from_zero_and_large() -> None:
    """What is added to a column, and its unit, change its own numbers and no prediction."""
    near, far = matrix(), matrix()
    far[:, 1] = far[:, 1] * 1e6 + 1e12
    for fit in (ratings, votes):
        one, other = fit(near), fit(far)
        np.testing.assert_allclose(other.coefficients[0, 1] * 1e6, one.coefficients[0, 1], 1e-6)
        np.testing.assert_allclose(other.coefficients[0, 2:], one.coefficients[0, 2:], 1e-6)
        np.testing.assert_allclose(other.errors[0, 2:], one.errors[0, 2:], 1e-6)


def test_columns_that_are_sums_of_others_are_dropped() -> None:
    """As R does: the later one has no estimate, the others are as without it."""
    every = np.column_stack([matrix(), np.array(PARTIES) == "Con", np.array(AGES) * 2.0])
    for fit in (ratings, votes):
        found, less = fit(every), fit(matrix())
        assert found.dropped == (6, 7) and found.used == 6
        assert np.isnan(found.coefficients[0, 6:]).all() and np.isnan(found.errors[0, 6:]).all()
        np.testing.assert_allclose(found.coefficients[0, :6], less.coefficients[0], 1e-9)


def separated(how: str) -> tuple[Estimates, Array, Array]:
    gold, columns = np.array(VOTES), matrix()
    if how == "complete":
        columns = np.column_stack([columns, gold * 2.0 + np.sin(np.arange(40)) / 2])
    elif how == "quasi":  # of those who have it all voted; of the others some did
        columns = np.column_stack([columns, gold * (np.arange(40) % 3 == 0)])
    elif how == "one of three":
        gold = np.array([ord(kind) - ord("a") for kind in KINDS])
        columns = np.column_stack([columns, (gold == 2) & (np.arange(40) % 2 == 0)])
    return of_classes(columns, gold, gold.max() + 1), columns, gold


@pytest.mark.parametrize("how", ["complete", "quasi", "one of three"])
def test_separable_classes_are_seen_and_penalised(how: str) -> None:
    found, columns, _ = separated(how)
    assert found.separating[0] == 6
    assert np.isfinite(found.coefficients).all() and np.isnan(found.errors).all()
    spread = columns.std(0)
    assert 1 < np.abs(found.coefficients[:, 6] * spread[6]).max() < 20


def test_penalised_alike_whichever_class_is_the_reference() -> None:
    found, columns, gold = separated("one of three")
    other = of_classes(columns, 2 - gold, 3)
    zero = np.zeros(7)
    one = np.vstack([zero, found.coefficients])
    turned = np.vstack([zero, other.coefficients])[::-1]
    np.testing.assert_allclose(turned - turned[0], one, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("scale", [1.0, 60.0])
def test_nearly_separable_classes_have_estimates(scale: float) -> None:
    """One row of a hundred thousand contradicts: the estimate is far out, and finite."""
    high = np.repeat([0.0, 1.0], 50_000) * scale
    gold = (high > 0).astype(int)
    gold[0], gold[-1] = 1, 0
    found = of_classes(np.column_stack([np.ones(100_000), high]), gold, 2)
    assert not found.separating
    logit = np.log(49_999)
    np.testing.assert_allclose(found.coefficients[0], [-logit, 2 * logit / scale], rtol=1e-8)


def test_an_outlier_is_no_separation() -> None:
    columns = np.column_stack([np.ones(40), AGES]).astype(np.float64)
    columns[3, 1] = 1e5
    assert not of_classes(columns, np.array(VOTES), 2).separating


def test_fewer_rows_than_columns() -> None:
    columns = np.column_stack([np.ones(3), np.eye(3), np.arange(3.0)])
    found = of_numbers(columns, np.array([[1.0], [2.0], [4.0]]))
    assert found.dropped == (3, 4) and np.isnan(found.errors).all()
    assert found.deviance[0] == pytest.approx(0, abs=1e-20)


def test_orthogonal_columns() -> None:
    made = OrthogonalBasis.of(matrix())
    columns = made.sums(np.eye(6))
    np.testing.assert_allclose(columns.T @ columns, 40 * np.eye(6), atol=1e-9)
    np.testing.assert_allclose(columns[:, 0], 1)


def test_a_sparse_matrix_gives_the_same() -> None:
    """As of a category with very many levels."""
    for one, other in ((votes(matrix()), votes(sparse.csr_matrix(matrix()))),
                       (ratings(matrix()), ratings(sparse.csr_matrix(matrix())))):  # fmt: skip
        np.testing.assert_allclose(other.coefficients, one.coefficients, rtol=1e-8)
        np.testing.assert_allclose(other.errors, one.errors, rtol=1e-8)
        np.testing.assert_allclose(other.deviance, one.deviance, rtol=1e-10)
    every = np.column_stack([matrix(), np.array(PARTIES) == "Con"])
    assert votes(sparse.csr_matrix(every)).dropped == (6,)
