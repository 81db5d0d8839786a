"""Generalised linear models, estimated as R's `lm`, `glm` and `nnet::multinom` do.

The columns of the model matrix are first made orthogonal, so that neither scale nor collinearity
costs precision. Their estimates follow from those of the orthogonal columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gft.covariates.basis import OrthogonalBasis
from gft.metrics.protocol import Array

PRIOR_SD = 2.5
"""Where classes are separable: the standard deviation of the normal prior of each coefficient, for
a column whose own is 1. That of rstanarm (Gelman, Jakulin, Pittau & Su 2008)."""
STEPS = 100
CONVERGED = 1e-9
FLAT = 1e-4
"""A step that gains less, in nats, is on a flat part of the likelihood."""
MOVING = 0.05
"""A step that changes a row's linear predictor by as much has not converged."""
FLAT_STEPS = 5


@dataclass(frozen=True)
class Estimates:
    """The estimates of a model, for each output, of a model matrix with `width` columns.

    `coefficients` and their standard `errors` have shape (outputs, width); both are NaN for
    the columns in `dropped`, which are linear combinations of others. Every class but the first is
    an output. `deviance` is that of the model, `null_deviance` that of the intercept alone; a
    regression has one per output. `separating` are columns that separate the classes completely:
    there is no maximum likelihood then, the estimates are penalised, and have no standard errors.
    """

    coefficients: Array
    errors: Array
    deviance: Array
    null_deviance: Array
    dropped: tuple[int, ...] = ()
    separating: tuple[int, ...] = ()

    @property
    def used(self) -> int:
        """The number of columns that were not dropped."""
        return int(self.coefficients.shape[1]) - len(self.dropped)


def of_numbers(matrix: Any, numbers: Array, basis: OrthogonalBasis | None = None) -> Estimates:
    """Return least-squares estimates for numbers, shape (rows, outputs), as `lm` does.

    Standard errors are NaN where there are no more rows than columns.
    """
    basis = basis or OrthogonalBasis.of(matrix)
    rows, width = matrix.shape
    products = basis.squares(np.ones(rows))
    found = np.linalg.solve(products, basis.products(numbers).T).T
    found += np.linalg.solve(products, basis.products(numbers - basis.sums(found)).T).T
    squares = ((numbers - basis.sums(found)) ** 2).sum(0)
    free = rows - len(basis.kept)
    variance = squares / free if free > 0 else np.full(numbers.shape[1], np.nan)
    unscaled = _variances(basis.back, np.linalg.inv(products))
    return Estimates(
        basis.expanded(found @ basis.back.T, width),
        basis.expanded(np.sqrt(variance[:, None] * unscaled), width),
        squares,
        ((numbers - numbers.mean(0)) ** 2).sum(0),
        basis.dropped,
    )


def of_classes(
    matrix: Any, gold: Array, classes: int, basis: OrthogonalBasis | None = None
) -> Estimates:
    """Return maximum-likelihood estimates for classes, as `glm` and `multinom` do.

    `gold` are the class indices of the rows; each class occurs, and the first is the reference.
    Where classes are separable these do not exist: a normal prior of the coefficients, symmetric in
    the classes, makes them finite.
    """
    basis = basis or OrthogonalBasis.of(matrix)
    width = matrix.shape[1]
    shares = np.bincount(gold, minlength=classes) / len(gold)
    null = -2 * len(gold) * float((shares * np.log(shares)).sum())
    found = _Newton(basis, gold, classes).maximum()
    if found.direction is None:
        variances = _variances(basis.back, np.linalg.inv(found.information))
        errors = basis.expanded(np.sqrt(variances.reshape(classes - 1, -1)), width)
        separating: tuple[int, ...] = ()
    else:
        separating = _largest(basis, found.direction)
        found = _Newton(basis, gold, classes, PRIOR_SD).maximum()
        errors = np.full((classes - 1, width), np.nan)
    return Estimates(
        basis.expanded(found.coefficients @ basis.back.T, width),
        errors,
        np.array([-2 * found.likelihood]),
        np.array([null]),
        basis.dropped,
        separating,
    )


@dataclass(frozen=True)
class _Maximum:
    """The maximum that was found; `direction` is the last step where there is no finite one."""

    coefficients: Array
    likelihood: float
    information: Array
    direction: Array | None


