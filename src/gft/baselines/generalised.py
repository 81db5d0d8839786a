"""Generalised linear models of covariates alone: R's `lm`, `glm(binomial)` and `multinom`.

They are unpenalised: what is estimated has standard errors, and says so where it has none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from gft.baselines.weights import LinearWeights, Link
from gft.covariates.basis import OrthogonalBasis
from gft.covariates.glm import Estimates, of_classes, of_numbers
from gft.covariates.order import in_order
from gft.errors import UserError
from gft.metrics.indicators import indicators
from gft.metrics.protocol import Array

MOST = 5_000
"""So many coefficients at most are estimated together: their information is a square of it."""
Distribution = Literal["gaussian", "binomial", "multinomial"]


@dataclass(frozen=True)
class Coefficient:
    """A row of R's table; `statistic` is z, or t for numbers. None where there is none."""

    name: str
    estimate: float | None
    std_error: float | None
    statistic: float | None
    p: float | None


@dataclass(frozen=True)
class Quality:
    """How well a model fits the rows that it was fitted to, as R says it.

    The last five are those of numbers: the standard error of the residuals, R² and the F
    statistic with its degrees of freedom (those of the model; of the residuals are `df_residual`).
    """

    deviance: float
    df_residual: int
    null_deviance: float
    df_null: int
    aic: float | None
    residual_std_error: float | None = None
    r2: float | None = None
    adjusted_r2: float | None = None
    f_statistic: float | None = None
    f_p: float | None = None


@dataclass(frozen=True)
class Regression:
    """One model that was estimated: of a number, of a label, or of all classes together.

    `coefficients` are by what they are of: the output, the label, or each class but the
    `reference`. `dropped` are the columns that are sums of others, `separating` those that tell
    classes wholly apart, for which it is penalised.
    """

    distribution: Distribution
    reference: str | None
    rows: int
    coefficients: dict[str, tuple[Coefficient, ...]]
    quality: Quality
    dropped: tuple[str, ...]
    separating: tuple[str, ...]


@dataclass(frozen=True)
class Generalised:
    """What was estimated: the weights of the columns but the first, and each model's table."""

    method: str
    weights: LinearWeights
    regressions: tuple[Regression, ...]


class GlmFamily(Protocol):
    """What estimates the coefficients of a model matrix for gold values of one kind."""

    def fit(
        self, matrix: Any, names: tuple[str, ...], golds: Sequence[Any], labels: tuple[str, ...]
    ) -> Generalised:
        """Return what is estimated of a matrix of shape (rows, `names`), its first column 1.

        `labels` are the names of classes or outputs. Raises `UserError` where nothing can be.
        """


class GaussianFamily:
    """Least squares, for one or more numbers a row."""

    def fit(
        self, matrix: Any, names: tuple[str, ...], golds: Sequence[Any], labels: tuple[str, ...]
    ) -> Generalised:
        """Return the estimates of each output."""
        _check_size(len(names), len(names))
        numbers = np.asarray(golds, dtype=np.float64).reshape(len(golds), -1)
        found = of_numbers(matrix, numbers)
        free = len(golds) - found.used
        tables = []
        for n, label in enumerate(labels):
            table = {label: _table(names, found, n, lambda value: _p_of_t(value, free))}
            quality = _quality_of_numbers(found, n, len(golds))
            tables.append(
                Regression("gaussian", None, len(golds), table, quality,
                           tuple(names[m] for m in found.dropped), ())
            )  # fmt: skip
        weights = _weights("identity", np.nan_to_num(found.coefficients))
        return Generalised("linear regression", weights, tuple(tables))


class MultinomialFamily:
    """Maximum likelihood, single-label: against the first of the classes that rows have."""

    def fit(
        self, matrix: Any, names: tuple[str, ...], golds: Sequence[Any], labels: tuple[str, ...]
    ) -> Generalised:
        """Return the estimates of each class but the first."""
        gold = np.asarray(golds, dtype=np.int64)
        there = np.unique(gold)
        if len(there) < 2:
            raise UserError(
                f"all rows of train are of one class, {labels[int(there[0])]!r}: nothing can be "
                "estimated"
            )
        _check_size(len(names), len(names) * (len(there) - 1), f" for {len(there)} classes")
        known = in_order(labels[int(n)] for n in there)
        there = np.array([labels.index(name) for name in known])
        gold = np.argsort(there)[np.searchsorted(np.sort(there), gold)]
        found = of_classes(matrix, gold, len(there))
        every = np.zeros((len(labels), len(names)))
        every[there[1:]] = np.nan_to_num(found.coefficients)
        fixed = dict.fromkeys(sorted(set(range(len(labels))) - set(there.tolist())), 0.0)
        two = len(there) == 2
        return Generalised(
            "logistic regression" if two else "multinomial logistic regression",
            _weights("softmax", every, fixed),
            (_of_likelihood(found, names, known, len(gold)),),
        )


