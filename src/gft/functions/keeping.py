"""`fit --keep_baseline`: the linear baseline as a model of its own, inside the fit's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft import notes, processes
from gft.engine.features import WINDOW
from gft.engine.without_net import netless
from gft.errors import UserError
from gft.folder import KEPT, METRICS, PARTITION, OutputFolder, copy_results
from gft.functions.options import Fitting
from gft.language.program import Options
from gft.record_file import RECORD
from gft.results.baselines import MOST_LABELS
from gft.storage.manifest import MANIFEST, read_manifest, seal

if TYPE_CHECKING:
    from gft.baselines.linear import LinearModel
    from gft.baselines.protocol import Baseline
    from gft.functions.preparing import Prepared
    from gft.results.measured import Outcome
    from gft.targets.protocol import Predicted
    from gft.tasks.protocol import Task


def check_keepable(options: Options, task: Task, folder: OutputFolder) -> None:
    """Raise `UserError` if the linear baseline cannot be kept: none exists, or its path does."""
    if not options.of(Fitting).keep_baseline:
        return
    if task.target.learner() is None or not task.reads_text:
        raise UserError(
            f"--keep_baseline: {task.name} has no linear baseline; classify and regress have one, "
            "of columns of text"
        )
    if len(task.labels) > MOST_LABELS:
        raise UserError(
            f"--keep_baseline: with more than {MOST_LABELS:,} classes there is no linear baseline, "
            f"and here are {len(task.labels):,}"
        )
    stage, owned = folder.path / KEPT, folder.owned()
    there = [path.name for path in stage.iterdir()] if stage.is_dir() else []
    foreign = [name for name in there if f"{KEPT}/{name}" not in owned]
    if foreign or (stage.exists() and not stage.is_dir()):
        raise UserError(
            f"--keep_baseline: {stage}exists, and gft_fit did not write "
            f"{foreign[0] if foreign else 'it'}; give another --output_dir"
        )


def lacks_linear(options: Options, folder: OutputFolder) -> bool:
    """Say whether a finished folder is to have its linear baseline, and has not."""
    if not options.of(Fitting).keep_baseline:
        return False
    return not (folder.path / KEPT / RECORD).is_file() or f"{KEPT}/{RECORD}" not in folder.owned()


def keep_linear(
    prepared: Prepared, baselines: Sequence[Baseline], record: Mapping[str, Any], stage: Path
) -> bool:
    """Write the linear one of the baselines, with its own scores, into a folder in `stage`.

    `record` is the `gft.json` of the fit. Returns whether it was written: there is none where all
    rows of train that it sees are of one class.
    """
    from gft.baselines.linear_files import write_linear
    from gft.results.files import write_metrics

    model = next((one.model for one in baselines if one.model is not None), None)
    if model is None:
        notes.warn("--keep_baseline: all rows of train have one class, so no linear model is kept")
        return False
    inner = stage / KEPT
    inner.mkdir()
    written = write_linear(model, inner)
    prepared.partition.write(inner / PARTITION, prepared.data, prepared.rows)
    outcome = outcome_without_net(
        prepared, [one for one in baselines if one.model is not model], model
    )
    write_metrics(inner, metrics_without_net(prepared, outcome))
    files = sorted((*(path.name for path in inner.iterdir()), RECORD, MANIFEST))
    whole = _record(record, model, unread_without_net(prepared, model)) | {"files": files}
    text = json.dumps(whole, indent=1, ensure_ascii=False)
    (inner / RECORD).write_text(text, encoding="utf-8")
    seal(inner, [name for name in files if name != MANIFEST], written)
    return True


def add_linear(prepared: Prepared) -> None:
    """Write the linear baseline into a fit that is finished; the net stays as it is.

    Raises `UserError` if the data is not what the fit read.
    """
    if processes.is_first():
        _add(prepared)
    processes.wait()


def _add(prepared: Prepared) -> None:
    from gft.results.baselines import fit_baselines
    from gft.results.files import write_metrics
    from gft.results.fitted import read_metrics

    folder = prepared.folder
    record, metrics = folder.record(), read_metrics(folder.path)
    assert record is not None
    if record["data"]["fingerprint"] != prepared.data.fingerprint():
        raise UserError(
            f"--keep_baseline: the data has changed since {folder.path} was fitted; give another "
            "folder, or --overwrite_output_dir to start afresh"
        )
    found = fit_baselines(prepared.task, prepared.rows["train"], prepared.golds["train"])
    try:
        stage = folder.stage()
        if keep_linear(prepared, found, record, stage):
            before = [name for name in record["files"] if name.startswith(f"{KEPT}/")]
            copy_results(folder.path, record, stage, (METRICS, *before))
            write_metrics(stage, with_kept(metrics))
            sealed = read_manifest(folder.path)
            folder.publish(record, sealed.model if sealed else ())
    finally:
        folder.abandon()  # What is published is not there any more.


def with_kept(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `metrics.json` of a fit that says that the linear baseline is in its folder."""
    baselines = {
        name: one | ({"kept": KEPT} if name == KEPT else {})
        for name, one in metrics["baselines"].items()
    }
    return {**metrics, "baselines": baselines}


