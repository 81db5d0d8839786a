"""What metrics rest on: rows of which classes, how many, and whether they are enough."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from gft.data.numbers import is_number
from gft.errors import counted
from gft.metrics.protocol import Array, Metric

FEWEST = 25
"""Rows of a class that its scores' intervals need to hold what they say, by simulation."""
FEWEST_PREDICTED = 5
"""Rows predicted as a class that a correlation of it with gold needs."""
FEWEST_NUMBERS = 100
"""Rows that the intervals of means of numbers need: few of them say little of rare large ones."""
FEWEST_GROUPS = 20
FEWEST_IN_HALF = 3
"""A mean of which half comes from so few rows rests on these."""
HEAVY = (100, 6.0), (2000, 10.0)
"""Kurtosis of errors from which on intervals of their squares do not hold what they say, by rows:
few rows of heavy tails mostly have none of the largest errors, and look lighter than they are."""
UNRELIABLE = "this interval is unreliable"


def label(name: str) -> str:
    """Return a class as a sentence names it: in quotation marks if it is a number."""
    return repr(name) if is_number(name) else name


@dataclass(frozen=True)
class Ground:
    """Rows that a metric rests on: how much is in each, shape (n,), and what to call them.

    That is `one` of them (a row, an entity) and `which`: ` of irony`. What the metric is worth does
    not depend on them unless it `weighs`. `rows` are the numbers of the rows that `counts` are of,
    None for all of them.
    """

    counts: Array
    one: str = "row"
    which: str = ""
    fewest: int = FEWEST
    weighs: bool = True
    rows: Array | None = None

    def shortage(self) -> str:
        """Return a sentence if there are too few, else nothing."""
        count = int(self.counts.sum())
        if count >= self.fewest:
            return ""
        one = "entitie" if self.one == "entity" and count != 1 else self.one
        return f"only {counted(count, one)}{self.which}: {UNRELIABLE}"


@dataclass(frozen=True)
class Tail:
    """Numbers of each row, shape (n,), that a metric adds up: no few of them may be most of it."""

    values: Array
    squares: bool = False
    """Whether they are squared errors, whose tails may be too heavy for any interval."""

    def shortage(self) -> str:
        """Return a sentence if a few rows make half of the sum, or tails are heavy, else nothing.

        Tails are heavy where the mean of the squares is many times the square of the mean: of
        squared errors that is their kurtosis, 3 if they are normal and 9 if they are exponential.
        """
        values = self.values.astype(np.float64)
        total = values.sum()
        if not np.isfinite(total) or not total > 0:
            return ""
        values = np.sort(values)[::-1] / total
        half = int((values.cumsum() < 0.5).sum()) + 1
        rows, kurtosis = zip(*HEAVY, strict=True)
        most = np.interp(np.log(len(values)), np.log(rows), kurtosis)
        heavy = self.squares and (values**2).sum() * len(values) > most
        if half > FEWEST_IN_HALF and not heavy:
            return ""
        what = "of all squared errors" if self.squares else "of the total"
        return f"half {what} comes from {half:,} of {len(values):,} rows: {UNRELIABLE}"


class Largest:
    """What a metric rests on that is that of one row: the largest error."""

    def shortage(self) -> str:
        """Return a sentence."""
        return f"other rows may have a larger error, whatever these say: {UNRELIABLE}"


Basis = Ground | Tail | Largest


@runtime_checkable
class Grounded(Protocol):
    """A metric that says what its measures rest on, where that is more than the number of rows."""

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> Sequence[Iterable[Basis]]:
        """Return what each metric rests on: all of it has to suffice."""


@dataclass(frozen=True)
class Support:
    """How much a metric rests on.

    `units` is how many independent rows, or groups of about one size, the scarcest kind of rows
    are worth, `most` how many rows the metric can be worth at most: a class that happens to be all
    right here, or all wrong, is not known to be always so. `caveat` says what is too little.
    """

    units: float
    most: float
    caveat: str | None


def supports(
    metric: Metric, statistics: Array, names: tuple[str, ...], groups: Array | None
) -> list[Support]:
    """Return what each measure of a metric rests on; rows of a value of `groups` are one unit."""
    measures = metric.measures(names)
    every: Sequence[Iterable[Basis]] = [()] * len(measures)
    if isinstance(metric, Grounded) and len(statistics):
        every = metric.grounds(statistics, names)
    unit = None if groups is None else np.unique(groups, return_inverse=True)[1].ravel()
    return [_support(grounds, len(statistics), unit) for grounds in every]