class _Newton:
    """Newton's method for the likelihood of classes, in coefficients of orthogonal columns."""

    def __init__(
        self, basis: OrthogonalBasis, gold: Array, classes: int, prior: float | None = None
    ) -> None:
        self.basis, self.classes = basis, classes
        self.gold = np.arange(classes) == gold[:, None]
        self.prior_precision: Array | None = None
        if prior is not None:
            slopes = basis.back[1:] * (basis.spread[1:] / prior)[:, None]
            # Differences between any two classes have the prior, whichever is the reference.
            alike = 2 * (np.eye(classes - 1) - np.full((classes - 1,) * 2, 1 / classes))
            self.prior_precision = np.kron(alike, slopes.T @ slopes)

    def maximum(self) -> _Maximum:
        """Return the coefficients of maximum likelihood, or those of the last step towards it."""
        counts = self.gold.sum(0)
        coefficients = np.zeros((self.classes - 1, len(self.basis.kept)))
        coefficients[:, 0] = np.log(counts[1:] / counts[0])
        objective, probabilities = self._at(coefficients)
        flat, step = 0, np.zeros_like(coefficients)
        for _ in range(STEPS):
            gradient, information = (
                self._gradient(coefficients, probabilities),
                self._information(probabilities),
            )
            try:
                step = np.linalg.solve(information, gradient).reshape(coefficients.shape)
            except np.linalg.LinAlgError:
                return self._ended(coefficients, information, step)
            gain = float(gradient @ step.ravel())
            size = float(np.abs(self.basis.sums(step)).max())
            if gain < CONVERGED and size < MOVING:
                coefficients = coefficients + step
                return self._ended(coefficients, self._information(self._at(coefficients)[1]), None)
            flat = flat + 1 if gain < FLAT and size > MOVING else 0
            if flat >= FLAT_STEPS:
                return self._ended(coefficients, information, step)
            before, part = objective, 1.0
            objective, probabilities = self._at(coefficients + step)
            while not objective > before - 1e-9 * abs(before) and part > 1e-6:
                part /= 2
                objective, probabilities = self._at(coefficients + part * step)
            coefficients = coefficients + part * step
        return self._ended(coefficients, self._information(probabilities), step)

    def _ended(self, coefficients: Array, information: Array, direction: Array | None) -> _Maximum:
        objective, penalty = self._at(coefficients)[0], 0.0
        if self.prior_precision is not None:
            penalty = float(coefficients.ravel() @ self.prior_precision @ coefficients.ravel()) / 2
        return _Maximum(coefficients, objective + penalty, information, direction)

    def _at(self, coefficients: Array) -> tuple[float, Array]:
        """Return the penalised log-likelihood, and the probabilities of classes."""
        sums = np.hstack([np.zeros((self.basis.rows, 1)), self.basis.sums(coefficients)])
        sums -= sums.max(1, keepdims=True)
        probabilities = np.exp(sums)
        totals = probabilities.sum(1, keepdims=True)
        objective = float(sums[self.gold].sum() - np.log(totals).sum())
        if self.prior_precision is not None:
            objective -= (
                float(coefficients.ravel() @ self.prior_precision @ coefficients.ravel()) / 2
            )
        return objective, probabilities / totals

    def _gradient(self, coefficients: Array, probabilities: Array) -> Array:
        """Return the first derivatives, output by output."""
        found = self.basis.products((self.gold - probabilities)[:, 1:]).ravel()
        return (
            found
            if self.prior_precision is None
            else found - self.prior_precision @ coefficients.ravel()
        )

    def _information(self, probabilities: Array) -> Array:
        """Return the negative second derivatives, in the same order."""
        count, width = self.classes - 1, len(self.basis.kept)
        found = np.zeros((count, width, count, width))
        for one in range(count):
            for other in range(one, count):
                weights = probabilities[:, one + 1] * ((one == other) - probabilities[:, other + 1])
                found[one, :, other] = self.basis.squares(weights)
                found[other, :, one] = found[one, :, other].T
        every = found.reshape(count * width, -1)
        return every if self.prior_precision is None else every + self.prior_precision


def _variances(back: Array, inverse: Array) -> Array:
    """Return the variances of coefficients from those of the orthogonal columns, by output.

    The shape is (outputs * columns,).
    """
    width = len(back)
    count = len(inverse) // width
    parts = [
        inverse[n * width : (n + 1) * width, n * width : (n + 1) * width] for n in range(count)
    ]
    return np.concatenate([((back @ part) * back).sum(1) for part in parts])


def _largest(basis: OrthogonalBasis, direction: Array) -> tuple[int, ...]:
    """Return the columns that contribute most to a step, the largest part first."""
    parts = np.abs(direction @ basis.back.T).max(0) * basis.spread
    parts[0] = 0
    order = np.argsort(-parts, kind="stable")
    chosen = [n for n in order.tolist() if parts[n] > parts.max() / 10]
    return tuple(int(basis.kept[n]) for n in chosen)
