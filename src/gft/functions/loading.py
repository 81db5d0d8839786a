"""The model of a fit: whether it can be trained so, and its weights."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gft.adapters.layers import lora_targets, trained_whole
from gft.adapters.lora import LORA, adapted, add_lora, check_lora, merge
from gft.adapters.options import LoraOptions
from gft.engine.options import Computing, HandedOn
from gft.engine.precision import check_of_model
from gft.errors import UserError, listed
from gft.functions.model_fields import freeze
from gft.language.program import Options
from gft.metrics.protocol import Measure
from gft.record_file import read_record
from gft.request import ModelRequest

if TYPE_CHECKING:
    from gft.data.table import Rows
    from gft.engine.inference import Predictor
    from gft.functions.preparing import Prepared
    from gft.suppliers.protocol import Loaded, ModelSource
    from gft.tasks.protocol import Readied, Task


def check_trainable(source: ModelSource, options: Options) -> None:
    """Raise `UserError` for a model that is no net, or takes no LoRA where that is wanted."""
    check_lora(options, source.origin)
    check_of_model(options.of(Computing).precision)
    model = source.without_net()
    if model is not None:
        raise UserError(
            f"{source.spec} is a {model.what}, not a neural network; gft_fit fits linear "
            "baselines by itself, and --model takes a neural network"
        )


def about_effects(source: ModelSource, task: Task) -> str | None:
    """Return a note of effects that the model has already, None where it has none."""
    record = read_record(source.folder) if source.folder else None
    terms = record.get("model", {}).get("covariates") if record else None
    if not terms:
        return None
    if task.covariates is None:
        return (
            f"the effects of {listed(terms)} that {source.spec} has are left out: the equation has "
            "no covariates, and the fit begins with the net alone"
        )
    return (
        f"the effects of {listed(terms)} that {source.spec} has are left out: those of covariates "
        "are learned anew, by what this train holds"
    )


def trainable(
    options: Options, made: Readied, request: ModelRequest, merit: Measure, source: ModelSource
) -> ModelRequest:
    """Return the request of the model. Raises `UserError` where it cannot be trained so."""
    from gft.engine.refused import check_training

    rows = made.rows
    if made.task.covariates is not None:
        _check_whole(options)
    check_training(
        options,
        len(rows["train"]),
        "val" in rows,
        merit,
        str(source.spec),
        lambda: skeleton_of(source, request),
    )
    return request


def _check_whole(options: Options) -> None:
    """Raise `UserError` where weights are sharded: the effects of covariates are kept whole."""
    name = _sharded_by(options)
    if name:
        raise UserError(
            f"{name}: covariates are not trained beside sharded weights; leave it out (several "
            "processes train them without it), or leave the covariates out"
        )


def _sharded_by(options: Options) -> str | None:
    """Return the argument that lets each process hold a part of the weights, None without one."""
    training = options.of(HandedOn)
    if training.fsdp or os.environ.get("ACCELERATE_USE_FSDP") == "true":
        return "--fsdp"
    if training.deepspeed or os.environ.get("ACCELERATE_USE_DEEPSPEED") == "true":
        return "--deepspeed"
    return None


def skeleton_of(source: ModelSource, request: ModelRequest) -> Any:
    """Return the layers of a model, without weights."""
    import torch

    with torch.device("meta"):
        return source.untrained(request).model


def load_to_train(prepared: Prepared, untrained: bool = False) -> Loaded:
    """Return the model to train, with random weights if `untrained`; with LoRA if it is wanted.

    It has effects of covariates, if its task has any. A model that is an adapter is merged with the
    one it is for. Raises `UserError`, before a weight is loaded, when there are no such layers
    to adapt.
    """
    from gft.engine.output_units import begin_in_units

    source, request, options = prepared.source, prepared.request, prepared.program.options
    if options.of(LoraOptions).lora_target_modules:
        skeleton = skeleton_of(source, request)
        whole = trained_whole(skeleton, request.head, ())
        lora_targets(skeleton, options.of(LoraOptions).lora_target_modules, str(source.spec), whole)
    loaded = (source.untrained if untrained else source.load)(request)
    if adapted(loaded.model):
        merge(loaded.model)
    loaded.processor = prepared.processor
    freeze(loaded.model, options)
    means, spreads = prepared.task.middles_and_spreads(prepared.golds["train"])
    if _sharded_by(options) is None:
        begin_in_units(loaded.model, loaded.new_weights, means, spreads)
    if options.of(LoraOptions).peft == LORA:
        add_lora(
            loaded.model, request.head, loaded.new_weights, options, source.origin, str(source.spec)
        )
    _attach_effects(loaded, prepared.task, prepared.golds["train"])
    return loaded


def _attach_effects(loaded: Loaded, task: Task, golds: Sequence[Any]) -> None:
    """Give a model effects of covariates, which are 0 so far, if its task has covariates."""
    import numpy as np

    from gft.covariates.effects import Effects
    from gft.engine.effects import attach

    if task.covariates is None:
        return
    width = task.covariates.fitted_design.width
    nothing = np.zeros((len(task.labels), width), np.float32)
    attach(loaded.model, Effects(nothing, nothing[0]), *task.middles_and_spreads(golds))


def begin_effects(predictor: Predictor, rows: Rows, golds: Sequence[Any]) -> None:
    """Give the effects of a model's covariates, if it has any, what they begin with.

    `rows` and `golds` are those of train. Some of its texts are read by the net for that.
    """
    import numpy as np

    from gft.covariates.first_weights import MOST_STATES, components, looked_at, worth_states
    from gft.engine.effects import set_weights
    from gft.engine.features import WINDOW
    from gft.engine.states import states_of

    task = predictor.task
    if task.covariates is None:
        return
    design = task.covariates.fitted_design
    some, states = looked_at(len(rows), design.width, MOST_STATES), None
    if worth_states(len(some), len(task.labels), design.widths):
        states = states_of(predictor, rows.select(some).batches(list(task.texts), WINDOW))
    if states is None:
        some = looked_at(len(rows), design.width)
    parts = rows.select(some).batches(list(task.covariates.columns), WINDOW)
    numbers = np.concatenate([task.covariates.of(task.read_covariates(part)) for part in parts])
    chosen = [golds[n] for n in some.tolist()]
    known = None if states is None else components(states)
    set_weights(predictor.placed.model, task.first_weights(numbers, chosen, known))
