"""Initial weights of covariates: those of shrunken generalised linear models.

The weights of a term have a normal prior with mean 0 and a variance of the term's own, the one of
highest marginal likelihood (empirical Bayes). The variance of noise is close to 0, so noise does no
harm, and levels are shrunk as the effects of groups in a mixed model are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from gft.metrics.protocol import Array

MOST_ROWS = 20_000
"""The largest number of rows of train that are used: initial weights need no more."""
MOST_NUMBERS = 20_000_000
MOST_COLUMNS = 1_024
"""If the terms have more columns together, the widest terms begin at 0."""
DOUBT = 1.0
"""The number of weights of 0 that are added to each term. A number with z below 2.4 then gets a
weight close to 0; without them the limit is 1, and a third of noise columns get a weight."""
STEPS = 100
PRECISIONS = (1e-4, 1e6)
CONVERGED = 1e-3

Slopes: TypeAlias = Callable[[Array], tuple[Array, float, float]]
"""For the linear predictors of rows: the first derivatives of the log-likelihood, shape (rows,
outputs), the mean curvature of rows, and an upper bound of it."""


def looked_at(rows: int, width: int) -> Array:
    """Return the indices of the rows of train to use, evenly spaced."""
    most = min(rows, MOST_ROWS, max(MOST_COLUMNS, MOST_NUMBERS // max(width, 1)))
    return np.linspace(0, rows - 1, most).astype(np.int64)


def of_classes(numbers: Array, widths: Sequence[int], gold: Array, classes: int) -> Array:
    """Return weights for the logits of classes, float32, shape (classes, columns).

    `numbers` is the model matrix of train, `widths` the number of columns of each term, `gold` the
    class indices of the rows.
    """
    truth = np.eye(classes)[gold]
    shares = (truth.sum(0) + 0.5) / (len(gold) + 0.5 * classes)
    start = np.log(shares) - np.log(shares).mean()

    def slopes(sums: Array) -> tuple[Array, float, float]:
        probabilities = np.exp(sums - sums.max(1, keepdims=True))
        probabilities /= probabilities.sum(1, keepdims=True)
        # The mean of the eigenvalues that are not 0; the bound is Böhning's (1992).
        own = (1 - (probabilities**2).sum(1)) / max(classes - 1, 1)
        return truth - probabilities, float(own.mean()), 0.5

    return _shrunk(numbers, widths, start, slopes, classes - 1)


def of_labels(numbers: Array, widths: Sequence[int], gold: Array) -> Array:
    """Return weights for the logits of multi-label classification, float32, (labels, columns).

    `gold` has shape (rows, labels): 1 where a row has the label, NaN where that is not known.
    """
    known = ~np.isnan(gold)
    shares = (np.nansum(gold, 0) + 0.5) / (known.sum(0) + 1)

    def slopes(sums: Array) -> tuple[Array, float, float]:
        probabilities = 1 / (1 + np.exp(-np.clip(sums, -500, 500)))
        return (
            np.where(known, gold - probabilities, 0),
            float((known * probabilities * (1 - probabilities)).mean()),
            0.25,
        )

    return _shrunk(numbers, widths, np.log(shares / (1 - shares)), slopes, gold.shape[1])


def of_numbers(numbers: Array, widths: Sequence[int], gold: Array) -> Array:
    """Return weights for numbers, float32, shape (outputs, columns); `gold` is (rows, outputs)."""
    spreads = gold.std(0)
    spreads[spreads == 0] = 1
    truth = (gold - gold.mean(0)) / spreads

    def slopes(sums: Array) -> tuple[Array, float, float]:
        rests = truth - sums
        own = 1 / max(float((rests**2).mean()), 1e-6)
        return rests * own, own, own

    found = _shrunk(numbers, widths, np.zeros(gold.shape[1]), slopes, gold.shape[1])
    return np.asarray(found * spreads[:, None], np.float32)


def _narrow(widths: Sequence[int]) -> list[int]:
    """Return the terms whose weights are estimated: the narrowest, up to `MOST_COLUMNS`."""
    by_width = sorted(range(len(widths)), key=lambda term: widths[term])
    within = np.cumsum([widths[term] for term in by_width]) <= MOST_COLUMNS
    return sorted(term for term, fits in zip(by_width, within, strict=True) if fits)


def _shrunk(
    numbers: Array, widths: Sequence[int], start: Array, slopes: Slopes, free: int
) -> Array:
    """Return weights, float32, shape (outputs, columns), where `free` outputs vary freely.

    Each step moves towards the most probable weights for the precisions, then updates the
    precisions for the weights: MacKay (1992), Bayesian Interpolation.
    """
    found = np.zeros((len(start), sum(widths)), np.float32)
    terms = np.repeat(np.arange(len(widths)), widths)
    columns = np.flatnonzero(np.isin(terms, _narrow(widths)))
    if not len(columns) or not len(numbers) or free < 1:
        return found
    rows = numbers[:, columns].astype(np.float64)
    matrix = np.hstack([rows, np.ones((len(rows), 1))])
    _, groups = np.unique(terms[columns], return_inverse=True)
    sizes = np.bincount(groups)
    products = matrix.T @ matrix
    weights = np.vstack([np.zeros((len(columns), len(start))), start])
    precisions = np.ones(len(sizes))
    for _ in range(STEPS):
        penalty = np.append(precisions[groups], 1e-6)
        up, own, bound = slopes(matrix @ weights)
        step = np.linalg.solve(
            bound * products + np.diag(penalty), matrix.T @ up - penalty[:, None] * weights
        )
        weights = weights + step
        spread = np.diag(np.linalg.inv(own * products + np.diag(penalty)))[:-1]
        effective = free * (sizes - precisions * np.bincount(groups, spread))
        lengths = np.bincount(groups, (weights[:-1] ** 2).sum(1))
        before = precisions
        effective = np.maximum(effective, 0) + DOUBT
        precisions = np.clip(effective / np.maximum(lengths, 1e-12), *PRECISIONS)
        if max(np.abs(step).max(), np.abs(np.log(precisions / before)).max()) < CONVERGED:
            break
    found[:, columns] = weights[:-1].T
    return found
