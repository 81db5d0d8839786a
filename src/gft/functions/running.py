"""One training: load, train, score, and write the folder."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft import notes, processes
from gft.adapters.lora import merge
from gft.adapters.options import LoraOptions
from gft.cells.options import CellForms
from gft.engine import checkpoints
from gft.engine.interruption import Interruption
from gft.engine.options import HandedOn, TrainingOptions
from gft.errors import Interrupted, NoSpace, UserError
from gft.folder import (
    CARD,
    CORRECTIONS,
    LABEL_ERRORS,
    PARTITION,
    REPORT,
    OutputFolder,
    staged_files,
)
from gft.functions.encoding import EncodedSplits
from gft.functions.keeping import keep_linear, with_kept
from gft.functions.loading import begin_effects, load_to_train
from gft.functions.options import Fitting, Folder, Scoring
from gft.functions.preparing import Prepared
from gft.language.options import Shared
from gft.language.program import DEFAULT_HOME, Options, Program
from gft.language.spec import Spec
from gft.model.fit import Fit
from gft.registry import arguments
from gft.storage.paths import to_write
from gft.storage.space import free_bytes, in_words, is_full
from gft.suppliers.installed import letters
from gft.tasks.options import Batches

if TYPE_CHECKING:
    from gft.baselines.protocol import Baseline
    from gft.engine.features import FeatureStore
    from gft.engine.finite import NotFinite
    from gft.engine.fitting import Trained
    from gft.engine.inference import Predictor
    from gft.engine.placed_model import PlacedModel
    from gft.results.measured import Smaller
    from gft.suppliers.protocol import Loaded
    from gft.targets.protocol import Predicted


GENERALISED = "glm"
"""What stands for the model in the name of a folder of a fit without a net."""


def output_folder(program: Program) -> OutputFolder:
    """Return the folder a program writes to: `--output_dir`, or a telling name."""
    named = program.options.of(Folder).output_dir
    if named:
        return OutputFolder(to_write(named))
    words = (program.model or GENERALISED, program.data, program.task)
    name = "-".join(re.sub(r"\W+", "_", str(word)).strip("_")[-40:] for word in words)
    return OutputFolder(Path(DEFAULT_HOME) / f"{name}-{_digest(program)}")


def _digest(program: Program) -> str:
    """Return what tells programs apart; arguments at their defaults do not count, nor new ones."""
    identity, table = program.identity(arguments()), arguments()
    identity["arguments"] = {
        name: value for name, value in identity["arguments"].items() if value != table[name].default
    }
    text = json.dumps(identity, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def run(
    prepared: Prepared,
    encoded: EncodedSplits,
    interruption: Interruption,
    smaller: Sequence[Smaller] | None = None,
) -> tuple[Fit, dict[str, Predicted]]:
    """Load, train, score, and write; return the fit, and what it predicts for val and test.

    `smaller` are fits on parts of train where a learning curve is wanted.
    """
    import torch

    from gft.engine.finite import NotFinite
    from gft.engine.padding import try_padding
    from gft.engine.placed_model import place_model
    from gft.engine.trial import recall, try_training
    from gft.engine.untouched import nothing_left

    folder, options = prepared.folder, prepared.program.options
    afresh = options.of(Folder).overwrite_output_dir
    saved = None if afresh else folder.last_checkpoint
    before: dict[str, Any] = {}
    if saved is not None:
        before = checkpoints.program_of(saved)
        if before["fingerprint"] != prepared.fingerprint:
            raise data_changed(folder.path)
        notes.note(f"resuming from {saved}")
    try:
        with nothing_left():
            torch.manual_seed(options.of(HandedOn).seed)
            with processes.first_before_others():
                loaded = load_to_train(prepared)
            if processes.is_first():
                if afresh:
                    folder.clear()
                folder.path.mkdir(parents=True, exist_ok=True)
            processes.wait()
            placed = place_model(loaded, options)
            recall(placed, before.get("fast_path"), anywhere=True)
            if not placed.tried:
                try_training(prepared.task, placed, encoded.stores["train"], options)
            train = encoded.stores["train"]
            try_padding(prepared.task, placed, train.__getitem__, train.lengths())
            return _train_and_write(prepared, encoded, placed, saved, interruption, smaller)
    except NotFinite as failure:
        raise _with_row(failure, prepared) from None
    except Interrupted as stop:
        if checkpoints.saved(folder.path):
            same = "the same command" + (" without --overwrite_output_dir" if afresh else "")
            stop.advice = f"saved in {folder.path}; {same} resumes from there"
        raise
    except Exception as problem:
        if not is_full(problem, folder.path):
            raise
        folder.abandon()
        raise _disk_full(problem, folder.path) from None


def _disk_full(problem: Exception, stage: Path) -> NoSpace:
    """Return what to say of a disk that is full, and what is left of the training."""
    message = str(problem) if isinstance(problem, NoSpace) else f"no space left in {stage}"
    message += f" ({in_words(free_bytes(stage))} are free there)"
    saved = checkpoints.saved(stage)
    if saved:
        return NoSpace(f"{message}; free some space, and the same command resumes from {saved[-1]}")
    return NoSpace(f"{message}; free some space, or give another --output_dir")


def data_changed(path: Path) -> UserError:
    """Return the mistake of going on in a folder with other data than it was begun with."""
    return UserError(
        f"the data, or --corrections, has changed since {path} was begun; give another folder, or "
        "--overwrite_output_dir to start afresh"
    )


def _with_row(failure: NotFinite, prepared: Prepared) -> NotFinite:
    """Return a failure of the training with the user's row, and what is left of the training."""
    if failure.row is not None:
        rows, part = prepared.rows["train"], prepared.partition.parts["train"]
        failure = failure.in_words(f"row {rows.numbers()[failure.row] + 1:,} of {part.split}")
    saved = checkpoints.saved(prepared.folder.path)
    if saved:
        failure = failure.adding(f"the last good checkpoint is {saved[-1]}")
    return failure


