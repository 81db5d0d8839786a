"""Generalised linear models, estimated as R's `lm`, `glm` and `nnet::multinom` do.

Columns of a model matrix are first made orthogonal, so that neither their scale nor how alike they
are costs precision: the estimates of the columns follow from those of the orthogonal ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gft.data.scratch import GrowingArray
from gft.metrics.protocol import Array

DEPENDENT = 1e-7
"""A column of which others leave no more than such a part is a sum of them: `lm`'s tolerance."""
PRIOR_SD = 2.5
"""Where classes are separable: the standard deviation of the normal prior of each coefficient, for
a column whose own is 1. That of rstanarm (Gelman, Jakulin, Pittau & Su 2008)."""
BLOCK = 16_384
STEPS = 100
CONVERGED = 1e-9
FLAT = 1e-4
"""So little is to be gained, in nats, where the likelihood is flat."""
MOVING = 0.05
"""A step of so much of a row's linear predictor, or more, leads on."""
FLAT_STEPS = 5


@dataclass(frozen=True)
class OrthogonalBasis:
    """Orthogonal columns that span a model matrix, of which the first column is 1 everywhere.

    `columns` has shape (rows, kept), each with a mean square of 1. `kept` are the numbers of the
    columns of the matrix, `dropped` of those that are sums of others before them; coefficients of
    what is kept are `back @` those of the orthogonal columns. `spread` are the standard deviations
    of the kept columns.
    """

    columns: Array
    kept: Array
    dropped: tuple[int, ...]
    back: Array
    spread: Array

    @classmethod
    def of(cls, matrix: Array) -> OrthogonalBasis:
        """Return that of a matrix of shape (rows, columns)."""
        rows, width = matrix.shape
        means = np.asarray(matrix.mean(0))
        means[0] = 0.0
        triangle = np.zeros((0, width))
        for part in blocks(rows):
            triangle = _triangle(np.vstack([triangle, matrix[part] - means]))
        lengths = np.sqrt((triangle**2).sum(0))
        kept, dropped = _independent(triangle, lengths, np.sqrt(rows) * np.abs(means))
        lengths = lengths[kept]
        small = _triangle(triangle[:, kept] / lengths)
        small *= np.where(np.diag(small) < 0, -1.0, 1.0)[:, None]
        inverse = np.linalg.solve(small, np.eye(len(kept))) * np.sqrt(rows) / lengths[:, None]
        found = GrowingArray()
        for part in blocks(rows):
            found.extend((matrix[part][:, kept] - means[kept]) @ inverse)
        back = inverse.copy()
        back[0] -= means[kept] @ inverse
        return cls(found.closed(), kept, dropped, back, lengths / np.sqrt(rows))

    def spelled(self, estimates: Array, width: int) -> Array:
        """Return estimates of the kept columns at their places among `width`, else not-a-number."""
        found = np.full((*estimates.shape[:-1], width), np.nan)
        found[..., self.kept] = estimates
        return found


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


def blocks(rows: int) -> Iterator[slice]:
    """Return the parts of rows that are computed at once."""
    return (slice(start, start + BLOCK) for start in range(0, rows, BLOCK))


def of_numbers(matrix: Array, numbers: Array, basis: OrthogonalBasis | None = None) -> Estimates:
    """Return least-squares estimates of numbers, shape (rows, outputs), as `lm` has them.

    Standard errors are not-a-number where there are no more rows than columns.
    """
    basis = basis or OrthogonalBasis.of(matrix)
    columns, rows = basis.columns, len(numbers)
    products = columns.T @ columns
    found = np.linalg.solve(products, columns.T @ numbers)
    found += np.linalg.solve(products, columns.T @ (numbers - columns @ found))
    squares = ((numbers - columns @ found) ** 2).sum(0)
    free = rows - len(basis.kept)
    variance = squares / free if free > 0 else np.full(numbers.shape[1], np.nan)
    unscaled = _variances(basis.back, np.linalg.inv(products))
    width = matrix.shape[1]
    return Estimates(
        basis.spelled((basis.back @ found).T, width),
        basis.spelled(np.sqrt(variance[:, None] * unscaled), width),
        squares,
        ((numbers - numbers.mean(0)) ** 2).sum(0),
        basis.dropped,
    )


