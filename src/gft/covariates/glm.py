"""Generalised linear models, estimated as R's `lm`, `glm` and `nnet::multinom` do.

Columns of a model matrix are first made orthogonal, so that neither their scale nor how alike they
are costs precision: the estimates of the columns follow from those of the orthogonal ones.
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
"""So little is to be gained, in nats, where the likelihood is flat."""
MOVING = 0.05
"""A step of so much of a row's linear predictor, or more, leads on."""
FLAT_STEPS = 5


@dataclass(frozen=True)
class Estimates:
    """What was estimated of a model matrix with `width` columns, for each of some outputs.

    `coefficients` and their standard `errors` have shape (outputs, width); both are not-a-number
    for the columns in `dropped`, which are sums of others. Of classes an output is each but the
    first. `deviance` is that of the model, `null_deviance` of the intercept alone, one for each
    output of numbers. `separating` are columns that tell classes wholly apart: there is no
    greatest likelihood then, the estimates are penalised, and there are no standard errors.
    """

    coefficients: Array
    errors: Array
    deviance: Array
    null_deviance: Array
    dropped: tuple[int, ...] = ()
    separating: tuple[int, ...] = ()

    @property
    def used(self) -> int:
        """How many columns were not dropped."""
        return int(self.coefficients.shape[1]) - len(self.dropped)


