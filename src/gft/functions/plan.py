"""`plan`: everything that fit checks before its first step, and what it would do then."""

from __future__ import annotations

import math
from typing import Any

from gft.adapters.options import LoraOptions
from gft.data.table import DataSet
from gft.engine import checkpoints
from gft.engine.options import Computing, HandedOn
from gft.errors import Mistakes
from gft.folder import State
from gft.functions.options import Fitting, Folder
from gft.functions.preparing import encode, load_to_train, prepare
from gft.functions.running import output_folder
from gft.language.program import Program
from gft.registry import arguments
from gft.report.plan import Plan


def plan(program: Program, in_memory: DataSet | None = None) -> Plan:
    """Check a program as fit does, and say what it would do; nothing is written.

    Unless `--preprocessing_only`, a few steps are measured on a model with random weights. Raises
    `UserError` with every mistake found.
    """
    from gft.engine.precision import choose_precision

    folder, mistakes = output_folder(program), Mistakes()
    options, state = program.options, State.FRESH
    training, computing = options.of(HandedOn), options.of(Computing)
    lora, fitting = options.of(LoraOptions), options.of(Fitting)
    with mistakes.collect():
        state = folder.state(program.identity(arguments()), options.of(Folder).overwrite_output_dir)
    prepared = prepare(program, folder, mistakes, in_memory)
    encoded = encode(prepared)
    precision = choose_precision(computing.precision, computing.use_cpu)
    batch = training.per_device_train_batch_size * training.gradient_accumulation_steps
    steps = math.ceil(len(encoded.stores["train"]) / batch * training.num_train_epochs)
    rehearsed = None
    if not options.of(Fitting).preprocessing_only:
        from gft.engine.in_place import in_place
        from gft.engine.rehearsal import rehearse

        loaded = load_to_train(prepared, untrained=True)
        placed = in_place(loaded, options)
        rehearsed = rehearse(prepared.task, placed, encoded.stores, options, encoded.max_length)
        steps, precision = rehearsed.steps, placed.precision
    config: Any = prepared.source.config
    size = prepared.source.weight_bytes()
    return Plan(
        model=str(program.model),
        architecture=str((config.get("architectures") or [config.get("model_type")])[0]),
        data=prepared.data.name,
        task=prepared.task.name,
        equation=str(prepared.equation),
        labels=prepared.task.labels,
        rows={role: len(rows) for role, rows in prepared.rows.items()},
        left_out=prepared.partition.without_label(),
        cut=encoded.cut,
        max_length=encoded.max_length,
        epochs=training.num_train_epochs,
        batch=batch,
        steps=training.max_steps if training.max_steps > 0 else steps,
        precision=precision.name,
        device=precision.device.type,
        reason=precision.reason,
        figure_of_merit=prepared.merit.name,
        folder=folder.path,
        state=state.value,
        weight_bytes=size,
        disk_bytes=None if size is None else checkpoints.bytes_needed(size, options),
        whole=lora.peft == "none" or lora.merge_lora,
        rehearsed=rehearsed,
        seeds=fitting.seeds or 1,
    )
