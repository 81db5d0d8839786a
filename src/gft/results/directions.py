"""Which way a covariate moves the predictions: partial dependence.

What a model predicts on average when every row has the same value in one column and keeps the rest,
its text among it, for several such values (Friedman 2001). It is what the model does, not what the
column does in the world.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gft.data.sampling import spread_over
from gft.metrics.protocol import Array
from gft.results.importance import Predicts

if TYPE_CHECKING:
    from gft.data.table import Rows
    from gft.tasks.protocol import Task

MOST_ROWS = 200
"""So many rows at even distances have their value replaced."""
QUANTILES = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)
"""Of the numbers of the split; further out a model has seen hardly anything."""
MOST_LEVELS = 10
MOST_OUTPUTS = 5
"""So many labels, those that are predicted most, or outputs."""


@dataclass(frozen=True)
class Direction:
    """What is predicted on average for each value of a column, by label or output.

    `values` are numbers in ascending order, or levels, the most frequent first, as text. `averages`
    has as many for each label or output: probabilities, or numbers in the output's unit.
    """

    numeric: bool
    values: tuple[Any, ...]
    averages: Mapping[str, tuple[float, ...]]

    def saved(self) -> dict[str, Any]:
        """Return it as JSON."""
        averages = {name: list(numbers) for name, numbers in self.averages.items()}
        return {"numeric": self.numeric, "values": list(self.values), "averages": averages}


def directions(task: Task, rows: Rows, predict: Predicts) -> dict[str, Direction]:
    """Return the direction of each covariate of a task that has more than one value in some rows.

    Empty for a task whose predictions are neither classes with probabilities nor numbers.
    """
    kinds = dict(zip(task.inputs, task.input_kinds, strict=True))
    names = () if task.covariates is None else task.covariates.columns
    if not len(rows):
        return {}
    chosen = spread_over(len(rows), MOST_ROWS)
    some = rows if len(chosen) == len(rows) else rows.select(chosen)
    cells = {name: list(some.column(name)) for name in dict.fromkeys(task.inputs)}
    found = {}
    for name in names:
        numeric, values = _values(kinds[name].read(rows.column(name)))
        if len(values) < 2:
            continue
        every = {other: list(column) * len(values) for other, column in cells.items()}
        every[name] = [value for value in values for _ in range(len(some))]
        predicted = predict(every)
        numbers = predicted.values if predicted.scores is None else predicted.scores
        averages = _averages(task, numbers, len(values))
        if averages:
            found[name] = Direction(numeric, tuple(values), averages)
    return found


def _values(column: Sequence[Any]) -> tuple[bool, list[Any]]:
    """Return whether a column holds numbers, and the values that are tried."""
    there = [cell for cell in column if cell is not None]
    if there and all(isinstance(cell, float) for cell in there):
        ends = np.quantile(np.array(there, dtype=np.float64), QUANTILES, method="nearest")
        return True, np.unique(ends).tolist()
    return False, [level for level, _ in Counter(there).most_common(MOST_LEVELS)]


def _averages(task: Task, predicted: Any, values: int) -> dict[str, tuple[float, ...]]:
    """Return what is predicted on average for each of the values, by label or output."""
    numbers: Array = np.asarray(predicted, dtype=np.float64)
    if numbers.ndim != 2 or numbers.shape[1] != len(task.labels):
        return {}
    means = numbers.reshape(values, -1, len(task.labels)).mean(1)
    shown = list(range(len(task.labels)))
    if len(task.labels) == 2 and task.about in task.labels:
        shown = [task.labels.index(task.about)]
    elif len(task.labels) > MOST_OUTPUTS:
        shown = np.sort(np.argsort(-means.mean(0), kind="stable")[:MOST_OUTPUTS]).tolist()
    return {task.labels[n]: tuple(np.round(means[:, n], 6).tolist()) for n in shown}
