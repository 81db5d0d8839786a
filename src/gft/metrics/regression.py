"""Figures for numbers: correlations and errors, for one output or several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gft.metrics.grounds import FEWEST_NUMBERS, Basis, Largest, Tail, of_rows
from gft.metrics.limits import Ratio
from gft.metrics.protocol import Array, Figure, Scored

OfOutput = Callable[[Array, Array, Array], Array]
"""Takes gold and prediction, shape (n,), and weights, shape (samples, n); gives (samples,)."""
OfRatio = Callable[[Array, Array], Ratio]
OfTail = Callable[[Array, Array], Basis]
"""Both take gold and prediction, shape (n,) each."""


@dataclass(frozen=True)
class OfNumbers:
    """A figure of one output's gold and predicted numbers; of several outputs the mean first."""

    name: str
    of_output: OfOutput
    greater_is_better: bool = False
    ratio: OfRatio | None = None
    """Of which ratio of sums it is a function, None if of none."""
    tail: OfTail | None = None
    """What of each row it adds up, None where that is not to be looked at."""
    span: tuple[float, float] | None = None
    target: str = "numbers"

    def figures(self, names: tuple[str, ...]) -> tuple[Figure, ...]:
        """Return the figure, and one per output when there are several."""
        each = tuple(f"{self.name}_{name}" for name in names) if len(names) > 1 else ()
        return tuple(
            Figure(name, self.greater_is_better, span=self.span) for name in (self.name, *each)
        )

    def rows(self, scored: Scored) -> Array:
        """Return gold and predicted numbers, shape (n, 2 * outputs)."""
        return np.concatenate([scored.gold, scored.prediction], axis=1)

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the mean over outputs, then each output's if there are several."""
        gold, prediction = np.split(statistics, 2, axis=1)
        # What a diverged model predicts makes a figure NaN; a warning would add nothing to that.
        with np.errstate(invalid="ignore", over="ignore"):
            values = [
                self.of_output(gold[:, n], prediction[:, n], weights) for n in range(gold.shape[1])
            ]
        return np.stack(values if len(values) == 1 else [np.mean(values, axis=0), *values])

    def ratios(self, statistics: Array) -> list[Ratio | None]:
        """Return the ratio of each figure; that of several outputs is none unless of means."""
        gold, prediction = np.split(statistics, 2, axis=1)
        outputs = gold.shape[1]
        if self.ratio is None:
            return [None] * (outputs if outputs == 1 else outputs + 1)
        with np.errstate(invalid="ignore", over="ignore"):
            each = [self.ratio(gold[:, n], prediction[:, n]) for n in range(outputs)]
        if outputs == 1:
            return list(each)
        first = each[0]
        together = replace(first, above=np.mean([one.above for one in each], axis=0))
        return [together if first.figure is np.asarray else None, *each]

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> list[list[Basis]]:
        """Return that each figure rests on all rows, and on no few of them most."""
        rows = of_rows(len(statistics), FEWEST_NUMBERS)
        gold, prediction = np.split(statistics, 2, axis=1)
        tails = [
            [] if self.tail is None else [self.tail(gold[:, n], prediction[:, n])]
            for n in range(gold.shape[1])
        ]
        each = [[*rows, *one] for one in tails]
        return each if len(each) == 1 else [[*rows, *(one for of in tails for one in of)], *each]


_CONSTANT = 1e-12
"""A variance below this share of the mean square is what rounding leaves of a constant's 0."""


