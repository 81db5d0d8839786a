"""Train rows whose label looks wrong: neither the net nor a linear model believes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gft.baselines.fitted import MOST_GOLDS, MOST_ROWS, cells, spread_over
from gft.baselines.linear import out_of_fold
from gft.engine.features import WINDOW, FeatureStore
from gft.engine.inference import joined
from gft.metrics.protocol import CLASSES, NUMBERS, SEVERAL, Array
from gft.report.examples import Example, inputs_of, row_number, told
from gft.report.page import Suspects
from gft.tasks.protocol import ReadsFiles, Task, Values

if TYPE_CHECKING:
    from gft.data.table import Rows
    from gft.engine.inference import Predictor

SHOWN = 20
LOOKED_AT = 2000
"""So many rows the net reads again, those that the linear model believes least."""
FEWEST = 50
"""In fewer train rows nothing can be said."""
_TINY = 1e-12


def find_suspects(
    task: Task, predictor: Predictor, rows: Rows, store: FeatureStore
) -> Suspects | None:
    """Return the train rows whose label is most likely wrong; None where labels are no classes.

    A row's suspicion is the probability that the fitted net gives its label times that of linear
    models that have not seen the row: a net that has learned mistakes by heart believes them (after
    Northcutt et al. 2021, whose probabilities are out of fold as well; Pleiss et al. 2020 look at
    what the net has made of each row). Of numbers it is how far off both are.
    """
    if task.serves not in (CLASSES, SEVERAL, NUMBERS):
        return None
    if len(store.golds) < FEWEST:
        return Suspects((), f"train has fewer than {FEWEST} rows, too few to suspect any of them.")
    numbers = spread_over(len(store.golds), min(MOST_ROWS, MOST_GOLDS // len(task.labels)))
    golds = [store.golds[n] for n in numbers]
    linear = None if isinstance(task, ReadsFiles) else _linear(task, rows, numbers, golds)
    first = np.zeros(len(golds)) if linear is None else _doubt(task, golds, linear)
    chosen = np.sort(np.argsort(-first, kind="stable")[:LOOKED_AT])
    if linear is None:
        chosen = spread_over(len(golds), LOOKED_AT)
    values, scores = _predicted(predictor, store, numbers[chosen])
    known = [golds[n] for n in chosen]
    off = _doubt(task, known, np.asarray(values if scores is None else scores))
    order = np.argsort(-(off + first[chosen]), kind="stable")[:SHOWN].tolist()
    wanted = 0.5 if task.serves == NUMBERS else np.log(2)
    found = [
        Example(
            row_number(rows, int(numbers[chosen[n]])),
            inputs_of(task, rows, int(numbers[chosen[n]])),
            told(task, known[n], None),
            told(task, values[n], None if scores is None else scores[n]),
            f"{off[n]:.2f} sd" if task.serves == NUMBERS else f"{np.exp(-off[n]):.3f}",
        )
        for n in order
        if off[n] + first[chosen][n] > 2 * wanted
    ]
    return Suspects(tuple(found), _remark(len(store.golds), len(golds), len(known), linear))


def _linear(task: Task, rows: Rows, numbers: Array, golds: Sequence[Any]) -> Array:
    return out_of_fold(task, cells(task, rows, numbers), golds)


def _predicted(
    predictor: Predictor, store: FeatureStore, numbers: Array
) -> tuple[Values, Values | None]:
    parts = [
        predictor.features([store[int(n)] for n in numbers[start : start + WINDOW]])
        for start in range(0, len(numbers), WINDOW)
    ]
    scores = [one for _, one in parts if one is not None]
    return joined([values for values, _ in parts]), joined(scores) if scores else None


def _doubt(task: Task, golds: Sequence[Any], said: Array) -> Array:
    """Return how little each gold value is believed, 0 and more, shape (rows,).

    -ln of its probability, the mean over labels for several a row; of numbers the mean distance in
    standard deviations of the gold values.
    """
    if task.serves == NUMBERS:
        gold = np.asarray(golds, dtype=np.float64).reshape(len(golds), -1)
        off = np.abs(gold - said) / np.maximum(gold.std(0), _TINY)
        return np.asarray(np.nan_to_num(off.mean(1)))
    said = np.clip(np.asarray(said, dtype=np.float64), _TINY, 1 - _TINY)
    if task.serves == CLASSES:
        return np.asarray(-np.log(said[np.arange(len(golds)), np.asarray(golds)]))
    gold = np.zeros(said.shape, dtype=bool)
    for row, chosen in enumerate(golds):
        gold[row, list(chosen)] = True
    return np.asarray(-np.log(np.where(gold, said, 1 - said)).max(1))


def _remark(every: int, examined: int, read: int, linear: Array | None) -> str:
    both = (
        "the fitted model believes least"
        if linear is None
        else "neither the fitted model nor linear models that have not seen the row believe"
    )
    told_of = f"Train rows whose label {both}, out of {every:,}."
    if examined < every:
        told_of += f" {examined:,} rows at even distances were examined."
    if read < examined:
        told_of += f" The fitted model read the {read:,} of them that looked worst again."
    return told_of + " A row here may be mislabelled, or only hard."
