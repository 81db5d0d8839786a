"""What each column on the right of `~` is worth: permutation importance.

The selection metric of a split, less what it is when the cells of one column are shuffled among the
rows (Breiman 2001; Fisher, Rudin & Dominici 2019, "model reliance"). Nothing is fitted again, so
it is what this model takes from the column, given the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from gft.data.numbers import is_missing
from gft.data.sampling import at, spread_over
from gft.metrics.differences import differences_with_intervals
from gft.metrics.intervals import Result
from gft.metrics.protocol import Array, Metric

if TYPE_CHECKING:
    from gft.data.table import Rows
    from gft.engine.inference import Predictions
    from gft.targets.protocol import Predicted
    from gft.tasks.protocol import Cells, Task

Predicts: TypeAlias = "Callable[[Cells], Predictions]"
"""Returns predictions for rows whose cells are given by column."""
Among: TypeAlias = Literal["rows", "rows of a group", "groups"]
"""Among what cells were shuffled."""

MOST_ROWS = 1000
"""Of a larger split so many rows, at even distances, are shuffled."""
SHUFFLED_ROWS, MOST_SHUFFLES = 2000, 5
"""A column of a small split is shuffled several times, and its rows count together."""


@dataclass(frozen=True)
class Worth:
    """The loss of the selection metric when a column is shuffled, with its 95 % interval.

    It is in the metric's own unit, and above 0 where the model is the worse without what the column
    says. `moved` is the share of the rows that got another cell.
    """

    result: Result
    among: Among
    moved: float

    def saved(self) -> dict[str, Any]:
        """Return it as JSON."""
        return self.result.saved() | {"among": self.among, "moved": round(self.moved, 4)}


@dataclass(frozen=True)
class Importance:
    """What the columns are worth for a `metric`, each shuffled `shuffles` times on `rows` rows."""

    metric: str
    rows: int
    shuffles: int
    columns: Mapping[str, Worth]

    def saved(self) -> dict[str, Any]:
        """Return it as JSON."""
        columns = {name: worth.saved() for name, worth in self.columns.items()}
        facts = {"metric": self.metric, "rows": self.rows, "shuffles": self.shuffles}
        return facts | {"columns": columns}


@dataclass(frozen=True)
class ScoredRows:
    """Rows that are scored: what a model predicts of them, and which of them belong together.

    `results` are gold values, predictions and scores; `groups` has the number of each row's group.
    """

    rows: Rows
    results: Predicted
    groups: Array | None = None

    def some(self, most: int) -> ScoredRows:
        """Return all of it, or `most` rows at even distances."""
        chosen = spread_over(len(self.rows), most)
        if len(chosen) == len(self.rows):
            return self
        golds, values, scores = (at(one, chosen) for one in self.results)
        groups = None if self.groups is None else self.groups[chosen]
        return ScoredRows(self.rows.select(chosen), (golds, values, scores), groups)


def importance(
    task: Task, metrics: Sequence[Metric], merit: str, split: ScoredRows, predict: Predicts
) -> Importance | None:
    """Return the importance of each column for the metric `merit`; None where no metric has it.

    None too where there is one row alone, whose cells cannot be another's.

    With groups a column is shuffled within them, or as a whole between them where all rows of a
    group have the same cell; an empty cell is no other cell, and stays empty. Each interval is of
    the difference of the same rows, by rows or by groups.
    """
    split = split.some(MOST_ROWS)
    rows, (golds, values, scores) = len(split.rows), split.results
    shuffles = int(np.clip(SHUFFLED_ROWS // max(1, rows), 1, MOST_SHUFFLES))
    every = np.tile(np.arange(rows), shuffles)
    ours = task.scored(*(at(one, every) for one in (golds, values, scores)))
    metric = next((one for one in metrics if merit in _measures(one, ours.names)), None)
    if metric is None or rows < 2:
        return None
    units = np.arange(rows) if split.groups is None else split.groups
    cells = {name: list(split.rows.column(name)) for name in dict.fromkeys(task.inputs)}
    found = {}
    for number, (name, column) in enumerate(cells.items()):
        orders, among = _orders(column, split.groups, shuffles, np.random.default_rng(number))
        shuffled = [column[n] for n in orders.tolist()]
        predictions = predict(
            {other: at(one, every) for other, one in cells.items()} | {name: shuffled}
        )
        theirs = task.scored(at(golds, every), predictions.values, predictions.scores)
        [differences] = differences_with_intervals([metric], ours, [theirs], groups=units[every])
        loss = differences[_measures(metric, ours.names).index(merit)]
        moved = [one != other for one, other in zip(at(column, every), shuffled, strict=True)]
        found[name] = Worth(_as_loss(loss, rows), among, sum(moved) / len(moved))
    return Importance(merit, rows, shuffles, found)


def _measures(metric: Metric, names: tuple[str, ...]) -> list[str]:
    return [measure.name for measure in metric.measures(names)]


def _as_loss(difference: Result, rows: int) -> Result:
    """Return a difference of metrics as a loss, which is above 0 whichever of them are better."""
    value, low, high = difference.value, difference.low, difference.high
    if not difference.greater_is_better:
        value, low, high = (None if end is None else -end for end in (value, high, low))
    return Result(
        difference.name, value, low, high, True, rows, difference.about, difference.caveat
    )


def _orders(
    column: Sequence[Any], groups: Array | None, shuffles: int, generator: np.random.Generator
) -> tuple[Array, Among]:
    """Return whose cell each row gets, shuffle after shuffle, and among what they were shuffled."""
    count = len(column)
    if groups is None:
        return np.concatenate([generator.permutation(count) for _ in range(shuffles)]), "rows"
    members = [np.flatnonzero(groups == one) for one in np.unique(groups)]
    there = np.array([not is_missing(one) for one in column])
    filled = [of_group[there[of_group]] for of_group in members]
    same = all(column[n] == column[some[0]] for some in filled for n in some.tolist())
    whose = [
        int((some if len(some) else all_of)[0])
        for some, all_of in zip(filled, members, strict=True)
    ]
    orders = []
    for _ in range(shuffles):
        order = np.arange(count)
        if same:
            others = generator.permutation(len(members)).tolist()
            for some, other in zip(filled, others, strict=True):
                order[some] = whose[other]
        else:
            for of_group in members:
                order[of_group] = generator.permutation(of_group)
        orders.append(order)
    return np.concatenate(orders), "groups" if same else "rows of a group"