def pearson(gold: Array, prediction: Array, weights: Array) -> Array:
    """Return the covariance over both spreads, -1 to 1 (Pearson 1895); NaN if one is constant."""
    x, y = _standard(gold), _standard(prediction)
    sums = weights @ np.stack([x, y, x * x, y * y, x * y], axis=1)
    rows = weights.sum(1)
    mean_x, mean_y, xx, yy, xy = (sums[:, k] / rows for k in range(5))
    spread_x, spread_y = xx - mean_x**2, yy - mean_y**2
    constant = (spread_x <= _CONSTANT * xx) | (spread_y <= _CONSTANT * yy) | (rows < 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = (xy - mean_x * mean_y) / np.sqrt(spread_x * spread_y)
    return np.where(constant, np.nan, np.clip(value, -1, 1))


def _standard(values: Array) -> Array:
    """Return values centred on the whole sample's mean and at most 1 in size.

    So the sums of products neither lose their digits to a large mean nor overflow.
    """
    if values.min() == values.max():
        return np.zeros(len(values))
    scaled = values / np.abs(values).max()
    centred = scaled - scaled.mean()
    return np.asarray(centred / np.abs(centred).max())


def spearman(gold: Array, prediction: Array, weights: Array) -> Array:
    """Return the correlation of the ranks, -1 to 1, ties at their mean rank (Spearman 1904).

    NaN if gold or prediction is constant.
    """
    if np.isnan(gold).any() or np.isnan(prediction).any():
        return np.full(len(weights), np.nan)
    # The mean of the ranks 1 to n is (n + 1) / 2, with ties too.
    middle = (weights.sum(1, keepdims=True) + 1) / 2
    x, y = (weighted_ranks(values, weights) - middle for values in (gold, prediction))
    weighted = weights * x
    xy, xx = (np.einsum("sn,sn->s", weighted, each) for each in (y, x))
    yy = np.einsum("sn,sn,sn->s", weights, y, y)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = xy / np.sqrt(xx * yy)
    return np.where(np.isfinite(value), np.clip(value, -1, 1), np.nan)


def weighted_ranks(values: Array, weights: Array) -> Array:
    """Return the mean rank of each value when each counts `weights` times, shape (samples, n)."""
    _, group = np.unique(values, return_inverse=True)
    order = np.argsort(group, kind="stable")
    ends = np.flatnonzero(np.diff(group[order], append=group.max() + 1))
    upto = np.cumsum(weights[:, order], axis=1)[:, ends]
    before = np.concatenate([np.zeros((len(weights), 1)), upto[:, :-1]], axis=1)
    ranks: Array = ((before + upto + 1) / 2)[:, group]
    return ranks


def mean_of(error: Callable[[Array, Array], Array]) -> OfOutput:
    """Return the figure that is the mean of an error of each row; NaN if one has no error."""

    def of_output(gold: Array, prediction: Array, weights: Array) -> Array:
        each = error(gold, prediction)
        undefined = ~np.isfinite(each)
        mean = (weights @ np.where(undefined, 0.0, each)) / weights.sum(1)
        # A row that a sample leaves out must not spoil it: NaN times 0 would.
        return np.where(weights @ undefined > 0, np.nan, mean)

    return of_output


def ratio_of(
    error: Callable[[Array, Array], Array], figure: Callable[[Array], Array] = np.asarray
) -> OfRatio:
    """Return how a figure of the mean of an error of each row is a function of a ratio."""

    def ratio(gold: Array, prediction: Array) -> Ratio:
        return Ratio(error(gold, prediction), np.ones(len(gold)), figure)

    return ratio


def tail_of(error: Callable[[Array, Array], Array]) -> OfTail:
    """Return how a mean of an error is looked at for a few large ones."""
    return lambda gold, prediction: Tail(error(gold, prediction), error is squared)


def tail_of_largest(gold: Array, prediction: Array) -> Largest:
    """Return that one row says all."""
    return Largest()


def tail_of_squares(gold: Array, prediction: Array) -> Tail:
    """Return the squared errors about their mean."""
    error = gold - prediction
    return Tail((error - error.mean()) ** 2, squares=True)


def tail_of_correlation(gold: Array, prediction: Array) -> Tail:
    """Return the squared differences of standardised values: their mean is 2 - 2 r."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        both = [(one - one.mean()) / one.std() for one in (gold, prediction)]
        return Tail((both[0] - both[1]) ** 2, squares=True)


def root_mean_squared(gold: Array, prediction: Array, weights: Array) -> Array:
    """Return the root of the mean squared error, in the unit of the output."""
    return np.asarray(np.sqrt(mean_of(squared)(gold, prediction, weights)))


def r2(gold: Array, prediction: Array, weights: Array) -> Array:
    """Return 1 - squared errors / squares about the mean of gold; at most 1.

    Below 0 the mean would be a better prediction. NaN for constant gold, where scikit-learn
    says 0 or 1: there is no variance to explain.
    """
    return _explained(gold, prediction, weights, centred=False)


def explained_variance(gold: Array, prediction: Array, weights: Array) -> Array:
    """Return 1 - variance of the errors / variance of gold: r2 that forgives an offset."""
    return _explained(gold, prediction, weights, centred=True)


def _explained(gold: Array, prediction: Array, weights: Array, centred: bool) -> Array:
    rows = weights.sum(1)
    # One scale for both, so that squares neither overflow nor vanish.
    scale = np.abs(gold - gold.mean()).max() or 1.0
    x, error = (gold - gold.mean()) / scale, (gold - prediction) / scale
    if gold.min() == gold.max():
        x = np.zeros(len(gold))
    sums = weights @ np.stack([x, x * x, error, error * error], axis=1) / rows[:, None]
    total = sums[:, 1] - sums[:, 0] ** 2
    left = sums[:, 3] - (sums[:, 2] ** 2 if centred else 0)
    constant = (total <= _CONSTANT * sums[:, 1]) | (rows < 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(constant, np.nan, 1 - left / total)


def unexplained(centred: bool) -> OfRatio:
    """Return how r2 and the explained variance are functions of a ratio of squares."""

    def ratio(gold: Array, prediction: Array) -> Ratio:
        scale = np.abs(gold - gold.mean()).max() or 1.0
        error, around = (gold - prediction) / scale, (gold - gold.mean()) / scale
        if centred:
            error = error - error.mean()
        return Ratio(error**2, around**2, lambda share: 1 - share)

    return ratio


def median_absolute(gold: Array, prediction: Array, weights: Array) -> Array:
    """Return the median of the absolute errors, in the unit of the output.

    As if each row stood there `weights` times, which are whole numbers here.
    """
    error = np.abs(gold - prediction)
    order = np.argsort(error, kind="stable")
    upto = np.cumsum(weights[:, order], axis=1)
    rows = upto[:, -1:]
    low = (upto >= (rows + 1) // 2).argmax(1)
    high = (upto >= rows // 2 + 1).argmax(1)
    median: Array = (error[order][low] + error[order][high]) / 2
    return median


def largest(gold: Array, prediction: Array, weights: Array) -> Array:
    """Return the largest absolute error of the rows that count, in the unit of the output."""
    errors = np.where(weights > 0, np.abs(gold - prediction), 0.0)
    return np.asarray(errors.max(1))


def squared(gold: Array, prediction: Array) -> Array:
    """Return the squared errors."""
    return np.asarray((gold - prediction) ** 2)


def absolute(gold: Array, prediction: Array) -> Array:
    """Return the absolute errors."""
    return np.asarray(np.abs(gold - prediction))


def relative(gold: Array, prediction: Array) -> Array:
    """Return the absolute errors as shares of the gold values, 0 and more; 1 is 100 %.

    A gold value of 0 counts as the smallest step of a double, as in scikit-learn.
    """
    floor = np.finfo(np.float64).eps
    return absolute(gold, prediction) / np.maximum(np.abs(gold), floor)


def squared_log(gold: Array, prediction: Array) -> Array:
    """Return the squared errors of log(1 + x); NaN for values of -1 and less."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return squared(np.log1p(gold), np.log1p(prediction))


def poisson(gold: Array, prediction: Array) -> Array:
    """Return Poisson deviances, 2 (y ln(y / p) - y + p), 0 and more (McCullagh & Nelder 1989).

    NaN where gold is negative or the prediction is not positive.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(gold > 0, gold * np.log(gold / prediction), 0.0)
        value = 2 * (ratio - gold + prediction)
    return np.where((gold < 0) | (prediction <= 0), np.nan, value)


def gamma(gold: Array, prediction: Array) -> Array:
    """Return gamma deviances, 2 (ln(p / y) + y / p - 1), 0 and more (McCullagh & Nelder 1989).

    NaN unless gold and prediction are positive.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        value = 2 * (np.log(prediction / gold) + gold / prediction - 1)
    return np.where((gold <= 0) | (prediction <= 0), np.nan, value)


def correlation(name: str) -> OfNumbers:
    """Return Pearson's correlation, or Spearman's under either of its names."""
    if name == "pearson":
        of, tail = pearson, tail_of_correlation
        return OfNumbers(name, of, greater_is_better=True, tail=tail, span=(-1.0, 1.0))
    return OfNumbers(name, spearman, greater_is_better=True, span=(-1.0, 1.0))