class BinomialFamily:
    """Maximum likelihood of each label by itself, multi-label."""

    def fit(
        self, matrix: Any, names: tuple[str, ...], golds: Sequence[Any], labels: tuple[str, ...]
    ) -> Generalised:
        """Return the estimates of each label; of one that all rows agree on, what share has it."""
        _check_size(len(names), len(names))
        whole = OrthogonalBasis.of(matrix)
        every, fixed, tables = np.zeros((len(labels), len(names))), dict[int, float](), []
        columns = zip(*(one.T for one in indicators(golds, len(labels))), strict=True)
        for n, (gold, known) in enumerate(columns):
            seen = gold[known].astype(np.int64)
            if len(np.unique(seen)) < 2:
                fixed[n] = float(seen.mean()) if len(seen) else 0.5
                continue
            found = (
                of_classes(matrix, seen, 2, whole)
                if known.all()
                else of_classes(matrix[known], seen, 2)
            )
            every[n] = np.nan_to_num(found.coefficients[0])
            tables.append(_of_likelihood(found, names, [f"not {labels[n]}", labels[n]], len(seen)))
        weights = _weights("logistic", every, fixed)
        return Generalised("logistic regression of each label", weights, tuple(tables))


def _check_size(columns: int, coefficients: int, why: str = "") -> None:
    if coefficients > MOST:
        raise UserError(
            f"the covariates make {columns:,} columns, which are {coefficients:,} coefficients"
            f"{why}; {MOST:,} are the most without a net: leave out the category, or the "
            "interaction, with the most levels"
        )


def _weights(link: Link, every: Array, fixed: dict[int, float] | None = None) -> LinearWeights:
    """Return coefficients, shape (labels, columns), as weights; the first column is 1."""
    return LinearWeights(link, every[:, 1:].copy(), every[:, 0].copy(), fixed or {})


def _of_likelihood(
    found: Estimates, names: tuple[str, ...], classes: list[str], rows: int
) -> Regression:
    """Return what was estimated of classes, of which the first is the reference."""
    tables = {name: _table(names, found, n, _p_of_z) for n, name in enumerate(classes[1:])}
    others = len(classes) - 1
    used = found.used * others
    deviance = float(found.deviance[0])
    penalised = bool(found.separating)
    quality = Quality(
        deviance,
        rows * others - used,
        float(found.null_deviance[0]),
        (rows - 1) * others,
        None if penalised else deviance + 2 * used,
    )
    return Regression(
        "binomial" if others == 1 else "multinomial",
        classes[0],
        rows,
        tables,
        quality,
        tuple(names[n] for n in found.dropped),
        tuple(names[n] for n in found.separating),
    )


def _table(
    names: tuple[str, ...], found: Estimates, n: int, p: Callable[[float], float]
) -> tuple[Coefficient, ...]:
    rows = zip(names, found.coefficients[n].tolist(), found.errors[n].tolist(), strict=True)
    return tuple(_coefficient(*row, p) for row in rows)


def _coefficient(
    name: str, estimate: float, error: float, p: Callable[[float], float]
) -> Coefficient:
    if math.isnan(estimate):
        return Coefficient(name, None, None, None, None)
    if not error > 0:
        return Coefficient(name, estimate, None, None, None)
    return Coefficient(name, estimate, error, estimate / error, p(estimate / error))


def _quality_of_numbers(found: Estimates, n: int, rows: int) -> Quality:
    left, total = float(found.deviance[n]), float(found.null_deviance[n])
    free, model = rows - found.used, found.used - 1
    variance = left / free if free > 0 else None
    share = 1 - left / total if total > 0 else None
    adjusted = 1 - (1 - share) * (rows - 1) / free if free > 0 and share is not None else None
    ratio = (total - left) / model / variance if variance and model else None
    likelihood = -rows / 2 * (math.log(2 * math.pi * left / rows) + 1) if left > 0 else None
    return Quality(
        left,
        free,
        total,
        rows - 1,
        None if likelihood is None else -2 * likelihood + 2 * (found.used + 1),
        None if variance is None else math.sqrt(variance),
        share,
        adjusted,
        ratio,
        None if ratio is None else _p_of_f(ratio, model, free),
    )


def _p_of_z(value: float) -> float:
    """Return how likely a standard normal number is as far from 0, or farther."""
    return math.erfc(abs(value) / math.sqrt(2))


def _p_of_t(value: float, free: int) -> float:
    """Return the same of Student's t."""
    from scipy.special import stdtr

    return float(2 * stdtr(free, -abs(value)))


def _p_of_f(value: float, first: int, second: int) -> float:
    from scipy.special import fdtrc

    return float(fdtrc(first, second, value))