def of_classes(
    matrix: Array, gold: Array, classes: int, basis: OrthogonalBasis | None = None
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
        self.columns, self.gold, self.classes = basis.columns, gold, classes
        self.pull: Array | None = None
        if prior is not None:
            slopes = basis.back[1:] * (basis.spread[1:] / prior)[:, None]
            # Differences between any two classes have the prior, whichever is the reference.
            alike = 2 * (np.eye(classes - 1) - np.full((classes - 1,) * 2, 1 / classes))
            self.pull = np.kron(alike, slopes.T @ slopes)

    def top(self) -> _Top:
        """Return the place of the greatest likelihood, or how far one came towards it."""
        counts = np.bincount(self.gold, minlength=self.classes)
        place = np.zeros((self.classes - 1, self.columns.shape[1]))
        place[:, 0] = np.log(counts[1:] / counts[0])
        height, slope, information = self._at(place)
        flat, step = 0, np.zeros_like(place)
        for _ in range(STEPS):
            try:
                step = np.linalg.solve(information, slope).reshape(place.shape)
            except np.linalg.LinAlgError:
                return self._end(place, information, step)
            gain, size = float(slope @ step.ravel()), self._moved(step)
            if gain < CONVERGED and size < MOVING:
                place = place + step
                return self._end(place, self._at(place)[2], None)
            flat = flat + 1 if gain < FLAT and size > MOVING else 0
            if flat >= FLAT_STEPS:
                return self._end(place, information, step)
            before, part = height, 1.0
            height, slope, information = self._at(place + step)
            while not height > before - 1e-9 * abs(before) and part > 1e-6:
                part /= 2
                height, slope, information = self._at(place + part * step)
            place = place + part * step
        return self._end(place, information, step)

    def _end(self, place: Array, information: Array, towards: Array | None) -> _Top:
        likelihood = sum(float(chances.sum()) for _, _, chances in self._parts(place))
        return _Top(place, likelihood, information, towards)

    def _moved(self, step: Array) -> float:
        """Return by how much a step changes the linear predictor of a row, at most."""
        parts = blocks(len(self.gold))
        return max(float(np.abs(self.columns[part] @ step.T).max()) for part in parts)

    def _parts(self, place: Array) -> Iterator[tuple[Array, Array, Array]]:
        """Return columns, probabilities and the logarithm of that of the gold class, in blocks."""
        for part in blocks(len(self.gold)):
            columns, gold = self.columns[part], self.gold[part]
            sums = np.hstack([np.zeros((len(gold), 1)), columns @ place.T])
            sums -= sums.max(1, keepdims=True)
            chances = np.exp(sums)
            totals = chances.sum(1, keepdims=True)
            logs = sums[np.arange(len(gold)), gold] - np.log(totals[:, 0])
            yield columns, chances / totals, logs

    def _at(self, place: Array) -> tuple[float, Array, Array]:
        """Return height, slope and information at a place: less the second derivatives."""
        count, width = place.shape
        height, slope = 0.0, np.zeros(place.shape)
        information = np.zeros((count, width, count, width))
        for part, (columns, chances, logs) in zip(
            blocks(len(self.gold)), self._parts(place), strict=True
        ):
            height += float(logs.sum())
            gold = np.zeros_like(chances)
            gold[np.arange(len(logs)), self.gold[part]] = 1
            slope += (gold - chances)[:, 1:].T @ columns
            for one in range(count):
                for other in range(one, count):
                    weights = chances[:, one + 1] * ((one == other) - chances[:, other + 1])
                    information[one, :, other] += (columns * weights[:, None]).T @ columns
        for one in range(count):
            for other in range(one):
                information[one, :, other] = information[other, :, one].T
        found, flat = information.reshape(count * width, -1), slope.ravel()
        if self.pull is not None:
            pulled = self.pull @ place.ravel()
            height -= float(place.ravel() @ pulled) / 2
            return height, flat - pulled, found + self.pull
        return height, flat, found


def _triangle(matrix: Array) -> Array:
    """Return R of the QR decomposition."""
    return np.asarray(np.linalg.qr(matrix, mode="r"))


def _independent(triangle: Array, lengths: Array, offsets: Array) -> tuple[Array, tuple[int, ...]]:
    """Return the numbers of the columns that are no sums of those before, and of the others.

    `lengths` are those of the columns less their means, `offsets` of the means alone.
    """
    found: list[int] = []
    dropped: list[int] = []
    made = np.zeros((len(triangle), 0))
    for n, column in enumerate(triangle.T):
        rest = column - made @ (made.T @ column)
        rest -= made @ (made.T @ rest)
        length = float(np.linalg.norm(rest))
        if length <= DEPENDENT * lengths[n] or length <= 1e-13 * offsets[n]:
            dropped.append(n)
            continue
        found.append(n)
        made = np.column_stack([made, rest / length])
    return np.array(found), tuple(dropped)


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
