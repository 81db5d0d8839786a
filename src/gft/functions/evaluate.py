"""`evaluate`: the metrics of a model on a split, with intervals."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gft import notes, processes
from gft.cells.columns import Columns
from gft.cells.reading import read_columns
from gft.data.groups import groups_of
from gft.data.labels import Golds
from gft.data.overlap import Overlap
from gft.data.table import DataSet, Rows
from gft.engine.options import Computing
from gft.errors import Mistakes, UserError, counted, listed
from gft.functions.correcting import picked_again
from gft.functions.inputs import with_fitted_data, with_fitted_group
from gft.functions.options import Scoring
from gft.functions.overlaps import overlap_with_fitted
from gft.functions.scoring import measured, rivals_of, verdict_on
from gft.functions.splits import read_split
from gft.functions.subgroups import subgroups
from gft.functions.truncation import truncated
from gft.inputs.features import Unread
from gft.language.options import Shared
from gft.language.program import SELECT_FROM_TRAIN, TEST_FROM_TRAIN, Program
from gft.language.spec import Spec
from gft.markup import html_table, html_text
from gft.metrics.comparison import Comparison
from gft.metrics.intervals import Result, Tally
from gft.metrics.positive import about
from gft.metrics.protocol import Array, Measure, Metric
from gft.metrics.subgroups import Divided, divided
from gft.metrics.table import choose_merit, choose_metrics
from gft.model.opened import Opened, open_model
from gft.model.predictors import make_predictor
from gft.opening import open_data, refuse_code
from gft.registry import tasks
from gft.report.cautions import cautions
from gft.report.of_subgroups import about_subgroups, about_tests, subgroup_rows
from gft.report.tables import METRIC_HEADERS, data_and_split, metric_rows
from gft.suppliers.installed import parse
from gft.tasks.labels import still_meant
from gft.tasks.options import LabelMap
from gft.tasks.protocol import Task

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Basis:
    """What a comparison with another model on the same rows needs.

    `rows_id` identifies the rows, split and data. `about` is the positive class of binary metrics,
    None: the second class.
    """

    tally: Tally
    merit: Measure
    groups: Array | None
    rows_id: tuple[str, str, str]
    about: str | None = None


@dataclass(frozen=True)
class Evaluation:
    """The scores of a model on a split: metrics by name, and the number of rows.

    `by` has them for the rows with each value of a column, for each column of `--by`.
    `comparison` is with the best of several models on the same rows; `shared` is the overlap with
    the rows that the model was trained on, and the metrics without it, as JSON; `verdict` are
    warnings that come before any metric; `computed_by` is the library that computed the
    predictions, its version and precision, and the graph, if there is one.
    """

    model: str
    data: str
    split: str
    rows: int
    left_out: int
    unread: Unread
    results: list[Result]
    basis: Basis = field(repr=False, compare=False)
    comparison: Comparison | None = None
    shared: Mapping[str, Any] | None = None
    by: list[Divided] = field(default_factory=list)
    verdict: tuple[str, ...] = ()
    computed_by: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        metrics = ", ".join(" ".join(_cells_of_metric(row)) for row in metric_rows(self._metrics()))
        return f"<Evaluation of {self._about()}: {metrics}>"

    def _repr_html_(self) -> str:
        rows = metric_rows(self._metrics())
        below = "".join(map(html_text, cautions(self._metrics().values())))
        metrics = html_table(METRIC_HEADERS, rows, right=(1,)) + below
        parts = {one.column: one.saved() for one in self.by}
        tables = [html_table(*subgroup_rows(*part), right=(1,)) for part in parts.items()]
        notes_on_subgroups = [one for part in parts.items() for one in about_subgroups(*part)]
        return html_text(self._about()) + "".join(
            [metrics, *tables, *map(html_text, [*notes_on_subgroups, *about_tests(parts)])]
        )

    def _about(self) -> str:
        return f"{self.model} on {data_and_split(self.saved())}, {counted(self.rows, 'row')}"

    def _metrics(self) -> dict[str, dict[str, Any]]:
        return {result.name: result.saved() for result in self.results}

    def saved(self) -> dict[str, Any]:
        """Return the evaluation as JSON."""
        return {
            "model": self.model,
            "data": self.data,
            "split": self.split,
            "rows": self.rows,
            "rows_without_label": self.left_out,
            "rows_truncated": self.unread.rows,
            "tokens_truncated": self.unread.share,
            "verdict": list(self.verdict),
            "runtime": dict(self.computed_by),
            "metrics": self._metrics(),
            **({"shared_with_train": self.shared} if self.shared else {}),
            **({"by": {one.column: one.saved() for one in self.by}} if self.by else {}),
            **({"compared": self.comparison.saved()} if self.comparison else {}),
        }


def _cells_of_metric(row: tuple[str, str, str]) -> list[str]:
    name, value, interval = row
    return [name, value, *([f"({interval})"] if interval else [])]


def evaluate(
    program: Program,
    in_memory: DataSet | None = None,
    first: Basis | None = None,
    called: str = "",
) -> Evaluation:
    """Score a model on a split of a data set; warnings about its scores begin with `called`.

    A fitted folder has its data, equation and metrics; arguments override them. Classes get the
    numbers that they have in `first`, the model that it is compared with, if they are the same, and
    the same positive class. Raises `UserError` before any weight is loaded.
    """
    names = first.tally.names if first else ()
    processes.join(program.options.of(Computing).use_cpu)
    opened = open_model(program)
    program = _completed(program, opened, in_memory is not None)
    program, metrics, columns = _read(program, opened, in_memory)
    scoring = program.options.of(Scoring)
    equation, data = columns.equation, columns.data
    columns.tell()

    def bound(rows: Rows) -> Task:
        return tasks()[opened.task.name].bind(equation, data, {"test": rows}, opened.task)

    held_out = _held_out(opened.record, data)
    folder = opened.source.folder
    picked = picked_again(
        read_split(program, data, equation, folder, opened.task, held_out, scores=True),
        columns,
        program.options,
        folder,
        opened.record,
    )
    split, rows = picked.name, picked.rows
    shown = {SELECT_FROM_TRAIN: "val", TEST_FROM_TRAIN: "test"}.get(split, split)
    trained_on = _was_trained_on(opened.record, data, split)
    if trained_on:
        notes.warn(
            f"the model was trained on {split}: its scores are optimistically biased; "
            "--split val is fairer"
        )
    task = bound(rows)
    task, warnings = task.aligned(opened.task, _label_map(program, opened, task))
    notes.warn(*warnings)
    labels = task.golds_of(rows)
    left_out = len(rows) - len(labels.values)
    rows = _labelled(rows, labels, task, shown, scoring.max_eval_samples)
    task = task.seen(labels.values)
    ready, rows = _readied(task, opened, split, rows)
    if ready is not task:  # It may read labels in another way, such as in capitals alone.
        labels = ready.golds_of(picked.rows)
    task, values = ready, labels.of(np.searchsorted(picked.rows.numbers(), rows.numbers()))
    groups = groups_of(rows, scoring.group, shown)
    by = subgroups(program.options, rows, data, picked.split or picked.name, shown)
    with processes.first_before_others():
        predictor = make_predictor(replace(opened, task=task), program.options, rows=len(rows))
    chosen = first.about if first else task.about
    metrics = about(task.measuring(metrics), chosen)
    # The linear baseline was fitted to train: its scores there say nothing about the model.
    beside = None if trained_on else folder
    found = measured(predictor, metrics, rows, values, names, rivals_of(task, values, beside))
    tally, unread = found.tally, found.unread
    notes.note(*found.unknown.messages(shown))
    if unread.rows:
        notes.note(truncated(unread, predictor.too_long, shown, len(rows), predictor.unit))
    overlap = overlap_with_fitted(task, opened, data, picked, rows, program)
    merit = choose_merit(metrics, tally.names, program.metrics, scoring.figure_of_merit, None)
    net = opened.source.without_net() is None
    verdict = verdict_on(found, merit, shown, groups, folder, net)
    notes.warn(*(f"{called}{one}" for one in verdict))
    return Evaluation(
        str(program.model),
        data.name,
        split,
        len(rows),
        left_out,
        unread,
        tally.values_with_intervals(groups=groups),
        Basis(tally, merit, groups, _rows_id(data, split, rows), chosen),
        shared=None if overlap is None else _without_shared(tally, overlap, groups),
        by=divided(tally, by, groups),
        verdict=verdict,
        computed_by=predictor.computed_by(),
    )


def _read(
    program: Program, opened: Opened, in_memory: DataSet | None
) -> tuple[Program, list[Metric], Columns]:
    """Return the program with the fit's group, the metrics, and the columns as the task reads them.

    Raises `UserError` with every mistake found.
    """
    mistakes, task = Mistakes(), opened.task
    data = mistakes.attempt(open_data, program, in_memory)
    trusted = program.options.of(Shared).trust_remote_code
    metrics = mistakes.attempt(choose_metrics, program.metrics, task.metrics, task.target, trusted)
    if data is None:
        mistakes.raise_any()
    equation = program.equation
    assert data is not None and equation is not None
    program = with_fitted_group(program, opened.record, data)
    group = program.options.of(Scoring).group
    columns = mistakes.attempt(read_columns, equation, data, task, program.options, group)
    mistakes.raise_any()
    assert metrics is not None and columns is not None
    return program, metrics, columns


def _without_shared(tally: Tally, overlap: Overlap, groups: Array | None) -> dict[str, Any]:
    """Return how many rows the model was trained on, and the metrics without these, as JSON."""
    left = ~overlap.shared
    some = 0 < left.sum() < len(left)
    results = tally.values_with_intervals(groups=groups, chosen=left) if some else []
    return overlap.saved() | {"metrics": {result.name: result.saved() for result in results}}


def _label_map(program: Program, opened: Opened, task: Task) -> tuple[str, ...]:
    """Return `--label_map`, or what the fit's own says of data and the fitted model."""
    given = program.options.of(LabelMap).label_map
    fitted = opened.record["program"]["arguments"].get("label_map") if opened.record else None
    if given is not None or not fitted:
        return given or ()
    pairs = still_meant(fitted, task.labels, opened.task.labels)
    if pairs:
        notes.note(f"--label_map {' '.join(pairs)}, as in the fit")
    return pairs


