"""Metrics for classes, from counts: accuracy, precision, recall, F1, kappa, correlation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from gft.errors import UserError, listed, no_such
from gft.metrics.grounds import (
    FEWEST_NUMBERS,
    Basis,
    Ground,
    Grounding,
    Tail,
    of_agreement,
    of_average,
    of_each,
    of_every_row,
    of_others,
    of_rows,
)
from gft.metrics.limits import Ratio
from gft.metrics.positive import AboutOne
from gft.metrics.protocol import Array, Measure, OneMeasure, Scored
from gft.metrics.weighted import divided, mean

Formula = Callable[[Array, Array, Array], Array]
"""Takes how often each class is right, predicted and gold, shape (samples, classes) each."""
LARGEST_SLAB = 1 << 22
"""Counts that are made at a time: samples times classes. Each takes 8 bytes."""
AVERAGES = ("binary", "micro", "macro", "weighted")


@dataclass(frozen=True)
class Counts(AboutOne):
    """A metric of how often each class is gold, predicted, and rightly predicted.

    `formula` takes `right`, `predicted` and `gold`, shape (samples, classes) each, and returns
    shape (samples,).
    """

    name: str
    formula: Formula
    grounding: Grounding = of_others
    target: str = "classes"
    proportion: bool = False
    span: tuple[float, float] | None = (0.0, 1.0)
    only_two: bool = False
    """Whether it is a metric of one class against another, so that more classes are a mistake."""

    def measures(self, names: tuple[str, ...]) -> tuple[Measure, ...]:
        """Return the one measure. Raises `UserError` for too many classes."""
        if self.only_two and len(names) > 2:
            raise UserError(
                f"metric {self.name},binary is for two classes, not {len(names)} ({listed(names)});"
                f" write {self.name},macro, {self.name},micro or {self.name},weighted"
            )
        return super().measures(names)

    def rows(self, scored: Scored) -> Array:
        """Return gold class, predicted class and the number of classes, shape (n, 3).

        An indicator for each class would give the same; with 77 classes, adding those up takes 30
        times as long and 77 times the memory. Of two classes, the one that the metric is about
        is 1 here.
        """
        gold, predicted = scored.gold, scored.prediction
        if self.is_turned(scored):
            gold, predicted = 1 - gold, 1 - predicted
        classes = np.full(len(scored), len(scored.names))
        return np.stack([gold, predicted, classes], axis=1).astype(np.int64)

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the score of the weighted counts."""
        gold, predicted, classes = statistics.T
        count = int(classes[0])
        if count * count <= len(weights):
            # With few classes one product counts all of their pairs in all samples at once.
            pairs = (gold * count + predicted)[:, None] == np.arange(count * count)
            cells = (weights @ pairs).reshape(len(weights), count, count)
            right = np.diagonal(cells, axis1=1, axis2=2)
            return self.formula(right, cells.sum(1), cells.sum(2))[None]
        # A class that is neither gold nor predicted changes no metric, and there may be more of
        # them than rows.
        if count > max(2, len(gold)):
            occurring, numbers = np.unique([gold, predicted], return_inverse=True)
            gold, predicted = numbers.reshape(2, -1)
            count = max(3, len(occurring))
        slab = max(1, LARGEST_SLAB // (count + 1))
        parts = [
            self._of_samples(gold, predicted, count, weights[start : start + slab])
            for start in range(0, len(weights), slab)
        ]
        return np.concatenate(parts)[None]

    def _of_samples(self, gold: Array, predicted: Array, count: int, weights: Array) -> Array:
        """Return the score in each of some samples."""
        # Of what is wrong there is one class more. Each count is made before the next: of a
        # million rows, what it is made from takes 8 MB.
        right = _counted(np.where(gold == predicted, gold, count), weights, count + 1)
        return self.formula(
            right[:, :count], _counted(predicted, weights, count), _counted(gold, weights, count)
        )

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> list[Iterable[Ground]]:
        """Return the rows of the class that it is about, of each class, or of all but one."""
        return [self.grounding(statistics[:, 0], statistics[:, 1], self.in_order(names))]


def precision(right: Array, predicted: Array, gold: Array) -> Array:
    """Return right / predicted of each class, 0 to 1; 0 for a class that is never predicted."""
    return divided(right, predicted, 0.0)


def recall(right: Array, predicted: Array, gold: Array) -> Array:
    """Return right / gold of each class, 0 to 1; 0 for a class that is never gold."""
    return divided(right, gold, 0.0)


def f1(right: Array, predicted: Array, gold: Array) -> Array:
    """Return 2 right / (predicted + gold) of each class, 0 to 1.

    That is the harmonic mean of precision and recall (van Rijsbergen 1979, ch. 7).
    """
    return divided(2 * right, predicted + gold, 0.0)


def jaccard(right: Array, predicted: Array, gold: Array) -> Array:
    """Return right / (predicted + gold - right) of each class, 0 to 1 (Jaccard 1912)."""
    return divided(right, predicted + gold - right, 0.0)


def averaged(per_class: Formula, average: str) -> Formula:
    """Return a metric of one class as a metric of all.

    `binary` is that of class 1; `micro` counts rows of all classes together; `macro` is the mean
    over classes that are gold or predicted, as in scikit-learn; `weighted` the mean by gold rows;
    `auto` is binary with two classes, else macro.
    """

    def score(right: Array, predicted: Array, gold: Array) -> Array:
        way = average
        if way == "auto":
            way = "binary" if right.shape[1] == 2 else "macro"
        if way == "binary":
            return per_class(right, predicted, gold)[:, min(1, right.shape[1] - 1)]
        if way == "micro":
            sums = (each.sum(1, keepdims=True) for each in (right, predicted, gold))
            return per_class(*sums)[:, 0]
        values = per_class(right, predicted, gold)
        share = gold if way == "weighted" else ((predicted + gold) > 0).astype(np.float64)
        return divided((values * share).sum(1), share.sum(1), 0.0)

    return score


def share_right(right: Array, predicted: Array, gold: Array) -> Array:
    """Return accuracy from the same counts as the other metrics, 0 to 1; NaN without rows."""
    return divided(right.sum(1), gold.sum(1))


def balanced_accuracy(right: Array, predicted: Array, gold: Array) -> Array:
    """Return the mean recall over classes that are gold, 0 to 1 (Brodersen et al. 2010)."""
    present = (gold > 0).astype(np.float64)
    return divided((recall(right, predicted, gold) * present).sum(1), present.sum(1))


def matthews(right: Array, predicted: Array, gold: Array) -> Array:
    """Return Matthews' correlation, -1 to 1, for any number of classes (Gorodkin 2004).

    The covariance of gold and predicted class over their spreads; 0 when either is constant.
    """
    rows = gold.sum(1)
    covariance = right.sum(1) * rows - (predicted * gold).sum(1)
    spread = (rows**2 - (predicted**2).sum(1)) * (rows**2 - (gold**2).sum(1))
    return divided(covariance, np.sqrt(np.maximum(spread, 0)), 0.0)


def kappa(right: Array, predicted: Array, gold: Array) -> Array:
    """Return Cohen's kappa, (observed - chance) / (1 - chance) agreement, -1 to 1 (Cohen 1960).

    NaN when gold and prediction are one and the same class throughout.
    """
    rows = gold.sum(1)
    by_chance = divided((predicted * gold).sum(1), rows, 0.0)
    return divided(right.sum(1) - by_chance, rows - by_chance)


PER_CLASS: dict[str, Formula] = {
    "f1": f1,
    "precision": precision,
    "recall": recall,
    "jaccard": jaccard,
}
"""Metrics of each class by itself, which may be `averaged`."""
_SHARE, _CORRELATION = (0.0, 1.0), (-1.0, 1.0)
OF_ALL: dict[str, tuple[Formula, Grounding, tuple[float, float]]] = {
    "balanced_accuracy": (balanced_accuracy, of_each, _SHARE),
    "matthews_correlation": (matthews, of_agreement, _CORRELATION),
    "cohen_kappa": (kappa, of_agreement, _CORRELATION),
}
"""Metrics of all classes together, with what they rest on and between which ends they lie."""


def of_classes(name: str, average: str) -> Counts:
    """Return one of `PER_CLASS`, averaged."""
    return Counts(
        name,
        averaged(PER_CLASS[name], average),
        of_average(name, average),
        of_one=average in ("auto", "binary"),
        only_two=average == "binary",
    )


def of_all(name: str) -> Counts:
    """Return one of `OF_ALL`."""
    formula, grounding, span = OF_ALL[name]
    return Counts(name, formula, grounding, span=span)


def accuracy_of_counts() -> Counts:
    """Return accuracy made of counts, as GLUE lists it beside F1."""
    return Counts("accuracy", share_right, of_every_row, proportion=True)


def named_average(name: str, config: str | None, usual: str) -> tuple[str, str] | None:
    """Return which of `PER_CLASS` a name means, and the average; None where it means none.

    The average is a configuration (`f1,macro`) or part of the name (`f1_macro`), else the `usual`
    one. Raises `UserError` for another configuration.
    """
    several = AVERAGES[1:]
    base, _, ending = name.rpartition("_")
    if base in PER_CLASS and ending in several and config is None:
        return base, ending
    if name not in PER_CLASS:
        return None
    if config is not None and config not in several:
        raise UserError(no_such("configuration", config, several, f"H:{name}"))
    return name, config or usual


@dataclass(frozen=True)
class RowMean(OneMeasure):
    """The mean over rows of one number per row."""

    name: str
    of_row: Callable[[Scored], Array]
    greater_is_better: bool = False
    proportion: bool = False
    target: str = "classes"
    span: tuple[float, float] | None = None

    def rows(self, scored: Scored) -> Array:
        """Return the number of each row, shape (n, 1)."""
        return self.of_row(scored)[:, None]

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the weighted mean."""
        return mean(statistics, weights)

    def smooth(self, statistics: Array) -> Sequence[Ratio | None]:
        """Return the mean as a ratio, unless it is a share of rows or lies between two ends."""
        if self.proportion or self.span is not None:
            return [None]
        return [Ratio(statistics[:, 0], np.ones(len(statistics)), np.asarray)]

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> list[list[Basis]]:
        """Return that it rests on all rows, and on no few of them most if it is no share."""
        if self.proportion:
            return [[]]
        if self.span is not None:
            return [[*of_rows(len(statistics))]]
        return [[*of_rows(len(statistics), FEWEST_NUMBERS), Tail(statistics[:, 0])]]


def is_right(scored: Scored) -> Array:
    """Return 1 where the prediction of a row is right, else 0."""
    return np.asarray(scored.gold == scored.prediction, dtype=np.float64)


ACCURACY = RowMean("accuracy", is_right, greater_is_better=True, proportion=True)
"""The share of rows whose class is right; 0 to 1."""


def cross_entropy(scored: Scored) -> Array:
    """Return -ln p of the gold class of each row, in nats, 0 and more.

    p is kept one rounding step away from 0 and 1, as in scikit-learn's `log_loss`.
    """
    scores = _scores(scored)
    tiny = np.finfo(scores.dtype).eps
    gold = scores[np.arange(len(scored)), scored.gold]
    return np.asarray(-np.log(np.clip(gold, tiny, 1 - tiny).astype(np.float64)))


def brier(scored: Scored) -> Array:
    """Return the squared error of the probabilities of each row (Brier 1950).

    For two classes that of class 1 (0 to 1), for more the sum over classes (0 to 2), as in
    scikit-learn.
    """
    scores = _scores(scored).astype(np.float64)
    error = (scores - (scored.gold[:, None] == np.arange(scores.shape[1]))) ** 2
    return np.asarray(error[:, 1] if scores.shape[1] == 2 else error.sum(1))


def among_top(k: int) -> Callable[[Scored], Array]:
    """Return how to see whether the gold class is among the k most probable, 1 or 0 for a row.

    Of classes that are equally probable the last ones come first, as in scikit-learn: a model
    that gives every class the same probability is not taken to be always right.
    """

    def of_row(scored: Scored) -> Array:
        scores = _scores(scored)
        gold = scores[np.arange(len(scored)), scored.gold]
        later = np.arange(scores.shape[1]) > scored.gold[:, None]
        ahead = (scores > gold[:, None]) | (later & (scores == gold[:, None]))
        return np.asarray(ahead.sum(1) < k, dtype=np.float64)

    return of_row


def _counted(classes: Array, weights: Array, count: int) -> Array:
    """Return the weight of each of `count` classes in each sample, shape (samples, count)."""
    classes = np.ascontiguousarray(classes)
    return np.stack([np.bincount(classes, sample, count) for sample in weights])


def _scores(scored: Scored) -> Array:
    assert scored.scores is not None
    return np.asarray(scored.scores)
