"""Train rows whose label looks wrong: neither the net nor a linear model believes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gft.baselines.fitted import MOST_GOLDS, MOST_ROWS, cells, spread_over
from gft.baselines.linear import out_of_fold
from gft.engine.features import WINDOW, FeatureStore
from gft.engine.inference import joined
from gft.metrics.protocol import CLASSES, NUMBERS, SEVERAL, Array
from gft.results.examples import Example, inputs_of, row_number, told
from gft.tasks.protocol import ReadsFiles, Task, Values

if TYPE_CHECKING:
    from gft.data.table import Rows
    from gft.engine.inference import Predictor

SHOWN = 20
LOOKED_AT = 2000
"""So many rows the net reads again, those that the linear model believes least."""
FEWEST = 50
"""In fewer train rows nothing can be said."""
WEIGHT = 2.0
"""How much more the net's opinion counts than the linear model's."""
_TINY = 1e-12


@dataclass(frozen=True)
class Suspects:
    """Train rows whose label looks wrong, most suspicious first, and how they were looked for.

    Of `train` rows `examined` were, 0 where they are too few; the net read `read` of them again;
    `linear` says whether linear models that had not seen the rows were asked too.
    """

    rows: tuple[Example, ...]
    train: int
    examined: int = 0
    read: int = 0
    linear: bool = False


def find_suspects(
    task: Task, predictor: Predictor, rows: Rows, store: FeatureStore
) -> Suspects | None:
    """Return the train rows whose label is most likely wrong; None where labels are no classes.

    How little the fitted net believes a row's label counts `WEIGHT` times, how little linear
    models do that have not seen the row once: a net that has learned a mistake by heart believes
    it. Both are measured against what rows of the same class get, so that rare classes are not
    suspected for being rare (as in Northcutt et al. 2021). Of numbers it is how far off both
    are.
    """
    if task.serves not in (CLASSES, SEVERAL, NUMBERS):
        return None
    if len(store.golds) < FEWEST:
        return Suspects((), len(store.golds))
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
    doubt = WEIGHT * off + first[chosen]
    order = np.argsort(-doubt, kind="stable")[:SHOWN].tolist()
    least = 0.5 if task.serves == NUMBERS else float(np.log(2))
    found = [
        Example(
            row_number(rows, int(numbers[chosen[n]])),
            inputs_of(task, rows, int(numbers[chosen[n]])),
            told(task, known[n], None),
            told(task, values[n], None if scores is None else scores[n]),
            f"{off[n]:.2f} sd" if scores is None else f"{_least(known[n], scores[n]):.3f}",
        )
        for n in order
        if doubt[n] > least * (WEIGHT if linear is None else WEIGHT + 1)
    ]
    return Suspects(tuple(found), len(store.golds), len(golds), len(known), linear is not None)


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
    """Return how little each gold value is believed, shape (rows,).

    Of classes how many nats its probability is below the mean one of rows of its class; of several
    a row -ln of the least one; of numbers the mean distance in standard deviations.
    """
    if task.serves == NUMBERS:
        gold = np.asarray(golds, dtype=np.float64).reshape(len(golds), -1)
        off = np.abs(gold - said) / np.maximum(gold.std(0), _TINY)
        return np.asarray(np.nan_to_num(off.mean(1)))
    said = np.clip(np.asarray(said, dtype=np.float64), _TINY, 1 - _TINY)
    if task.serves == CLASSES:
        classes = np.asarray(golds)
        chances = said[np.arange(len(golds)), classes]
        rows = np.maximum(np.bincount(classes), 1)
        usual = np.bincount(classes, chances) / rows
        return np.asarray(np.log(usual[classes]) - np.log(chances))
    gold = np.zeros(said.shape, dtype=bool)
    for row, chosen in enumerate(golds):
        gold[row, list(chosen)] = True
    return np.asarray(-np.log(np.where(gold, said, 1 - said)).max(1))


def _least(gold: Any, scores: Any) -> float:
    """Return the probability of a row's class, or the least one of what is said of its labels."""
    if isinstance(gold, int | np.integer):
        return float(scores[gold])
    yes = np.isin(np.arange(len(scores)), list(gold))
    return float(np.where(yes, scores, 1 - scores).min())