def _labelled(rows: Rows, labels: Golds, task: Task, split: str, limit: int | None) -> Rows:
    """Return the rows with a label, no more than `limit`. Raises `UserError` if there are none."""
    kept = np.flatnonzero(labels.known)
    if not len(kept):
        raise UserError(f"no row of {split} has a label in {listed(task.outputs)}")
    if len(kept) < len(rows):
        without = counted(len(rows) - len(kept), "row")
        notes.note(f"left out of {split}: {without} without a label")
    kept = kept[:limit]
    return rows.select(kept) if len(kept) < len(rows) else rows


def _readied(task: Task, opened: Opened, split: str, rows: Rows) -> tuple[Task, Rows]:
    """Return the task ready for some rows, and those of them that it can be scored on."""
    with processes.first_before_others():
        processor = opened.processor()
    made = task.ready(processor, opened.source.config, {split: rows}, None)
    notes.note(*made.notes)
    return made.task, made.rows[split]


def _rows_id(data: DataSet, split: str, rows: Rows) -> tuple[str, str, str]:
    """Return an identifier of rows: the data's fingerprint, the split, a hash of the indices."""
    numbers = hashlib.blake2b(np.ascontiguousarray(rows.numbers(), dtype=np.int64).data)
    return data.fingerprint(), split, numbers.hexdigest()