def _support(grounds: Iterable[Basis], rows: int, unit: Array | None) -> Support:
    units = _worth(np.ones(rows), unit)
    each: list[tuple[float, float]] = []
    short: list[tuple[float, Callable[[], str]]] = []
    number = rows if unit is None else int(unit.max(initial=-1)) + 1
    if unit is not None and number < FEWEST_GROUPS:
        short.append((-1, lambda: f"only {counted(number, 'group')}: {UNRELIABLE}"))
    for ground in grounds:
        if isinstance(ground, Ground):
            count = float(ground.counts.sum())
            each += [(count, _worth(ground.counts, _of(unit, ground.rows)))] * ground.weighs
            if count < ground.fewest:
                short.append((count / ground.fewest, ground.shortage))
        elif sentence := ground.shortage():
            short.append((1.0, lambda sentence=sentence: sentence))  # type: ignore[misc]
    most = math.inf
    if len(each) > 1:
        # Twice what the mean of so many shares, all as large, is worth.
        most = 2 * len(each) ** 2 / sum(1 / max(count, 1e-9) for count, _ in each)
    return Support(
        min([units, *(one for _, one in each)]),
        most,
        min(short, key=lambda one: one[0])[1]() if short else None,
    )


def _of(unit: Array | None, rows: Array | None) -> Array | None:
    """Return the units of some rows, numbered anew."""
    if unit is None or rows is None:
        return unit
    return np.unique(unit[rows], return_inverse=True)[1].ravel()


def _worth(counts: Array, unit: Array | None) -> float:
    """Return how many units of one size are worth as much as these are, 0 where there are none.

    A few large groups are no more than a few groups (Carter, Schnepel & Steigerwald 2017).
    """
    return worth(counts.astype(np.float64) if unit is None else np.bincount(unit, counts))


def worth(sizes: Array) -> float:
    """Return how many numbers of one size say as much of their sum as these, 0 if all are 0.

    That is the square of the sum over the sum of squares (Kish 1965).
    """
    squares = float((sizes**2).sum())
    return float(sizes.sum()) ** 2 / squares if squares else 0.0


Grounding = Callable[[Array, Array, Sequence[str]], Iterable[Ground]]
"""Takes gold and predicted class of each row, shape (n,), and the names of the classes."""


def of_rows(rows: int, fewest: int = FEWEST) -> list[Ground]:
    """Return the ground of a metric of all rows alike."""
    return [Ground(np.ones(rows), fewest=fewest)]


def of_every_row(gold: Array, predicted: Array, names: Sequence[str]) -> list[Ground]:
    """Return the ground of a metric of all rows alike."""
    return of_rows(len(gold))


def of_each(gold: Array, predicted: Array, names: Sequence[str]) -> Iterable[Ground]:
    """Yield the rows of each class that occurs."""
    return _of_each(gold, names, " of ")


def of_others(gold: Array, predicted: Array, names: Sequence[str]) -> Iterable[Ground]:
    """Yield the rows that are not of the most frequent class: without them there is only one."""
    often = np.bincount(gold.astype(np.int64), minlength=len(names))
    if len(names) == 2:
        number = int(often.argmin())
        yield Ground(gold == number, which=f" of {label(names[number])}")
    else:
        number = int(often.argmax())
        yield Ground(gold != number, which=f" that are not {label(names[number])}")


def of_agreement(gold: Array, predicted: Array, names: Sequence[str]) -> Iterable[Ground]:
    """Yield what `of_others` does, and of two classes the rows predicted as the rarer one."""
    yield from of_others(gold, predicted, names)
    if len(names) == 2:
        number = int(np.bincount(gold.astype(np.int64), minlength=2).argmin())
        which = f" predicted as {label(names[number])}"
        yield Ground(predicted == number, which=which, fewest=FEWEST_PREDICTED, weighs=False)


def of_average(name: str, average: str) -> Grounding:
    """Return what an average of a metric of each class rests on, in the names of `averaged`.

    Precision is a share of the rows that are predicted as a class, the others are of its own.
    """
    if average in ("micro", "weighted"):
        return of_every_row if average == "micro" else of_others

    def grounds(gold: Array, predicted: Array, names: Sequence[str]) -> Iterable[Ground]:
        cells, prefix = (predicted, " predicted as ") if name == "precision" else (gold, " of ")
        if average == "binary" or (average == "auto" and len(names) == 2):
            number = min(1, len(names) - 1)
            return [Ground(cells == number, which=f"{prefix}{label(names[number])}")]
        return _of_each(cells, names, prefix)

    return grounds


def _of_each(cells: Array, names: Sequence[str], prefix: str) -> Iterable[Ground]:
    # Of each class its own rows alone: with many classes, all rows of each would be rows squared.
    order = np.argsort(cells, kind="stable")
    numbers, starts = np.unique(cells[order], return_index=True)
    for number, rows in zip(numbers.tolist(), np.split(order, starts[1:]), strict=True):
        yield Ground(np.ones(len(rows)), which=f"{prefix}{label(names[int(number)])}", rows=rows)
