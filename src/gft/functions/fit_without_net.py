"""A fit without a net: a generalised linear model of covariates alone, as R's `glm`."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gft import notes, processes
from gft.covariates.treatment import INTERCEPT, Treatment
from gft.data.scratch import GrowingArray
from gft.engine.features import WINDOW
from gft.errors import UserError, listed
from gft.folder import CARD, PARTITION, PREDICTIONS, REPORT
from gft.functions.options import Folder, Scoring
from gft.functions.running import opened
from gft.language.program import SELECT_FROM_TRAIN
from gft.report.plan import PlanWithoutNet

if TYPE_CHECKING:
    from gft.baselines.generalised import Generalised, Regression
    from gft.baselines.linear import LinearModel
    from gft.functions.preparing import Prepared
    from gft.model.fit import Fit

SPARSE_FROM = 100
"""With more columns than so many nearly all of a row are 0: levels that it has not."""


def plan_without_net(prepared: Prepared, state: str) -> PlanWithoutNet:
    """Return what a fit without a net would do."""
    coded = _coded(prepared)
    return PlanWithoutNet(
        data=prepared.data.name,
        equation=str(prepared.equation),
        labels=prepared.task.labels,
        rows={role: len(some) for role, some in prepared.rows.items()},
        left_out=prepared.partition.without_label(),
        columns=(INTERCEPT, *coded.names),
        figure_of_merit=prepared.merit.name,
        folder=prepared.folder.path,
        state=state,
    )


def fit_without_net(prepared: Prepared) -> Fit:
    """Estimate the model of covariates and write its folder; the first process does both."""
    folder, options = prepared.folder, prepared.program.options
    if processes.is_first():
        model, found, seconds = _fitted(prepared)
        if options.of(Folder).overwrite_output_dir:
            folder.clear()
        folder.path.mkdir(parents=True, exist_ok=True)
        try:
            _write(prepared, model, found, seconds)
        finally:
            folder.abandon()  # What is published is not there any more.
    processes.wait()
    return opened(folder.path, options)


def _coded(prepared: Prepared) -> Treatment:
    covariates = prepared.task.covariates
    assert covariates is not None and covariates.design is not None
    return Treatment(covariates.design)


def _fitted(prepared: Prepared) -> tuple[LinearModel, Generalised, float]:
    """Return the model, what was estimated, and how long that took, in seconds."""
    from gft.baselines.linear import LinearModel
    from gft.baselines.regressors import Regressors

    began = time.perf_counter()
    task, coded = prepared.task, _coded(prepared)
    family = task.target.family()
    if family is None:
        raise UserError(f"{task.name} needs a column of text, and --model")
    golds = prepared.golds["train"]
    names = (INTERCEPT, *coded.names)
    found = family.fit(_matrix(prepared, coded), names, golds, task.labels)
    for one in found.regressions:
        _tell(one)
    if prepared.partition.names().get("val") == SELECT_FROM_TRAIN:
        own = prepared.partition.parts["train"].split
        notes.note(
            f"the coefficients are estimated from the {len(golds):,} rows left in train; --splits "
            f"{own},{own} estimates them from all of {own}; then the scores on val are "
            "optimistically biased"
        )
    regressors = Regressors(tuple(dict.fromkeys(task.inputs)), None, coded)
    model = LinearModel(found.method, task.labels, len(golds), regressors, found.weights)
    return model, found, time.perf_counter() - began


def _tell(one: Regression) -> None:
    """Say what could not be estimated, and what was done."""
    of = listed(map(repr, one.coefficients), 4)
    if one.dropped:
        notes.note(
            f"{listed(one.dropped, 6)}: no coefficient, because it is a linear combination of the "
            "columns before (R prints NA)"
        )
    if one.separating:
        notes.warn(
            f"{of}: the classes are separable by {listed(one.separating, 4)}, so "
            "maximum-likelihood estimates do not exist: the estimates are penalised by a normal "
            "prior of sd 2.5 on each coefficient (for a column of sd 1), and have no standard "
            "errors"
        )


def _matrix(prepared: Prepared, coded: Treatment) -> Any:
    """Return the model matrix of train, its first column 1; of very many columns a sparse one."""
    task, found, parts = prepared.task, GrowingArray(), []
    is_sparse = coded.width > SPARSE_FROM
    kinds = dict(zip(task.inputs, task.input_kinds, strict=True))
    for part in prepared.rows["train"].batches(tuple(kinds), WINDOW):
        columns = coded.of({name: kind.read(part[name]) for name, kind in kinds.items()})
        columns = np.hstack([np.ones((len(columns), 1)), columns])
        if is_sparse:
            from scipy import sparse

            parts.append(sparse.csr_matrix(columns))
        else:
            found.extend(columns)
    return sparse.vstack(parts, format="csr") if is_sparse else found.closed()


def _write(prepared: Prepared, model: LinearModel, found: Generalised, seconds: float) -> None:
    """Fill the output folder."""
    from gft.baselines.linear_files import write_linear
    from gft.functions.keeping import metrics_without_net, outcome_without_net, unread_without_net
    from gft.functions.record import record_without_net
    from gft.report.card import model_card
    from gft.report.page import make_page
    from gft.report.pictures import write_pictures
    from gft.results.baselines import fit_baselines
    from gft.results.errors import errors_of
    from gft.results.files import write_metrics
    from gft.results.predictions import write_predictions
    from gft.results.scored import split_that_counts

    golds, coded = prepared.golds["train"], _coded(prepared)
    stage = prepared.folder.stage()
    written = write_linear(model, stage)
    prepared.partition.write(stage / PARTITION, prepared.data, prepared.rows)
    constants = fit_baselines(prepared.task, prepared.rows["train"], golds, constants=True)
    outcome = replace(
        outcome_without_net(prepared, constants, model), overlaps=prepared.overlaps, by=prepared.by
    )
    measured = metrics_without_net(prepared, outcome)
    names = prepared.partition.names()
    if "val" in measured["splits"] and names["val"] == names["train"]:
        measured["splits"]["val"]["optimistic"] = True  # Nothing forbids it: no epoch is chosen.
    metrics = {
        **measured,
        "regression": {
            "method": found.method,
            "references": coded.references,
            "group": prepared.program.options.of(Scoring).group,
            "models": [asdict(one) for one in found.regressions],
        },
        "train_seconds": round(seconds, 3),
        "rows": len(golds),
        "rows_per_second": round(len(golds) / max(seconds, 1e-9), 2),
    }
    every = (one for each in found.regressions for one in each.coefficients.values())
    size = sum(one.estimate is not None for table in every for one in table)
    unread = unread_without_net(prepared, model)
    record = record_without_net(prepared, model, size, unread)
    write_metrics(stage, metrics)
    write_predictions(stage / PREDICTIONS, outcome, prepared.partition)
    (stage / CARD).write_text(model_card(record, metrics), encoding="utf-8")
    role = split_that_counts(metrics)
    page = make_page(errors_of(outcome, role) if role else None, record, metrics, (), None)
    (stage / REPORT).write_text(page.html, encoding="utf-8")
    write_pictures(stage, page.drawings)
    prepared.folder.publish(record, written)
