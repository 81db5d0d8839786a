"""A model matrix as orthogonal columns: neither scale nor collinearity costs precision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gft.data.scratch import GrowingArray
from gft.metrics.protocol import Array

DEPENDENT = 1e-7
"""A column is collinear if the others leave no more than this part of it: `lm`'s tolerance."""
LOOSE = 1e-5
"""The tolerance where cross-products are computed, which lose half of the digits."""
BLOCK = 16_384


@dataclass(frozen=True)
class OrthogonalBasis:
    """Orthogonal columns that span a model matrix, of which the first column is 1 everywhere.

    There is one for each column that is kept, with a mean square of 1. `kept` are the indices of
    these columns in the matrix, `dropped` those of the columns that are linear combinations of
    others before them. The coefficients of the kept columns are `back @` those of the orthogonal
    ones. `spread` are the
    standard deviations of the kept columns. `columns` are the orthogonal ones, shape (rows, kept),
    or None where the matrix is sparse: they are `(sparse - means) @ inverse` then.
    """

    rows: int
    kept: Array
    dropped: tuple[int, ...]
    back: Array
    spread: Array
    inverse: Array
    means: Array
    columns: Array | None
    sparse: Any = None

    @classmethod
    def of(cls, matrix: Any) -> OrthogonalBasis:
        """Return the basis of a matrix of shape (rows, columns), dense or sparse by rows."""
        rows, width = matrix.shape
        is_sparse = not isinstance(matrix, np.ndarray)
        means = np.asarray(matrix.mean(0)).reshape(-1)
        means[0] = 0.0
        triangle = np.zeros((0, width))
        if is_sparse:
            triangle = _root(matrix, means)
        for part in () if is_sparse else blocks(rows):
            triangle = _triangle(np.vstack([triangle, matrix[part] - means]))
        lengths = np.sqrt((triangle**2).sum(0))
        tolerance = LOOSE if is_sparse else DEPENDENT
        kept, dropped = _independent(triangle, lengths, np.sqrt(rows) * np.abs(means), tolerance)
        lengths, means = lengths[kept], means[kept]
        small = _triangle(triangle[:, kept] / lengths)
        small *= np.where(np.diag(small) < 0, -1.0, 1.0)[:, None]
        inverse = np.linalg.solve(small, np.eye(len(kept))) * np.sqrt(rows) / lengths[:, None]
        back = inverse.copy()
        back[0] -= means @ inverse
        columns = None
        if not is_sparse:
            found = GrowingArray()
            for part in blocks(rows):
                found.extend((matrix[part][:, kept] - means) @ inverse)
            columns = found.closed()
        return cls(
            rows,
            kept,
            dropped,
            back,
            lengths / np.sqrt(rows),
            inverse,
            means,
            columns,
            matrix[:, kept] if is_sparse else None,
        )

    def sums(self, coefficients: Array) -> Array:
        """Return the linear predictors of rows, shape (rows, outputs).

        `coefficients` are those of the orthogonal columns, shape (outputs, kept).
        """
        if self.columns is None:
            weights = self.inverse @ coefficients.T
            return np.asarray(self.sparse @ weights - self.means @ weights)
        parts = [self.columns[part] @ coefficients.T for part in blocks(self.rows)]
        return np.concatenate(parts)

    def products(self, values: Array) -> Array:
        """Return the columns' products with `values`, shape (rows, outputs): (outputs, kept)."""
        if self.columns is None:
            raw = np.asarray(self.sparse.T @ values).T - np.outer(values.sum(0), self.means)
            return np.asarray(raw @ self.inverse)
        parts = (values[part].T @ self.columns[part] for part in blocks(self.rows))
        return np.asarray(sum(parts))

    def squares(self, weights: Array) -> Array:
        """Return the cross-products of the columns, weighted by row; shape (kept, kept)."""
        if self.columns is None:
            weighted = self.sparse.multiply(weights[:, None]).tocsr()
            raw = (self.sparse.T @ weighted).toarray()
            sums = np.asarray(weighted.sum(0)).reshape(-1)
            raw += weights.sum() * np.outer(self.means, self.means)
            raw -= np.outer(self.means, sums) + np.outer(sums, self.means)
            return np.asarray(self.inverse.T @ raw @ self.inverse)
        parts = (
            (self.columns[part] * weights[part, None]).T @ self.columns[part]
            for part in blocks(self.rows)
        )
        return np.asarray(sum(parts))

    def expanded(self, estimates: Array, width: int) -> Array:
        """Return estimates of the kept columns at their indices among `width`, NaN elsewhere."""
        found = np.full((*estimates.shape[:-1], width), np.nan)
        found[..., self.kept] = estimates
        return found


def blocks(rows: int) -> Iterator[slice]:
    """Return the slices of rows that are computed at a time."""
    return (slice(start, start + BLOCK) for start in range(0, rows, BLOCK))


def _root(matrix: Any, means: Array) -> Array:
    """Return a square matrix with the cross-products of a sparse matrix's centred columns.

    It replaces `_triangle`: it is exact to half of the digits, and skips zeros.
    """
    sums = np.asarray(matrix.sum(0)).reshape(-1)
    products = (matrix.T @ matrix).toarray() + matrix.shape[0] * np.outer(means, means)
    products -= np.outer(sums, means) + np.outer(means, sums)
    scale = np.sqrt(np.maximum(np.diag(products), 0))
    scale[scale == 0] = 1
    values, vectors = np.linalg.eigh(products / np.outer(scale, scale))
    return np.asarray(np.sqrt(np.maximum(values, 0))[:, None] * vectors.T * scale)


def _triangle(matrix: Array) -> Array:
    """Return R of the QR decomposition."""
    return np.asarray(np.linalg.qr(matrix, mode="r"))


def _independent(
    triangle: Array, lengths: Array, offsets: Array, tolerance: float
) -> tuple[Array, tuple[int, ...]]:
    """Return the indices of the columns that are linearly independent, and those of the others.

    `lengths` are the norms of the centred columns, `offsets` those of the means. A column depends
    on the columns before it if they leave no more than `tolerance` of it.
    """
    found: list[int] = []
    dropped: list[int] = []
    made = np.zeros((len(triangle), triangle.shape[1]))
    for n, column in enumerate(triangle.T):
        before = made[:, : len(found)]
        rest = column - before @ (before.T @ column)
        rest -= before @ (before.T @ rest)
        length = float(np.linalg.norm(rest))
        if length <= tolerance * lengths[n] or length <= tolerance**2 * offsets[n]:
            dropped.append(n)
            continue
        made[:, len(found)] = rest / length
        found.append(n)
    return np.array(found), tuple(dropped)
