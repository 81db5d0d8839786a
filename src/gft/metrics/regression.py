"""Metrics for numbers: correlations and errors, for one output or several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gft.metrics.grounds import FEWEST_NUMBERS, Basis, Largest, Tail, of_rows
from gft.metrics.limits import Ratio, Smooth
from gft.metrics.protocol import Array, Measure, Scored

OfOutput = Callable[[Array, Array, Array], Array]
"""Takes gold and prediction, shape (n,), and weights, shape (samples, n); gives (samples,)."""
OfRows = Callable[[Array, Array], Smooth]
OfTail = Callable[[Array, Array], Basis]
"""Both take gold and prediction, shape (n,) each."""


@dataclass(frozen=True)
class OfNumbers:
    """A metric of one output's gold and predicted numbers; of several outputs the mean first."""

    name: str
    of_output: OfOutput
    greater_is_better: bool = False
    sums: OfRows | None = None
    """Of which sums it is a smooth function, None if of none."""
    tail: OfTail | None = None
    """What of each row it adds up, None where that is not to be looked at."""
    span: tuple[float, float] | None = None
    target: str = "numbers"

    def measures(self, names: tuple[str, ...]) -> tuple[Measure, ...]:
        """Return the metric, and one per output when there are several."""
        each = tuple(f"{self.name}_{name}" for name in names) if len(names) > 1 else ()
        return tuple(
            Measure(name, self.greater_is_better, span=self.span) for name in (self.name, *each)
        )

    def rows(self, scored: Scored) -> Array:
        """Return gold and predicted numbers, shape (n, 2 * outputs)."""
        return np.concatenate([scored.gold, scored.prediction], axis=1)

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the mean over outputs, then each output's if there are several."""
        gold, prediction = np.split(statistics, 2, axis=1)
        # What a diverged model predicts makes a metric NaN; a warning would add nothing to that.
        with np.errstate(invalid="ignore", over="ignore"):
            values = [
                self.of_output(gold[:, n], prediction[:, n], weights) for n in range(gold.shape[1])
            ]
        return np.stack(values if len(values) == 1 else [np.mean(values, axis=0), *values])

    def smooth(self, statistics: Array) -> list[Smooth | None]:
        """Return the function of each metric; that of several outputs is none unless of means."""
        gold, prediction = np.split(statistics, 2, axis=1)
        outputs = gold.shape[1]
        if self.sums is None:
            return [None] * (outputs if outputs == 1 else outputs + 1)
        with np.errstate(invalid="ignore", over="ignore"):
            each = [self.sums(gold[:, n], prediction[:, n]) for n in range(outputs)]
        if outputs == 1:
            return list(each)
        means = [one for one in each if isinstance(one, Ratio) and one.value is np.asarray]
        if len(means) < outputs:
            return [None, *each]
        together = replace(means[0], above=np.mean([one.above for one in means], axis=0))
        return [together, *each]

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> list[list[Basis]]:
        """Return that each metric rests on all rows, and on no few of them most."""
        rows = of_rows(len(statistics), FEWEST_NUMBERS)
        gold, prediction = np.split(statistics, 2, axis=1)
        tails = [
            [] if self.tail is None else [self.tail(gold[:, n], prediction[:, n])]
            for n in range(gold.shape[1])
        ]
        each = [[*rows, *one] for one in tails]
        return each if len(each) == 1 else [[*rows, *(one for of in tails for one in of)], *each]


CONSTANT = 1e-12
"""A variance below this share of the mean square is what rounding leaves of a constant's 0."""


def mean_of(error: Callable[[Array, Array], Array]) -> OfOutput:
    """Return the metric that is the mean of an error of each row; NaN if one has no error."""

    def of_output(gold: Array, prediction: Array, weights: Array) -> Array:
        each = error(gold, prediction)
        undefined = ~np.isfinite(each)
        mean = (weights @ np.where(undefined, 0.0, each)) / weights.sum(1)
        # A row that a sample leaves out must not spoil it: NaN times 0 would.
        return np.where(weights @ undefined > 0, np.nan, mean)

    return of_output


def ratio_of(
    error: Callable[[Array, Array], Array], value: Callable[[Array], Array] = np.asarray
) -> OfRows:
    """Return how a metric of the mean of an error of each row is a function of a ratio."""

    def ratio(gold: Array, prediction: Array) -> Ratio:
        return Ratio(error(gold, prediction), np.ones(len(gold)), value)

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
    constant = (total <= CONSTANT * sums[:, 1]) | (rows < 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(constant, np.nan, 1 - left / total)


def unexplained(centred: bool) -> OfRows:
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
