"""A model scored on rows, beside what is simpler than it: constants, and its linear baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft import notes, processes
from gft.baselines.constant import MEAN
from gft.baselines.protocol import Baseline, Cells, Decided
from gft.covariates.unknown import UnknownCells
from gft.data.table import Rows
from gft.errors import GftError
from gft.folder import KEPT
from gft.inputs.features import Unread
from gft.language.program import Program
from gft.language.spec import Spec
from gft.metrics.differences import paired_differences
from gft.metrics.intervals import Tally, known
from gft.metrics.protocol import Array, Measure, Metric, Scored
from gft.metrics.samples import points
from gft.model.opened import open_model
from gft.model.predictors import make_predictor
from gft.record_file import RECORD
from gft.results.verdict import sentences, what_to_do
from gft.suppliers.installed import letters
from gft.targets.protocol import AnswerCounts, NumberSpread
from gft.tasks.protocol import Task

if TYPE_CHECKING:
    from gft.engine.inference import Predicting


@dataclass(frozen=True)
class Tallies:
    """What metrics need of a model's predictions, what was not read, and the answers it gave.

    `unknown` counts what covariates have that train has not.
    `rivals` are simpler predictions for the same rows, each with what metrics need of it.
    """

    tally: Tally
    unread: Unread
    unknown: UnknownCells
    answers: AnswerCounts | NumberSpread | None
    rivals: Sequence[tuple[Baseline, Tally]]


def rivals_of(task: Task, golds: Sequence[Any], folder: Path | None) -> list[Baseline]:
    """Return what a model has to be better than on rows with these gold values.

    The constant that suits them best, and the linear baseline that is kept in its `folder`.
    """
    found = [
        replace(one, what="always their mean") if one.name == MEAN else one
        for one in task.target.baselines(golds, task.labels, None)
    ]
    if folder is not None and (folder / KEPT / RECORD).is_file():
        try:
            found.append(_linear(task, folder / KEPT))
        except GftError as problem:
            notes.warn(f"not compared with the linear baseline in {folder / KEPT}: {problem}")
    return found


def _linear(task: Task, folder: Path) -> Baseline:
    from gft.engine.inference import predict_rows
    from gft.language.program import Options

    spec = Spec(letters().of_paths, str(folder))
    options = Options({})
    opened = open_model(Program("eval", (spec,), (), (), None, None, None, options))
    predictor = make_predictor(replace(opened, task=task), options)

    def predict(rows: Cells, golds: Sequence[Any]) -> Decided:
        predicted = predict_rows(predictor, rows)
        return predicted.values, predicted.scores

    return Baseline(KEPT, "", 0, predict)


def measured(
    predictor: Predicting,
    metrics: Sequence[Metric],
    rows: Rows,
    golds: Sequence[Any],
    names: tuple[str, ...],
    rivals: Sequence[Baseline],
) -> Tallies:
    """Predict a window of rows at a time; return what comes of it.

    Classes are numbered as in `names`, if they are these.
    """
    from gft.engine.features import WINDOW
    from gft.engine.inference import predict_rows

    task, unread, start = predictor.task, Unread(), 0
    unknown = UnknownCells()
    tally, theirs = Tally(metrics), [(one, Tally(metrics)) for one in rivals]
    answers: AnswerCounts | None = None
    spread: NumberSpread | None = None
    for part in rows.batches(task.inputs, WINDOW * processes.count()):
        found = predict_rows(predictor, part)
        gold = golds[start : start + len(part[task.inputs[0]])]
        start += len(gold)

        def scored(values: Any, scores: Any, gold: Sequence[Any] = gold) -> Scored:
            made = task.scored(gold, values, scores)
            return task.target.in_order_of(made, names) or made

        ours = scored(found.values, found.scores)
        tally.add(ours)
        counts = task.target.answer_counts(ours)
        answers = counts if answers is None or counts is None else answers + counts
        apart = task.target.spread(ours)
        spread = apart if spread is None or apart is None else spread + apart
        unread += found.unread
        unknown.add(task.unknown_cells(part))
        for one, their in theirs:
            their.add(scored(*one.predict(part, gold)))
    return Tallies(tally, unread, unknown, answers or spread, theirs)


def verdict_on(
    found: Tallies,
    merit: Measure,
    role: str,
    groups: Array | None,
    folder: Path | None,
    net: bool = True,
) -> tuple[str, ...]:
    """Return sentences for anyone on what was measured, none where there is nothing to warn of.

    `merit` is the metric that says which is better, `role` what the rows are called, and `folder`
    the one that the model is in, which may be no `net`.
    """
    measures = [merit, *(one for one in _measures(found) if one.name != merit.name)]
    ours: dict[str, Any] = {}
    baselines: dict[str, Any] = {
        one.name: {"what": one.what, **({"kept": KEPT} if folder else {})}
        | {"splits": {role: {"metrics": {}, "differences": {}}}}
        for one, _ in found.rivals
    }
    left = list(range(len(found.rivals)))
    for measure in measures:
        compared = _compared(found, measure, left, groups)
        label = {} if measure.about is None else {"positive_label": measure.about}
        ours[measure.name] = {"value": compared.value, **label}
        for n, (value, difference) in compared.rivals.items():
            split = baselines[found.rivals[n][0].name]["splits"][role]
            split["metrics"][measure.name] = value
            split["differences"][measure.name] = difference
        # Only constants without a selection metric are compared by the next metric.
        left = [n for n in left if compared.rivals[n][0] is None]
        if not left:
            break
    metrics: dict[str, Any] = {
        "figure_of_merit": merit.name,
        "splits": {role: {"metrics": ours}},
        "baselines": baselines,
    }
    better = merit.greater_is_better
    messages = sentences(found.answers, metrics, role, better, measures, net)
    messages.append(what_to_do(metrics, role, better, str(folder)))
    return tuple(one for one in messages if one)


@dataclass(frozen=True)
class _Compared:
    """One score of a model, and by number of its rivals theirs with the saved differences."""

    value: float | None
    rivals: Mapping[int, tuple[float | None, Mapping[str, Any]]]


def _measures(found: Tallies) -> list[Measure]:
    tally = found.tally
    return [one for metric in tally.metrics for one in metric.measures(tally.names)]


def _compared(
    found: Tallies, measure: Measure, rivals: Sequence[int], groups: Array | None
) -> _Compared:
    """Return a metric of a model and of rivals; differences are sought where one is better."""
    measures = [metric.measures(found.tally.names) for metric in found.tally.metrics]
    index = next(n for n, of in enumerate(measures) if measure.name in [one.name for one in of])
    metric = found.tally.metrics[index]
    part = [one.name for one in measures[index]].index(measure.name)
    mine = found.tally.statistics[index]
    theirs = {n: found.rivals[n][1].statistics[index] for n in rivals}
    value = points(metric, mine, found.tally.names)[part]
    values = {n: points(metric, one, found.tally.names)[part] for n, one in theirs.items()}
    sign = 1 if measure.greater_is_better else -1
    better = [n for n in rivals if sign * (values[n] - value) > 0]
    results = paired_differences(
        [metric], [[mine, *(theirs[n] for n in better)]], found.tally.names, groups
    )
    nothing = {"low": None, "high": None}
    saved = {n: one[part].saved() for n, one in zip(better, results, strict=True)}
    return _Compared(known(value), {n: (known(values[n]), saved.get(n, nothing)) for n in rivals})
