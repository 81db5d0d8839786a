"""Label errors: train rows whose label looks wrong, to models that have not seen them first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gft.baselines.linear import FOLDS, out_of_fold
from gft.baselines.protocol import Sample
from gft.data.groups import groups_of
from gft.data.sampling import spread_over
from gft.data.ties import with_near
from gft.metrics.protocol import Array
from gft.results.baselines import MOST_GOLDS, MOST_ROWS, cells, design_of, learns
from gft.results.examples import Example, inputs_of, row_number, value_text
from gft.results.scored import split_that_counts
from gft.tasks.protocol import Task, Values
from gft.tasks.together import ties_of

if TYPE_CHECKING:
    from gft.baselines.label_noise import Estimate
    from gft.data.table import Rows
    from gft.engine.features import FeatureStore
    from gft.engine.inference import Predictor

SHOWN = 20
EXAMINED = 100_000
"""Of more train rows so many are looked at, at even distances."""
MOST_SAID = 10_000_000
"""Rows times labels: with many labels fewer rows are looked at."""
LOOKED_AT = 2000
"""So many rows the net reads again, those that the linear models believe least."""
FEWEST = 50
"""With fewer rows of train there is no estimate."""
WEIGHT = 2.0
"""How much more the net's opinion counts than the linear models'."""


@dataclass(frozen=True, eq=False)
class LabelErrors:
    """What is thought of the labels of train.

    `numbers` are the rows that were looked at, by their index in train, the most
    doubtful first. By the same index `unseen` says how far linear models that have not seen a
    row believe its label, and `suggested` what they would say instead; None where there are no
    such models. `fitted` says how far the net does, which has seen it: NaN where it was not asked.

    `shown` are the first of those that look wrong, and `word` heads the remark on each. `train`
    counts the rows of train, and `everyday` those that were left out because several groups have
    their short text, or none; `estimate` is of how many of them have a wrong label.
    """

    numbers: Array
    unseen: Array | None
    suggested: Values | None
    fitted: Array
    shown: tuple[Example, ...]
    word: str
    train: int
    everyday: int = 0
    estimate: Estimate | None = None

    @property
    def examined(self) -> int:
        """How many rows were looked at; 0 where there are too few."""
        return len(self.numbers)

    @property
    def read(self) -> int:
        """How many of them the net read again."""
        return int(np.isfinite(self.fitted).sum())

    def saved(self) -> dict[str, Any]:
        """Return what `metrics.json` says of them."""
        return {
            "train_rows": self.train,
            "examined": self.examined,
            "everyday": self.everyday,
            "by_models_that_have_not_seen_the_row": self.unseen is not None,
            "wrong": None if self.estimate is None else asdict(self.estimate),
        }


def find_label_errors(
    task: Task,
    predictor: Predictor,
    rows: Rows,
    store: FeatureStore,
    group: str | None = None,
    asks_net: bool = True,
) -> LabelErrors | None:
    """Return the train rows by how doubtful their labels are; None where no label can be doubted.

    The order is that of the probability that linear models give a label which have not seen the
    row (the self-confidence of Northcutt et al. 2021), of numbers of how far off they are. A model
    that has not seen a row has seen none that belongs to it either: none with the same input, or
    of the same `group`. The most doubtful rows the net reads again, if it is worth asking
    (`asks_net`), and its opinion counts `WEIGHT` times: it tells more, but has learned some
    mistakes by heart. Where inputs are no texts there is only the net.

    Short texts that several groups have are not looked at, nor is anything where too few rows, or
    bundles of rows, are left.
    """
    target, golds = task.target, store.golds
    if target.doubtful_from is None:
        return None
    opinion = _unseen(task, rows, group, golds)
    if opinion is None:
        none = np.zeros(0, np.int64)
        return LabelErrors(none, None, None, np.zeros(0), (), target.doubted_by, len(golds))
    asked = _to_ask(task, opinion, asks_net)
    numbers = opinion.numbers[asked]
    found = predictor.some(store, numbers) if len(asked) else None
    predicted = None if found is None else found.values if found.scores is None else found.scores
    fitted = np.full(len(opinion.numbers), np.nan)
    if predicted is not None:
        fitted[asked] = target.belief([golds[n] for n in numbers], np.asarray(predicted), golds)
    order, stands_out = _ranked(task, opinion, golds, fitted)
    position_of = {int(index): n for n, index in enumerate(asked)}
    shown = []
    for index in order[:SHOWN]:
        if not stands_out[index]:
            continue
        number, n = int(opinion.numbers[index]), position_of.get(int(index))
        if found is not None and n is not None:
            answer = value_text(
                task, found.values[n], None if found.scores is None else found.scores[n]
            )
            belief = fitted[index]
        else:
            assert opinion.suggested is not None and opinion.belief is not None
            answer, belief = value_text(task, opinion.suggested[index], None), opinion.belief[index]
        shown.append(
            Example(
                row_number(rows, number),
                inputs_of(task, rows, number),
                value_text(task, golds[number], None),
                answer,
                target.belief_text(float(belief)),
            )
        )
    return LabelErrors(
        opinion.numbers[order],
        None if opinion.belief is None else opinion.belief[order],
        None if opinion.suggested is None else [opinion.suggested[n] for n in order],
        fitted[order],
        tuple(shown),
        target.doubted_by,
        len(golds),
        opinion.everyday,
        opinion.estimate and opinion.estimate.of(len(golds)),
    )


@dataclass(frozen=True, eq=False)
class _Opinion:
    """What models say that have not seen a row, of the rows with these numbers; None: nothing.

    `everyday` counts rows that were left out because several groups have their short text.
    """

    numbers: Array
    everyday: int = 0
    belief: Array | None = None
    suggested: Values | None = None
    estimate: Estimate | None = None


def _unseen(task: Task, rows: Rows, group: str | None, golds: Sequence[Any]) -> _Opinion | None:
    """Return what linear models say that have not seen a row; None of too few rows."""
    if len(golds) < FEWEST:
        return None
    target, labels = task.target, max(1, len(task.labels))
    learner = target.learner() if task.reads_text and learns(task) else None
    if learner is None:
        return _Opinion(spread_over(len(golds), LOOKED_AT))
    numbers = spread_over(len(golds), min(EXAMINED, MOST_SAID // labels))
    spread = len(numbers)
    numbers, bundles = _bundled(task, rows, group, numbers)
    if len(numbers) < FEWEST or len(np.unique(bundles)) < FOLDS:
        return None
    known = [golds[n] for n in numbers]
    sample = Sample(task.labels, known, lambda: cells(task, rows, numbers), design_of(task))
    predicted, suggested = out_of_fold(
        learner, sample, bundles, min(MOST_ROWS, MOST_GOLDS // labels)
    )
    return _Opinion(
        numbers,
        spread - len(numbers),
        target.belief(known, predicted),
        suggested,
        target.wrong_labels(known, predicted, bundles),
    )


def _bundled(task: Task, rows: Rows, group: str | None, numbers: Array) -> tuple[Array, Array]:
    """Return numbers without short texts that several groups have, and the bundles of the rest."""
    some = rows.select(numbers)
    known = group if group in rows.columns else None
    ties = with_near(ties_of(task, some, groups_of(some, known, "train")), len(some) // (2 * FOLDS))
    kept = np.flatnonzero(~ties.everyday)
    return numbers[kept], ties.bundles[kept]


def _to_ask(task: Task, opinion: _Opinion, asks_net: bool) -> Array:
    """Return the indices of the rows that the net reads again, ascending."""
    if opinion.belief is None:
        return np.arange(len(opinion.numbers))
    if not asks_net:
        return np.zeros(0, dtype=np.int64)
    order = np.argsort(-task.target.doubt(opinion.belief), kind="stable")
    return np.asarray(np.sort(order[:LOOKED_AT]))


def _ranked(
    task: Task, opinion: _Opinion, golds: Sequence[Any], fitted: Array
) -> tuple[Array, Array]:
    """Return the indices of rows, the most doubtful first, and whether each looks wrong.

    It does if it is doubted much more than rows of its class are, so that rare classes are not
    suspected for being rare (as in Northcutt et al. 2021).
    """
    target, count = task.target, len(fitted)
    every, usual, weight = np.zeros(count), np.zeros(count), 0.0
    known = [golds[n] for n in opinion.numbers]
    if opinion.belief is not None:
        every, usual = target.doubt(opinion.belief), target.usual_doubt(known, opinion.belief)
        weight = 1.0
    asked = np.flatnonzero(np.isfinite(fitted))
    if len(asked):
        of_asked = [known[n] for n in asked]
        every[asked] += WEIGHT * target.doubt(fitted[asked])
        usual[asked] += WEIGHT * target.usual_doubt(of_asked, fitted[asked])
        weight += WEIGHT
    assert target.doubtful_from is not None
    order = np.lexsort((-every, ~np.isfinite(fitted)))
    # Who is asked alone has to be as sure as the net.
    return order, every - usual > target.doubtful_from * max(weight, WEIGHT)


def asks_net(metrics: Mapping[str, Any], greater_is_better: bool) -> bool:
    """Say whether a net's opinion is worth asking: unless linear models are better than it is."""
    role = split_that_counts(metrics)
    linear = metrics["baselines"].get("linear")
    if role is None or linear is None:
        return True
    difference = linear["splits"][role]["differences"][metrics["figure_of_merit"]]["value"]
    return difference is None or (difference >= 0) == greater_is_better or difference == 0
