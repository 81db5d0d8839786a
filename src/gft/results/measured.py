"""What `metrics.json` holds of val and test: metrics, classes, calibration, baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gft.data.overlap import Overlap
from gft.data.sampling import at, spread_over
from gft.metrics.calibration import calibration
from gft.metrics.differences import differences_with_intervals
from gft.metrics.intervals import Tally, known, point_values, values_with_intervals
from gft.metrics.protocol import Array, Metric, Scored
from gft.metrics.subgroups import ByColumn, divided
from gft.results.baselines import MOST_ROWS, cells
from gft.results.directions import directions
from gft.results.importance import Predicts, ScoredRows, importance
from gft.targets.protocol import Predicted

if TYPE_CHECKING:
    from gft.baselines.protocol import Baseline
    from gft.data.table import Rows
    from gft.tasks.protocol import Task


@dataclass(frozen=True)
class Smaller:
    """A fit on a part of train: how many rows that has, and what it predicts for val and test."""

    rows: int
    results: Mapping[str, Predicted]


@dataclass(frozen=True)
class Outcome:
    """What a fit predicts for val and test, and what that is to be measured by.

    `splits`, `results`, `groups`, `lengths`, `overlaps` and `by` are by role; `groups` are there
    where `--group` is, and the values of columns in `by` where `--by` is; `lengths` are those of
    the rows' inputs in `unit`; `overlaps` say what a split shares with train, and are there where
    it shares something. `train_golds` are the gold values of the rows that were trained on.
    `smaller` are fits on parts of them, the smallest first; None where no learning curve is wanted.
    `predict` predicts rows with other cells.
    """

    task: Task
    metrics: Sequence[Metric]
    splits: Mapping[str, Rows]
    results: Mapping[str, Predicted]
    train_golds: Sequence[Any]
    baselines: Sequence[Baseline] = ()
    groups: Mapping[str, Array] = field(default_factory=dict)
    lengths: Mapping[str, Array] = field(default_factory=dict)
    overlaps: Mapping[str, Overlap] = field(default_factory=dict)
    by: Mapping[str, Sequence[ByColumn]] = field(default_factory=dict)
    smaller: Sequence[Smaller] | None = None
    predict: Predicts | None = None

    def scored(self, role: str, chosen: Array | None = None) -> Scored:
        """Return what metrics need of a split, or of the `chosen` rows of it."""
        golds, values, scores = self.results[role]
        if chosen is not None:
            golds, values, scores = (at(one, chosen) for one in (golds, values, scores))
        return self.task.scored(golds, values, scores)


def metrics_of_splits(outcome: Outcome) -> dict[str, Any]:
    """Return the metrics of each split with intervals, its classes and its calibration."""
    found: dict[str, Any] = {}
    for role in outcome.results:
        scored = outcome.scored(role)
        groups = outcome.groups.get(role)
        tally = Tally(outcome.metrics)
        tally.add(scored)
        results = tally.values_with_intervals(groups=groups)
        found[role] = {
            "rows": len(scored),
            "metrics": {result.name: result.saved() for result in results},
        }
        if role in outcome.overlaps:
            found[role]["shared_with_train"] = _without_shared(outcome, role)
        if outcome.by.get(role):
            parts = divided(tally, outcome.by[role], groups)
            found[role]["by"] = {part.column: part.saved() for part in parts}
        if groups is not None:
            found[role]["groups"] = len(np.unique(groups))
        classes = outcome.task.target.per_class(scored)
        if classes:
            found[role]["classes"] = classes
        made = outcome.task.target.confidence(scored)
        believed = None if made is None else calibration(*made)
        if believed is not None:
            found[role]["calibration"] = believed.saved()
    return found


def _without_shared(outcome: Outcome, role: str) -> dict[str, Any]:
    """Return how many rows of a split train has too, and its scores without these."""
    shared, groups = outcome.overlaps[role], outcome.groups.get(role)
    kept = np.flatnonzero(~shared.shared)
    results = []
    if 0 < len(kept) < len(shared.same):
        results = values_with_intervals(
            outcome.metrics,
            outcome.scored(role, kept),
            groups=None if groups is None else groups[kept],
        )
    return shared.saved() | {"metrics": {result.name: result.saved() for result in results}}


def worth_of_columns(outcome: Outcome, role: str, merit: str) -> dict[str, Any]:
    """Return what the columns of an equation with covariates are worth on a split, and their way.

    Nothing where there are no covariates, or where nothing predicts other rows.
    """
    task, predict, found = outcome.task, outcome.predict, {}
    if predict is None or task.covariates is None:
        return {}
    split = ScoredRows(outcome.splits[role], outcome.results[role], outcome.groups.get(role))
    worth = importance(task, outcome.metrics, merit, split, predict)
    if worth is not None:
        found["importance"] = worth.saved()
    ways = directions(task, outcome.splits[role], predict)
    if ways:
        found["directions"] = {name: way.saved() for name, way in ways.items()}
    return found


def golds_of_splits(outcome: Outcome) -> dict[str, dict[str, Any]]:
    """Return by role how often each class is gold, or what the numbers are like."""
    task = outcome.task
    golds = {"train": outcome.train_golds}
    golds.update({role: found[0] for role, found in outcome.results.items()})
    return {role: task.described(values) for role, values in golds.items() if len(values)}


def measured_baselines(outcome: Outcome) -> dict[str, Any]:
    """Return the metrics of each baseline, and by how much the model is better, with intervals.

    Both are of the same rows: of a large split, of rows at even distances.
    """
    measured: dict[str, Any] = {
        one.name: {"what": one.what, "train_rows": one.rows, "splits": {}}
        for one in outcome.baselines
    }
    for role, (golds, values, scores) in outcome.results.items() if measured else ():
        chosen = spread_over(len(golds), MOST_ROWS)
        rows = cells(outcome.task, outcome.splits[role], chosen)
        gold = [golds[n] for n in chosen]
        ours = outcome.task.scored(gold, at(values, chosen), at(scores, chosen))
        others = [outcome.task.scored(gold, *one.predict(rows, gold)) for one in outcome.baselines]
        groups = outcome.groups.get(role)
        better = differences_with_intervals(
            outcome.metrics, ours, others, groups=None if groups is None else groups[chosen]
        )
        for one, scored, differences in zip(outcome.baselines, others, better, strict=True):
            measured[one.name]["splits"][role] = {
                "rows": len(gold),
                "metrics": _values(outcome.metrics, scored),
                "differences": {result.name: result.saved() for result in differences},
            }
    return measured


def _values(metrics: Sequence[Metric], scored: Scored) -> dict[str, float | None]:
    return {name: known(value) for name, value in point_values(metrics, scored).items()}
