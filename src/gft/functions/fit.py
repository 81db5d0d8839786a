"""`fit`: from a program to a fitted folder. `plan`: all of it up to the first step."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from gft import notes, processes
from gft.adapters.options import LoraOptions
from gft.data.table import DataSet
from gft.engine import checkpoints
from gft.engine.interruption import Interruption
from gft.engine.options import Computing, HandedOn
from gft.errors import Mistakes
from gft.folder import KEPT, OutputFolder, State
from gft.functions.correcting import check_corrections
from gft.functions.encoding import encode
from gft.functions.export import add_graph, check_graphs
from gft.functions.keeping import add_linear, lacks_linear
from gft.functions.learning_curve import (
    check_scored,
    each_part,
    fit_with_curve,
    forget_parts,
    rows_of_parts,
)
from gft.functions.loading import load_to_train
from gft.functions.options import Fitting, Folder
from gft.functions.preparing import prepare
from gft.functions.running import opened, output_folder, run
from gft.functions.seeds import each_seed, fit_seeds
from gft.functions.without_net import is_without_net
from gft.graphs.options import ExportAfter
from gft.language.program import Program
from gft.model.fit import Fit
from gft.record_file import RECORD
from gft.registry import arguments
from gft.report.plan import Plan, PlanWithoutNet
from gft.storage.lock import held
from gft.storage.memory import check_some_left


def fit(program: Program, in_memory: DataSet | None = None) -> Fit:
    """Fine-tune `program.model` on `program.data` and return the fitted model.

    Raises `UserError` for mistakes, all before a weight is loaded and with nothing left
    behind, or if another process fits into the folder; `GftError` where a disk is full or damaged;
    and `Interrupted` when a signal stopped the training, with a checkpoint on disk. Several
    processes share the work; the first one writes. With `--seeds` it is done so many times.
    """
    mistakes = Mistakes()
    processes.join(program.options.of(Computing).use_cpu)
    folder = output_folder(program)
    with held(folder.path) if processes.is_first() else nullcontext():
        fitted = _fit_into(folder, program, mistakes, in_memory)
    if program.options.of(ExportAfter).export is not None:
        with processes.first_before_others():
            if processes.is_first():
                add_graph(fitted)
    return fitted


def _fit_into(
    folder: OutputFolder, program: Program, mistakes: Mistakes, in_memory: DataSet | None
) -> Fit:
    """Fit into a folder that no other fit writes to."""
    options = program.options
    with processes.first_before_others():
        if processes.is_first():
            folder.recover()
        state = mistakes.attempt(_state, program, folder)
    several, curve = options.of(Fitting).seeds, options.of(Fitting).learning_curve
    if state is State.FINISHED:
        lacking = lacks_linear(options, folder)
        if lacking:
            add_linear(prepare(program, folder, mistakes, in_memory))
            notes.note(f"the linear baseline is now in {folder.path / KEPT}")
        elif processes.is_first():
            folder.drop_checkpoints()
        if curve:
            forget_parts(folder)
        if not lacking:
            notes.note(
                f"{folder.path} holds this program's {'fits' if several else 'fit'} already; "
                "--overwrite_output_dir fits it again"
            )
        return opened(folder.path, options)
    seeds = each_seed(program, folder, mistakes) if several else {}
    parts = each_part(program, folder, mistakes) if curve else {}
    prepared = prepare(program, folder, mistakes, in_memory)
    if options.of(ExportAfter).export is not None:
        check_graphs(prepared.task)
    if curve:
        check_scored(prepared)
    if is_without_net(program):
        from gft.functions.fit_without_net import fit_without_net

        return fit_without_net(prepared)
    with Interruption().installed() as interruption:
        check_some_left()
        encoded = encode(prepared)
        if seeds:
            return fit_seeds(seeds, prepared, encoded, interruption)
        if curve:
            return fit_with_curve(parts, prepared, encoded, interruption)
        return run(prepared, encoded, interruption)[0]


def plan(program: Program, in_memory: DataSet | None = None) -> Plan | PlanWithoutNet:
    """Check a program as fit does, and say what it would do; nothing is written.

    Unless `--preprocessing_only`, a few steps are measured on a model with random weights. Raises
    `UserError` with every mistake found.
    """
    options, folder, mistakes = program.options, output_folder(program), Mistakes()
    training, computing = options.of(HandedOn), options.of(Computing)
    lora, fitting = options.of(LoraOptions), options.of(Fitting)
    state = mistakes.attempt(_state, program, folder)
    if fitting.learning_curve:
        each_part(program, folder, mistakes)
    prepared = prepare(program, folder, mistakes, in_memory)
    if fitting.learning_curve:
        check_scored(prepared)
    parts = rows_of_parts(prepared) if fitting.learning_curve else {}
    assert state is not None  # a mistake of the folder's was raised with all the others
    if is_without_net(program):
        from gft.functions.fit_without_net import plan_without_net

        return plan_without_net(prepared, state.value)
    from gft.engine.fitting import steps_of
    from gft.engine.precision import choose_precision

    encoded = encode(prepared)
    precision = choose_precision(computing.precision, computing.use_cpu)
    batch = training.per_device_train_batch_size * training.gradient_accumulation_steps
    _, steps = steps_of(len(encoded.stores["train"]), training)
    profiled = None
    if not fitting.preprocessing_only:
        from gft.engine.placed_model import place_model
        from gft.engine.profile import profile

        loaded = load_to_train(prepared, untrained=True)
        placed = place_model(loaded, options)
        profiled = profile(prepared.task, placed, encoded.stores, options, encoded.max_length)
        precision = placed.precision
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
        unread=encoded.unread,
        too_long=prepared.task.too_long(encoded.max_length),
        epochs=training.num_train_epochs,
        batch=batch,
        steps=steps,
        precision=precision.name,
        device=precision.device.type,
        reason=precision.reason,
        figure_of_merit=prepared.merit.name,
        folder=folder.path,
        state=state.value,
        weight_bytes=size,
        disk_bytes=None if size is None else checkpoints.bytes_needed(size, options),
        whole=lora.peft == "none" or lora.merge_lora,
        profile=profiled,
        seeds=fitting.seeds or 1,
        parts=tuple(map(len, parts.values())),
    )


def _state(program: Program, folder: OutputFolder) -> State:
    """Return the state of the folder. Raises `UserError` where it holds other corrections."""
    afresh = program.options.of(Folder).overwrite_output_dir
    state = folder.state(program.identity(arguments()), afresh)
    # What is to be cleared may be damaged: only that there is a fit counts then.
    record = {} if afresh and (folder.path / RECORD).exists() else folder.record()
    check_corrections(program.options, folder.path, record, afresh)
    return state
