"""Train rows whose label looks wrong: neither the net nor a linear model believes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gft.baselines.linear import FOLDS, out_of_fold
from gft.baselines.protocol import Sample
from gft.data.groups import groups_of
from gft.data.sampling import spread_over
from gft.data.ties import with_near
from gft.engine.features import WINDOW, FeatureStore
from gft.engine.inference import joined
from gft.metrics.protocol import Array
from gft.results.baselines import cells, sample_of
from gft.results.examples import Example, inputs_of, row_number, told
from gft.tasks.protocol import Task, Values
from gft.tasks.together import ties_of

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


@dataclass(frozen=True)
class Suspects:
    """Train rows whose label looks wrong, most suspicious first, and how they were looked for.

    Of `train` rows `examined` were, 0 where they are too few; the net read `read` of them again;
    `linear` says whether linear models that had not seen the rows were asked too. `word` heads
    what is said of each row.
    """

    rows: tuple[Example, ...]
    word: str
    train: int
    examined: int = 0
    read: int = 0
    linear: bool = False


def find_suspects(
    task: Task, predictor: Predictor, rows: Rows, store: FeatureStore, group: str | None = None
) -> Suspects | None:
    """Return the train rows whose label is most likely wrong; None where no label can be doubted.

    How little the fitted net believes a row's label counts `WEIGHT` times, how little linear
    models do that have not seen the row once: a net that has learned a mistake by heart believes
    it. Both are measured against what rows of the same class get, so that rare classes are not
    suspected for being rare (as in Northcutt et al. 2021). Of numbers it is how far off both
    are. A model that has not seen a row has seen none that belongs to it either: none with the same
    input, or of the same `group`. Short texts that several groups have are not examined, nor is
    anything where too few rows, or bundles of rows, are left.
    """
    target = task.target
    if target.doubtful_from is None:
        return None
    if len(store.golds) < FEWEST:
        return Suspects((), target.doubted_by, len(store.golds))
    sample, numbers = sample_of(task, rows, store.golds)
    learner, linear = target.learner(), None
    if learner is not None and task.reads_text:
        sample, numbers, bundles = _bundled(task, rows, group, sample, numbers)
        if len(numbers) < FEWEST or len(np.unique(bundles)) < FOLDS:
            return Suspects((), target.doubted_by, len(store.golds))
        linear = target.doubt(sample.golds, out_of_fold(learner, sample, bundles))
    golds = sample.golds
    first = np.zeros(len(golds)) if linear is None else linear
    chosen = np.sort(np.argsort(-first, kind="stable")[:LOOKED_AT])
    if linear is None:
        chosen = spread_over(len(golds), LOOKED_AT)
    values, scores = _predicted(predictor, store, numbers[chosen])
    known = [golds[n] for n in chosen]
    said = np.asarray(values if scores is None else scores)
    off = target.doubt(known, said)
    doubt = WEIGHT * off + first[chosen]
    order = np.argsort(-doubt, kind="stable")[:SHOWN].tolist()
    least = target.doubtful_from * (WEIGHT if linear is None else WEIGHT + 1)
    found = [
        Example(
            row_number(rows, int(numbers[chosen[n]])),
            inputs_of(task, rows, int(numbers[chosen[n]])),
            told(task, known[n], None),
            told(task, values[n], None if scores is None else scores[n]),
            target.belief(known[n], said[n], off[n]),
        )
        for n in order
        if doubt[n] > least
    ]
    return Suspects(
        tuple(found),
        target.doubted_by,
        len(store.golds),
        len(golds),
        len(known),
        linear is not None,
    )


def _bundled(
    task: Task, rows: Rows, group: str | None, sample: Sample, numbers: Array
) -> tuple[Sample, Array, Array]:
    """Return a sample without short texts that several groups have, and the bundle of each row.

    `numbers` are those of the rows that it has.
    """
    some = rows.select(numbers)
    known = group if group in rows.columns else None
    ties = with_near(ties_of(task, some, groups_of(some, known, "train")), len(some) // (2 * FOLDS))
    kept = np.flatnonzero(~ties.everyday)
    golds = [sample.golds[n] for n in kept.tolist()]
    chosen = numbers[kept]
    return (
        Sample(sample.labels, golds, lambda: cells(task, rows, chosen)),
        chosen,
        ties.bundles[kept],
    )


def _predicted(
    predictor: Predictor, store: FeatureStore, numbers: Array
) -> tuple[Values, Values | None]:
    parts = [
        predictor.features([store[int(n)] for n in numbers[start : start + WINDOW]])
        for start in range(0, len(numbers), WINDOW)
    ]
    scores = [one for _, one in parts if one is not None]
    return joined([values for values, _ in parts]), joined(scores) if scores else None