def _train_and_write(
    prepared: Prepared,
    encoded: EncodedSplits,
    placed: PlacedModel,
    saved: Path | None,
    interruption: Interruption,
    smaller: Sequence[Smaller] | None,
) -> tuple[Fit, dict[str, Predicted]]:
    from gft.engine.fitting import train
    from gft.engine.inference import Predictor
    from gft.engine.progress import bar
    from gft.engine.steering import TrainingPlan
    from gft.functions.record import record_of
    from gft.metrics.intervals import point_values

    options, task = prepared.program.options, prepared.task
    training, own = options.of(HandedOn), options.of(TrainingOptions)
    size = options.of(Batches).per_device_eval_batch_size
    predictor = Predictor(task, placed, encoded.max_length, size)
    if saved is None:
        begin_effects(predictor, prepared.rows["train"], prepared.golds["train"])
    plan = TrainingPlan(
        folder=prepared.folder.path,
        saved=saved,
        program=prepared.program_record(placed),
        merit=prepared.merit,
        keep_best=own.load_best_model_at_end,
        patience=options.of(Fitting).early_stopping_patience,
        seed=training.seed if own.data_seed is None else own.data_seed,
        group_by_length=own.train_sampling_strategy == "group_by_length",
        shuffle=own.train_sampling_strategy != "sequential",
    )
    score: Callable[[], dict[str, float]] | None = None
    if "val" in encoded.stores and training.eval_strategy != "no":

        def score() -> dict[str, float]:
            golds, values, scores = _predicted(predictor, encoded.stores["val"])
            return point_values(prepared.metrics, task.scored(golds, values, scores))

    with bar(not options.of(Shared).disable_tqdm and processes.is_first()):
        trained = train(
            plan=plan,
            task=task,
            placed=placed,
            options=options,
            store=encoded.stores["train"],
            score=score,
            interruption=interruption,
        )
    if trained.interrupted is not None:
        raise Interrupted(trained.interrupted)
    record = record_of(prepared, encoded, placed, trained)
    if options.of(LoraOptions).merge_lora:  # before it is scored: metrics are the written model's
        merge(placed.model)
    results = predicted_splits(predictor, encoded)
    if processes.is_first():
        write(prepared, encoded, placed.loaded, trained, predictor, record, results, smaller)
    processes.wait()
    return opened(prepared.folder.path, options, predictor), results


def predicted_splits(predictor: Predictor, encoded: EncodedSplits) -> dict[str, Predicted]:
    """Return what is predicted for val and test, by their names, for those that there are."""
    return {
        role: _predicted(predictor, encoded.stores[role])
        for role in ("val", "test")
        if role in encoded.stores
    }


