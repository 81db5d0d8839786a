"""From encoded splits and a loaded model to trained weights."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from transformers import TrainingArguments

from gft import processes
from gft.engine.features import FeatureStore
from gft.engine.interruption import Interruption
from gft.engine.memory import ADAM_MOMENTS, check_longest
from gft.engine.options import HandedOn, TrainingOptions
from gft.engine.output_units import end_units
from gft.engine.placed_model import PlacedModel
from gft.engine.precision import Precision
from gft.engine.settings import settings_in
from gft.engine.steering import TrainingPlan
from gft.engine.trainer import GftTrainer, effective_batch
from gft.errors import UserError
from gft.language.argument import rows as rows_of
from gft.language.program import Options
from gft.metrics.protocol import Measure
from gft.tasks.options import Batches
from gft.tasks.protocol import Task

LOGGED_ROWS_PER_EPOCH = 20


@dataclass(frozen=True)
class Trained:
    """The result of training: the chosen step and epoch, seconds, tokens, and the logged rows.

    `effective_batch` is how many rows each step learns from, over all devices; `micro_batch` is
    how many were computed at a time if memory was too small for a batch. `cuda_graphs` says how
    many shapes of batches were recorded (`StepGraphs.closed`).
    """

    step: int
    epochs: float
    effective_batch: int
    micro_batch: int | None
    cuda_graphs: dict[str, Any] | None
    best_step: int
    best_epoch: float
    best_merit: float | None
    seconds: float
    rows: int
    tokens: int
    history: list[dict[str, float]]
    interrupted: int | None


def train(
    *,
    plan: TrainingPlan,
    task: Task,
    placed: PlacedModel,
    options: Options,
    store: FeatureStore,
    score: Callable[[], Mapping[str, float]] | None,
    interruption: Interruption,
) -> Trained:
    """Train a model; resume from the plan's checkpoint if there is one.

    Ends with the weights of the best epoch in the model, or, after a signal, with a checkpoint on
    disk and `interrupted` set.
    """
    training, split_batch = options.of(HandedOn), None
    again = training.gradient_checkpointing or training.activation_checkpointing
    if placed.on_cpu and not again:
        size = training.per_device_train_batch_size
        longest = np.argsort(-store.lengths(), kind="stable")[:size]
        moments = ADAM_MOMENTS if training.optim.startswith("adamw_torch") else 0
        features = [store[n] for n in longest.tolist()]
        with placed.cores.in_use():
            check_longest(task, placed, features, moments)
            split_batch = placed.split_batch(task, features)
    trainer = GftTrainer(
        plan=plan,
        task=task,
        placed=placed,
        arguments=training_arguments(
            plan.folder, plan.merit, options, placed.precision, len(store), score is not None
        ),
        train=store,
        score=score,
        interruption=interruption,
        split_batch=split_batch,
    )
    graphs = None
    try:
        with interruption.deferred(), placed.working():
            trainer.go_on(plan.saved)
    finally:
        if trainer.graphs is not None:
            graphs = trainer.graphs.closed()
    state = trainer.state
    best = state.global_step
    [signal] = processes.largest(interruption.requested or 0)
    if not signal:
        trainer.watch.weights(state.global_step)
        best = trainer.load_best()
    end_units(placed.model)
    placed.model.eval()
    epochs = float(state.epoch or 0)
    steps_per_epoch = state.global_step / epochs if epochs else 1
    return Trained(
        step=state.global_step,
        epochs=round(epochs, 2),
        effective_batch=effective_batch(trainer.args),
        micro_batch=trainer.micro_batches.rows,
        cuda_graphs=graphs,
        best_step=best,
        best_epoch=round(best / steps_per_epoch, 2),
        best_merit=state.best_metric,
        seconds=trainer.seconds_before + trainer.seconds_now(),
        rows=round(len(store) * epochs),
        tokens=round(int(store.lengths().sum()) * epochs),
        history=history(state.log_history),
        interrupted=signal or None,
    )


def handed_to(fields_of: type, options: Options) -> dict[str, Any]:
    """Return the arguments that are only handed on to a dataclass of transformers.

    Defaults of fields that an older version lacks are left out. Raises `UserError` if the user
    set one of them.
    """
    known = {field.name for field in dataclasses.fields(fields_of)}
    names = {row.name for row in rows_of(HandedOn)}
    if unknown := [name for name in options.given if name in names - known]:
        raise UserError(
            f"--{unknown[0]} needs a newer version of transformers than {transformers.__version__}"
        )
    return {
        row.name: settings_in(f"--{row.name}", value) if row.kind == "json" else value
        for row in rows_of(HandedOn)
        if row.name in known and (value := options.given.get(row.name, row.default)) is not None
    }


def training_arguments(
    folder: Path, merit: Measure, options: Options, precision: Precision, rows: int, scored: bool
) -> TrainingArguments:
    """Return the arguments of `transformers.Trainer`: the user's, and what gft decides.

    `scored` says whether val is scored, for the metric `merit`. Raises `UserError` for files of
    settings that cannot be read, and whatever transformers raises.
    """
    training, own = options.of(HandedOn), options.of(TrainingOptions)
    handed_on = handed_to(TrainingArguments, options)
    steps_per_epoch, _ = steps_of(rows, training)
    handed_on.update(
        output_dir=str(folder),
        per_device_eval_batch_size=options.of(Batches).per_device_eval_batch_size or 32,
        eval_strategy=training.eval_strategy if scored else "no",
        metric_for_best_model=merit.name if scored else None,
        greater_is_better=merit.greater_is_better if scored else None,
        load_best_model_at_end=False,
        logging_steps=own.logging_steps or max(1, steps_per_epoch // LOGGED_ROWS_PER_EPOCH),
        bf16=precision.name == "bf16",
        fp16=precision.name == "fp16",
        use_cpu=precision.device.type == "cpu",
        dataloader_pin_memory=precision.device.type == "cuda" and training.dataloader_pin_memory,
        remove_unused_columns=False,
        label_names=["labels"],
        disable_tqdm=True,
        report_to=list(training.report_to or ["none"]),
        debug=own.debug_trainer or "",
    )
    if precision.name != "fp16":
        # A loss that is not finite ends the training; checking it twice would stall a GPU.
        handed_on["logging_nan_inf_filter"] = False
    if handed_on["save_strategy"] == "best":
        handed_on["save_strategy"] = "epoch"
    return TrainingArguments(**handed_on)


def steps_of(rows: int, training: HandedOn) -> tuple[int, int]:
    """Return the number of steps of an epoch of so many rows, and of the whole training."""
    batch = training.per_device_train_batch_size * training.gradient_accumulation_steps
    of_epoch = max(1, math.ceil(rows / (batch * processes.count())))
    steps = math.ceil(of_epoch * training.num_train_epochs)
    return of_epoch, training.max_steps if training.max_steps > 0 else steps


def history(logged: list[dict[str, Any]]) -> list[dict[str, float]]:
    """Return the rows of `history.csv`: one per logging step and per evaluation."""
    rows = []
    for entry in logged:
        kept = {
            name.replace("eval_", "val_", 1): value
            for name, value in entry.items()
            if isinstance(value, int | float)
            and not name.startswith(("train_", "total_flos"))
            and name != "eval_runtime"
        }
        if kept.keys() - {"epoch", "step"}:
            rows.append({"step": entry["step"], "epoch": round(entry["epoch"], 4), **kept})
    return rows


def peak_memory_bytes(device: torch.device) -> int | None:
    """Return the peak memory of the GPU or of the process, None where unknown."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    try:
        import resource
    except ImportError:
        return None
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)