def metrics_without_net(prepared: Prepared, outcome: Outcome) -> dict[str, Any]:
    """Return the `metrics.json` of a model without a net: what it scores, against baselines."""
    from gft.results.measured import (
        golds_of_splits,
        measured_baselines,
        metrics_of_splits,
        worth_of_columns,
    )
    from gft.results.scored import split_that_counts
    from gft.results.verdict import verdict

    splits, merit = metrics_of_splits(outcome), prepared.merit
    for role, split in splits.items():
        split["chose_the_epoch"] = False
        split["optimistic"] = role == "test" and prepared.partition.optimistic
    counts = split_that_counts({"splits": splits})
    if counts is not None:
        splits[counts] |= worth_of_columns(outcome, counts, merit.name)
    found = {
        "figure_of_merit": merit.name,
        "splits": splits,
        "baselines": measured_baselines(outcome),
    }
    return {
        "verdict": verdict(outcome, found, merit.greater_is_better, net=False),
        **found,
        "golds": golds_of_splits(outcome),
    }


def outcome_without_net(
    prepared: Prepared, baselines: Sequence[Baseline], model: LinearModel
) -> Outcome:
    """Return what a model without a net predicts for val and test, and what to measure it by."""
    from gft.engine.inference import joined
    from gft.results.measured import Outcome

    predictor = netless(prepared.task, model, KEPT, prepared.task.labels)
    results: dict[str, Predicted] = {}
    for role in ("val", "test"):
        if role in prepared.rows:
            batches = prepared.rows[role].batches(prepared.task.inputs, WINDOW)
            parts = [predictor.rows(part) for part in batches]
            scores = [part.scores for part in parts if part.scores is not None]
            values = joined([part.values for part in parts])
            results[role] = (prepared.golds[role], values, joined(scores) if scores else None)
    return Outcome(
        prepared.task,
        prepared.metrics,
        prepared.rows,
        results,
        prepared.golds["train"],
        baselines,
        prepared.groups,
        predict=predictor.rows,
    )


def unread_without_net(prepared: Prepared, model: LinearModel) -> dict[str, int]:
    """Return how many rows of each role the model does not read to their end."""
    task = prepared.task
    predictor, found = netless(task, model, KEPT, task.labels), {}
    for role, rows in prepared.rows.items():
        parts = rows.batches(task.inputs, WINDOW)
        found[role] = sum(predictor.unread(part).rows for part in parts)
    return found


def _record(
    record: Mapping[str, Any], model: LinearModel, truncated: Mapping[str, int]
) -> dict[str, Any]:
    """Return the `gft.json` of a linear model from that of the fit that it was the baseline of.

    `truncated` is how many rows of each role it does not read to their end.
    """
    same = ("gft_format", "program", "task", "metrics", "figure_of_merit", "greater_is_better",
            "seed", "hardware", "versions", "finished")  # fmt: skip
    identity = record["identity"]
    return {
        **{name: record[name] for name in same},
        "identity": {**identity, "model": f"the linear baseline beside {identity['model']}"},
        "data": {**record["data"], "truncated": dict(truncated), "tokens_truncated": {}},
        "model": {
            "spec": model.what,
            "architecture": model.method,
            "parameters": model.size,
            "trained_parameters": model.size,
            "new_weights": [],
        },
        "max_length": 0,
        "training": {"rows": model.rows},
    }