def _predicted(predictor: Predictor, store: FeatureStore) -> Predicted:
    from gft.engine.inference import predict_store

    predictions = predict_store(predictor, store)
    return store.golds, predictions.values, predictions.scores


def write(
    prepared: Prepared,
    encoded: EncodedSplits,
    loaded: Loaded,
    trained: Trained,
    predictor: Predictor,
    record: dict[str, Any],
    results: Mapping[str, Predicted],
    smaller: Sequence[Smaller] | None,
) -> None:
    """Fill the output folder: the model, and what it predicts for val and test."""
    from gft.engine.rereading import rereading
    from gft.report.card import model_card
    from gft.report.page import make_page
    from gft.report.pictures import write_pictures
    from gft.results.baselines import fit_baselines
    from gft.results.errors import errors_of
    from gft.results.files import measure, write_files
    from gft.results.label_error_table import write_label_errors
    from gft.results.label_errors import asks_net, find_label_errors
    from gft.results.measured import Outcome
    from gft.results.scored import split_that_counts

    stage = prepared.folder.stage()
    _write_model(prepared, loaded, stage)
    model = staged_files(stage)
    prepared.partition.write(stage / PARTITION, prepared.data, prepared.rows)
    if prepared.of_part:  # It is there to predict, until the curve is drawn.
        prepared.folder.publish(record, model)
        return
    train, corrected = encoded.stores["train"].golds, prepared.corrected
    keep = prepared.program.options.of(Fitting).keep_baseline
    baselines: Sequence[Baseline] = ()
    if results or keep:
        baselines = fit_baselines(prepared.task, prepared.rows["train"], train)
    outcome = Outcome(
        prepared.task,
        prepared.metrics,
        prepared.rows,
        results,
        train,
        baselines if results else (),
        prepared.groups,
        {role: encoded.stores[role].row_lengths() for role in results},
        prepared.overlaps,
        prepared.by,
        smaller,
        rereading(predictor),
    )
    metrics = measure(outcome, trained, record)
    doubtful = find_label_errors(
        prepared.task,
        predictor,
        prepared.rows["train"],
        encoded.stores["train"],
        prepared.program.options.of(Scoring).group,
        asks_net(metrics, record["greater_is_better"]),
    )
    if doubtful is not None:
        metrics["label_errors"] = doubtful.saved()
    if doubtful is not None and doubtful.examined:
        delimiter = prepared.program.options.of(CellForms).label_delimiter
        rows, split = prepared.original_train()
        changed = None if corrected is None else corrected.of_split(split)
        write_label_errors(
            stage / LABEL_ERRORS, doubtful, prepared.task, rows, train, split, delimiter, changed
        )
    if corrected is not None and corrected.labels:
        corrected.write(stage / CORRECTIONS)
    if keep and keep_linear(prepared, baselines, record, stage):
        metrics = with_kept(metrics)
    write_files(stage, outcome, prepared.partition, trained, metrics)
    (stage / CARD).write_text(model_card(record, metrics), encoding="utf-8")
    role = split_that_counts(metrics)
    errors = errors_of(outcome, role) if role else None
    page = make_page(errors, record, metrics, trained.history, doubtful)
    (stage / REPORT).write_text(page.html, encoding="utf-8")
    write_pictures(stage, page.drawings)
    prepared.folder.publish(record, model)


def _write_model(prepared: Prepared, loaded: Loaded, stage: Path) -> None:
    """Write the net into a stage, and beside it the effects of covariates if it has any."""
    from gft.covariates.files import write_covariates
    from gft.engine.effects import apart, effects_of

    with apart(loaded.model):
        prepared.source.write(loaded, stage)
    effects, covariates = effects_of(loaded.model), prepared.task.covariates
    if effects is not None and covariates is not None:
        write_covariates(stage, covariates.fitted_design, effects, prepared.task.labels)


def opened(folder: Path, options: Options, predictor: Predictor | None = None) -> Fit:
    """Return the fitted model in a folder."""
    spec = Spec(letters().of_paths, str(folder.resolve()))
    given = {name: value for name, value in options.given.items() if name != "output_dir"}
    fitted = Fit(Program("fit", (spec,), (), (), None, None, None, Options(given)))
    if predictor is not None:
        fitted.predictor = predictor
    return fitted
