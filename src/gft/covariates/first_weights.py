"""Initial weights of covariates: those of shrunken generalised linear models.

The weights of a term have a normal prior with mean 0 and a variance of the term's own, the one of
highest marginal likelihood (empirical Bayes). The variance of noise is close to 0, so noise does no
harm, and levels are shrunk as the effects of groups in a mixed model are.

A text may tell what a covariate tells: its genre, or a party's words. An effect that the net will
find in the text anyway must not be added to it. So the covariates explain what is left after the
text: a model of the same kind on what the net makes of each text before it is trained, which
predicts rows that it was not fitted to.
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
MOST_STATES = 1_000
"""The largest number of rows of train whose states are computed."""
COMPONENTS = 128
"""The number of principal components of states that the models see."""
DOUBT = 1.0
"""The number of weights of 0 that are added to each term. A number with z below 2.4 then gets a
weight close to 0; without them the limit is 1, and a third of noise columns get a weight."""
STEPS = 100
STEPS_OF_TEXTS = 30
PRECISIONS = (1e-4, 1e6)
CONVERGED = 1e-3

FOLDS = 5
MOST_PREDICTORS = 100_000
"""With more rows times outputs the model on texts would take long: it is left out."""

Slopes: TypeAlias = Callable[[Array, Array], tuple[Array, float, float]]
"""For the linear predictors of some rows, and their indices: the first derivatives of the
log-likelihood, shape (rows, outputs), the mean curvature of rows, and an upper bound of it."""


def looked_at(rows: int, width: int, most: int = MOST_ROWS) -> Array:
    """Return the indices of the rows of train to use, evenly spaced, at most `most`."""
    most = min(rows, most, max(MOST_COLUMNS, MOST_NUMBERS // max(width, 1)))
    return np.linspace(0, rows - 1, most).astype(np.int64)


def worth_states(rows: int, outputs: int, widths: Sequence[int]) -> bool:
    """Say whether states of so many rows are of use here, and a model on them does not take long.

    `widths` are the numbers of columns of the covariates' terms.
    """
    return rows >= 2 * FOLDS and rows * outputs <= MOST_PREDICTORS and bool(_narrow(widths))


def components(states: Array) -> Array:
    """Return principal components of states, shape (rows, components), of total variance 1.

    `states` are what a net makes of texts, shape (rows, width), of at most `MOST_STATES` rows.
    """
    rest = states.astype(np.float64) - states.mean(0, dtype=np.float64)
    if len(rest) < rest.shape[1]:
        values, vectors = np.linalg.eigh(rest @ rest.T)
        found = vectors * np.sqrt(np.maximum(values, 0))
    else:
        found = rest @ np.linalg.eigh(rest.T @ rest)[1]
    found = found[:, ::-1][:, :COMPONENTS]
    variance = float(found.var(0).sum())
    return np.asarray(found / np.sqrt(variance)) if variance > 0 else found[:, :0]


def of_classes(
    numbers: Array, widths: Sequence[int], gold: Array, classes: int, states: Array | None = None
) -> Array:
    """Return weights for the logits of classes, float32, shape (classes, columns).

    `numbers` is the model matrix of rows of train, `widths` the number of columns of each term,
    `gold` the class indices of the rows, `states` the components of their texts.
    """
    truth = np.eye(classes)[gold]
    shares = (truth.sum(0) + 0.5) / (len(gold) + 0.5 * classes)
    start = np.log(shares) - np.log(shares).mean()

    def slopes(sums: Array, rows: Array) -> tuple[Array, float, float]:
        probabilities = np.exp(sums - sums.max(1, keepdims=True))
        probabilities /= probabilities.sum(1, keepdims=True)
        # The mean of the eigenvalues that are not 0; the bound is Böhning's (1992).
        own = (1 - (probabilities**2).sum(1)) / max(classes - 1, 1)
        return truth[rows] - probabilities, float(own.mean()), 0.5

    return _shrunk(numbers, widths, states, start, slopes, classes - 1)


def of_labels(
    numbers: Array, widths: Sequence[int], gold: Array, states: Array | None = None
) -> Array:
    """Return weights for the logits of multi-label classification, float32, (labels, columns).

    `gold` has shape (rows, labels): 1 where a row has the label, NaN where that is not known.
    """
    known = ~np.isnan(gold)
    shares = (np.nansum(gold, 0) + 0.5) / (known.sum(0) + 1)

    def slopes(sums: Array, rows: Array) -> tuple[Array, float, float]:
        probabilities = 1 / (1 + np.exp(-np.clip(sums, -500, 500)))
        return (
            np.where(known[rows], gold[rows] - probabilities, 0),
            float((known[rows] * probabilities * (1 - probabilities)).mean()),
            0.25,
        )

    return _shrunk(numbers, widths, states, np.log(shares / (1 - shares)), slopes, gold.shape[1])


def of_numbers(
    numbers: Array, widths: Sequence[int], gold: Array, states: Array | None = None
) -> Array:
    """Return weights for numbers, float32, shape (outputs, columns).

    `gold` has shape (rows, outputs).
    """
    spreads = gold.std(0)
    spreads[spreads == 0] = 1
    truth = (gold - gold.mean(0)) / spreads

    def slopes(sums: Array, rows: Array) -> tuple[Array, float, float]:
        rests = truth[rows] - sums
        own = 1 / max(float((rests**2).mean()), 1e-6)
        return rests * own, own, own

    found = _shrunk(numbers, widths, states, np.zeros(gold.shape[1]), slopes, gold.shape[1])
    return np.asarray(found * spreads[:, None], np.float32)


def _narrow(widths: Sequence[int]) -> list[int]:
    """Return the terms whose weights are estimated: the narrowest, up to `MOST_COLUMNS`."""
    by_width = sorted(range(len(widths)), key=lambda term: widths[term])
    within = np.cumsum([widths[term] for term in by_width]) <= MOST_COLUMNS
    return sorted(term for term, fits in zip(by_width, within, strict=True) if fits)


def _shrunk(
    numbers: Array,
    widths: Sequence[int],
    states: Array | None,
    start: Array,
    slopes: Slopes,
    free: int,
) -> Array:
    """Return weights, float32, shape (outputs, columns), where `free` outputs vary freely."""
    found = np.zeros((len(start), sum(widths)), np.float32)
    terms = np.repeat(np.arange(len(widths)), widths)
    columns = np.flatnonzero(np.isin(terms, _narrow(widths)))
    if not len(columns) or not len(numbers) or free < 1:
        return found
    _, groups = np.unique(terms[columns], return_inverse=True)
    every, rows = np.arange(len(numbers)), numbers[:, columns].astype(np.float64)
    if states is None or not states.shape[1]:
        weights = _probable(rows, groups, every, start, slopes, free)
    else:
        texts = _of_texts(states, start, slopes, free)

        def rest(sums: Array, rows: Array) -> tuple[Array, float, float]:
            return slopes(sums + texts[rows], rows)

        weights = _probable(rows, groups, every, np.zeros(len(start)), rest, free)
    found[:, columns] = weights[:-1].T
    return found


def _of_texts(states: Array, start: Array, slopes: Slopes, free: int) -> Array:
    """Return linear predictors of rows by their states, from models fitted to other rows."""
    found = np.empty((len(states), len(start)))
    fold, groups = np.arange(len(states)) % FOLDS, np.zeros(states.shape[1], np.int64)
    for one in range(FOLDS):
        seen, rest = np.flatnonzero(fold != one), np.flatnonzero(fold == one)
        weights = _probable(states[seen], groups, seen, start, slopes, free, STEPS_OF_TEXTS)
        found[rest] = states[rest] @ weights[:-1] + weights[-1]
    return found


def _probable(
    columns: Array,
    groups: Array,
    rows: Array,
    start: Array,
    slopes: Slopes,
    free: int,
    steps: int = STEPS,
) -> Array:
    """Return the weights of columns and then the constants, shape (columns + 1, outputs).

    `groups` are the numbers of the terms that columns belong to. Each step moves towards the most
    probable weights for the precisions, then updates the precisions for the weights: MacKay
    (1992), Bayesian Interpolation.
    """
    matrix = np.hstack([columns, np.ones((len(columns), 1))])
    sizes = np.bincount(groups)
    products = matrix.T @ matrix
    weights = np.vstack([np.zeros((len(groups), len(start))), start])
    precisions = np.ones(len(sizes))
    for _ in range(steps):
        penalty = np.append(precisions[groups], 1e-6)
        up, own, bound = slopes(matrix @ weights, rows)
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
    return weights