def of_numbers(matrix: Any, numbers: Array, basis: OrthogonalBasis | None = None) -> Estimates:
    """Return least-squares estimates of numbers, shape (rows, outputs), as `lm` has them.

    Standard errors are not-a-number where there are no more rows than columns.
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
        basis.spelled(found @ basis.back.T, width),
        basis.spelled(np.sqrt(variance[:, None] * unscaled), width),
        squares,
        ((numbers - numbers.mean(0)) ** 2).sum(0),
        basis.dropped,
    )


def of_classes(
    matrix: Any, gold: Array, classes: int, basis: OrthogonalBasis | None = None
) -> Estimates:
    """Return estimates of greatest likelihood of classes, as `glm` and `multinom` have them.

    `gold` are the numbers of the rows' classes, of which each occurs; the first is the reference.
    Where classes are separable there are none: a normal prior of the coefficients, for which each
    class is like the others, makes them finite.
    """
    basis = basis or OrthogonalBasis.of(matrix)
    width = matrix.shape[1]
    shares = np.bincount(gold, minlength=classes) / len(gold)
    null = -2 * len(gold) * float((shares * np.log(shares)).sum())
    found = _Climb(basis, gold, classes).top()
    if found.towards is None:
        variances = _variances(basis.back, np.linalg.inv(found.information))
        errors = basis.spelled(np.sqrt(variances.reshape(classes - 1, -1)), width)
        separating: tuple[int, ...] = ()
    else:
        separating = _largest(basis, found.towards)
        found = _Climb(basis, gold, classes, PRIOR_SD).top()
        errors = np.full((classes - 1, width), np.nan)
    return Estimates(
        basis.spelled(found.place @ basis.back.T, width),
        errors,
        np.array([-2 * found.likelihood]),
        np.array([null]),
        basis.dropped,
        separating,
    )


@dataclass(frozen=True)
class _Top:
    """Where a climb ended; `towards` is its last step where it could have gone on for ever."""

    place: Array
    likelihood: float
    information: Array
    towards: Array | None


class _Climb:
    """Newton's method for the likelihood of classes, in the coefficients of orthogonal columns."""

    def __init__(
        self, basis: OrthogonalBasis, gold: Array, classes: int, prior: float | None = None
    ) -> None:
        self.basis, self.classes = basis, classes
        self.gold = np.arange(classes) == gold[:, None]
        self.pull: Array | None = None
        if prior is not None:
            slopes = basis.back[1:] * (basis.spread[1:] / prior)[:, None]
            # Differences between any two classes have the prior, whichever is the reference.
            alike = 2 * (np.eye(classes - 1) - np.full((classes - 1,) * 2, 1 / classes))
            self.pull = np.kron(alike, slopes.T @ slopes)

    def top(self) -> _Top:
        """Return the place of the greatest likelihood, or how far one came towards it."""
        counts = self.gold.sum(0)
        place = np.zeros((self.classes - 1, len(self.basis.kept)))
        place[:, 0] = np.log(counts[1:] / counts[0])
        height, chances = self._at(place)
        flat, step = 0, np.zeros_like(place)
        for _ in range(STEPS):
            slope, information = self._slope(place, chances), self._information(chances)
            try:
                step = np.linalg.solve(information, slope).reshape(place.shape)
            except np.linalg.LinAlgError:
                return self._end(place, information, step)
            gain = float(slope @ step.ravel())
            size = float(np.abs(self.basis.sums(step)).max())
            if gain < CONVERGED and size < MOVING:
                place = place + step
                return self._end(place, self._information(self._at(place)[1]), None)
            flat = flat + 1 if gain < FLAT and size > MOVING else 0
            if flat >= FLAT_STEPS:
                return self._end(place, information, step)
            before, part = height, 1.0
            height, chances = self._at(place + step)
            while not height > before - 1e-9 * abs(before) and part > 1e-6:
                part /= 2
                height, chances = self._at(place + part * step)
            place = place + part * step
        return self._end(place, self._information(chances), step)

    def _end(self, place: Array, information: Array, towards: Array | None) -> _Top:
        height, pulled = self._at(place)[0], 0.0
        if self.pull is not None:
            pulled = float(place.ravel() @ self.pull @ place.ravel()) / 2
        return _Top(place, height + pulled, information, towards)

    def _at(self, place: Array) -> tuple[float, Array]:
        """Return the logarithm of the likelihood less what pulls, and probabilities of classes."""
        sums = np.hstack([np.zeros((self.basis.rows, 1)), self.basis.sums(place)])
        sums -= sums.max(1, keepdims=True)
        chances = np.exp(sums)
        totals = chances.sum(1, keepdims=True)
        height = float(sums[self.gold].sum() - np.log(totals).sum())
        if self.pull is not None:
            height -= float(place.ravel() @ self.pull @ place.ravel()) / 2
        return height, chances / totals

    def _slope(self, place: Array, chances: Array) -> Array:
        """Return the first derivatives, one output's after another's."""
        found = self.basis.products((self.gold - chances)[:, 1:]).ravel()
        return found if self.pull is None else found - self.pull @ place.ravel()

    def _information(self, chances: Array) -> Array:
        """Return less the second derivatives, in the same order."""
        count, width = self.classes - 1, len(self.basis.kept)
        found = np.zeros((count, width, count, width))
        for one in range(count):
            for other in range(one, count):
                weights = chances[:, one + 1] * ((one == other) - chances[:, other + 1])
                found[one, :, other] = self.basis.squares(weights)
                found[other, :, one] = found[one, :, other].T
        every = found.reshape(count * width, -1)
        return every if self.pull is None else every + self.pull


def _variances(back: Array, inverse: Array) -> Array:
    """Return the variances of coefficients from those of the orthogonal columns.

    One output's after another's, shape (outputs * columns,).
    """
    width = len(back)
    count = len(inverse) // width
    parts = [
        inverse[n * width : (n + 1) * width, n * width : (n + 1) * width] for n in range(count)
    ]
    return np.concatenate([((back @ part) * back).sum(1) for part in parts])


def _largest(basis: OrthogonalBasis, towards: Array) -> tuple[int, ...]:
    """Return the columns that a step is about, those with the largest part of it first."""
    parts = np.abs(towards @ basis.back.T).max(0) * basis.spread
    parts[0] = 0
    order = np.argsort(-parts, kind="stable")
    chosen = [n for n in order.tolist() if parts[n] > parts.max() / 10]
    return tuple(int(basis.kept[n]) for n in chosen)