def _completed(program: Program, opened: Opened, has_data: bool) -> Program:
    """Return the program with what the fitted folder knows. Raises `UserError` for the rest."""
    record = opened.record["program"] if opened.record else {}
    program = with_fitted_data(program, opened.record, has_data)
    equation = program.equation or opened.equation
    missing = [
        f"gft_eval needs --{name}"
        for name, value in (("eqn", equation), ("data", program.data or has_data))
        if not value
    ]
    if missing:
        raise UserError(*missing)
    metrics: tuple[Spec, ...] = program.metrics
    if not metrics:
        metrics = tuple(parse(text) for text in record.get("metric", ()))
        if not program.options.of(Shared).trust_remote_code:
            refuse_code(metrics, f"the record of {program.model}")
    return replace(program, equation=equation, metrics=metrics)


def _held_out(record: Mapping[str, Any] | None, data: DataSet) -> str | None:
    """Return test where the fit drew it of this data, else val where all else was trained on."""
    drawn = record is not None and record["data"]["splits"].get("test") == TEST_FROM_TRAIN
    if drawn and record is not None and record["data"]["fingerprint"] == data.fingerprint():
        return "test"
    only = next(iter(data.splits)) if len(data.splits) == 1 else ""
    return "val" if _was_trained_on(record, data, only) else None


def _was_trained_on(record: Mapping[str, Any] | None, data: DataSet, split: str) -> bool:
    """Say whether a fitted model saw this split of the same data in training."""
    if record is None or record["data"]["splits"].get("train") != split:
        return False
    return bool(record["data"]["fingerprint"] == data.fingerprint())
