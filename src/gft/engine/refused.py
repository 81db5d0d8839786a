"""Arguments that transformers may refuse are tried before a model is loaded.

They train a model of a few weights for two steps (`engine/dummy_model.py`): whatever an optimizer,
a schedule, a launcher's settings or a missing package has against them is reported by their names.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection
from importlib.util import find_spec
from inspect import Parameter, signature
from typing import Any

import torch

from gft import processes
from gft.engine.dummy_model import try_arguments
from gft.engine.fitting import steps_of
from gft.engine.options import Computing, HandedOn
from gft.engine.precision import Precision, choose_precision
from gft.engine.settings import settings_in
from gft.engine.untouched import nothing_left
from gft.errors import UserError, listed, no_such
from gft.language.program import Options
from gft.metrics.protocol import Measure

Skeleton = Callable[[], torch.nn.Module]
LONGEST_MESSAGE = 300
COUNTED = 2**53
"""The most steps that can be counted one by one in floating point."""
UNREFUSED = frozenset({
    "num_train_epochs", "per_device_train_batch_size", "learning_rate", "seed",
    "gradient_accumulation_steps", "max_steps", "warmup_steps", "weight_decay", "eval_strategy",
    "max_grad_norm", "logging_strategy", "logging_first_step", "save_strategy", "report_to",
    "run_name", "full_determinism", "eval_on_start", "dataloader_drop_last",
})  # fmt: skip
"""Arguments that are never refused once they are within the limits of their table."""
_PASSED = {"optimizer", "num_warmup_steps", "num_training_steps", "last_epoch"}
"""What transformers itself passes to a schedule."""
DISTRIBUTING = ("split_batches", "dispatch_batches", "even_batches")
"""Settings of accelerate that distribute rows over processes in another way."""


def check_training(
    options: Options, rows: int, scored: bool, merit: Measure, name: str, skeleton: Skeleton
) -> None:
    """Raise `UserError` for arguments with which a model called `name` cannot be trained.

    `rows` are those of train; `scored` says whether there are any of val. `skeleton` returns the
    model's layers, and is called only if an argument depends on them.
    """
    training, computing = options.of(HandedOn), options.of(Computing)
    scored = scored and training.eval_strategy != "no"
    check_arguments(options, computing.precision, computing.use_cpu, rows, scored, merit)
    if _depends_on_model(training):
        check_model(skeleton(), options, name)


def check_arguments(
    options: Options, precision: str, use_cpu: bool, rows: int, scored: bool, merit: Measure
) -> None:
    """Raise `UserError` for arguments with which transformers cannot train on so many rows.

    `scored` says whether val is scored during training. The trial leaves no trace.
    """
    training = options.of(HandedOn)
    _check_steps(training, rows)
    _check_settings(training)
    own = [row for row in options.given if row in _NAMES]
    wanted = _settled(precision, use_cpu)
    tried = [name for name in own if name not in UNREFUSED]
    if not tried and (precision == "auto" or wanted.device.type == "cpu"):
        return

    def problem(tested: Options) -> str | None:
        try:
            try_arguments(tested, wanted, rows, scored, merit)
        except UserError:
            raise
        except Exception as found:
            return _line(found)
        return None

    with nothing_left(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        message = problem(options)
        if message is None:
            return
        guilty = [name for name in tried if problem(_without(options, [name])) is None]
        if not guilty and problem(_without(options, tried)) is not None:
            raise UserError(f"--precision {precision}: {message}")
    arguments = " with ".join(_written(name, options) for name in guilty or tried)
    raise UserError(f"{arguments}: {message}")


_NAMES = frozenset(name for name in vars(HandedOn) if not name.startswith("_"))


def _check_steps(training: HandedOn, rows: int) -> None:
    """Raise `UserError` if there is no step, or more steps than can be counted."""
    try:
        _, steps = steps_of(rows, training)
    except OverflowError:
        steps = COUNTED + 1
    if steps > COUNTED:
        name = "max_steps" if training.max_steps > 0 else "num_train_epochs"
        raise UserError(
            f"--{name} {getattr(training, name):g}: more steps than can be counted; use a few "
            "epochs"
        )
    of_step = training.per_device_train_batch_size * training.gradient_accumulation_steps
    of_step *= processes.count()
    if training.dataloader_drop_last and rows < of_step:
        raise UserError(
            f"--dataloader_drop_last leaves nothing to train on: train has {rows:,} rows and a "
            f"step takes {of_step:,}; leave it out, or use a smaller batch"
        )


def _check_settings(training: HandedOn) -> None:
    """Raise `UserError` for settings of accelerate or of a schedule that do not exist."""
    from transformers.trainer_pt_utils import AcceleratorConfig

    if training.accelerator_config is not None:
        settings = settings_in("--accelerator_config", training.accelerator_config)
        _check_names("--accelerator_config", settings, _settings_of(AcceleratorConfig))
        usual = AcceleratorConfig()
        for name in DISTRIBUTING:
            if settings.get(name, getattr(usual, name)) != getattr(usual, name):
                raise UserError(
                    f"--accelerator_config: {name}: gft distributes the rows of a step over "
                    "processes itself; leave it out"
                )
        of_steps = settings.get("gradient_accumulation_kwargs") or {}
        option = "--accelerator_config: gradient_accumulation_kwargs"
        if not isinstance(of_steps, dict):
            raise UserError(f"{option}: expected a JSON object, found {of_steps!r}")
        if "num_steps" in of_steps:
            raise UserError(f"{option}: num_steps: use --gradient_accumulation_steps instead")
    _check_schedule(training)
    for one in (training.optim_args or "").split(","):
        if training.optim_args and "=" not in one:
            raise UserError(
                f"--optim_args {training.optim_args}: expected NAME=VALUE,NAME=VALUE, found {one!r}"
            )
    if training.deepspeed is not None:
        settings_in("--deepspeed", training.deepspeed)
        if find_spec("deepspeed") is None:
            problem = "the package deepspeed is not installed: pip install deepspeed"
            raise UserError(f"--deepspeed: {problem}")


def _check_schedule(training: HandedOn) -> None:
    """Raise `UserError` for settings that a schedule does not have, and for missing ones."""
    from transformers import SchedulerType
    from transformers.optimization import TYPE_TO_SCHEDULER_FUNCTION

    name = training.lr_scheduler_type
    schedule = TYPE_TO_SCHEDULER_FUNCTION[SchedulerType(name)]
    kwargs = training.lr_scheduler_kwargs
    settings = {} if kwargs is None else settings_in("--lr_scheduler_kwargs", kwargs)
    option = f"--lr_scheduler_kwargs of {name}"
    _check_names(option, settings, _settings_of(schedule))
    for one in signature(schedule).parameters.values():
        required = one.default is Parameter.empty and one.kind is Parameter.POSITIONAL_OR_KEYWORD
        if required and one.name not in {*settings, *_PASSED}:
            raise UserError(
                f"--lr_scheduler_type {name} needs {one.name}, a number in --lr_scheduler_kwargs: "
                f"'{{\"{one.name}\": 100}}'"
            )


def _settings_of(made: Any) -> set[str] | None:
    """Return the names that a function or class takes, None where it takes any."""
    found = signature(made).parameters.values()
    if any(one.kind is Parameter.VAR_KEYWORD for one in found):
        return None
    return {one.name for one in found} - _PASSED


def _check_names(option: str, settings: Collection[str], known: set[str] | None) -> None:
    for name in settings:
        if known is not None and name not in known:
            there = no_such("setting", name, sorted(known))
            raise UserError(
                f"{option}: {there if known else f'it has no settings, found {name!r}'}"
            )


def _settled(precision: str, use_cpu: bool) -> Precision:
    """Return the requested precision on a GPU; on a CPU fp32, as any precision works there."""
    found = choose_precision("auto", use_cpu)
    if found.device.type == "cpu":
        return Precision("fp32", found.device, "")
    return Precision(found.name if precision == "auto" else precision, found.device, "")


def _without(options: Options, names: Collection[str]) -> Options:
    return Options({name: one for name, one in options.given.items() if name not in names})


def _written(name: str, options: Options) -> str:
    """Return an argument as it was written; only the name if its value is an object."""
    value = options.given[name]
    if value is True or isinstance(value, dict):
        return f"--{name}"
    return f"--{name} {' '.join(map(str, value)) if isinstance(value, list | tuple) else value}"


def _line(problem: Exception) -> str:
    """Return an exception as one line, with its type where the message alone says little."""
    text = " ".join(str(problem).split())
    if not isinstance(problem, ValueError | ImportError | RuntimeError):
        text = f"{type(problem).__name__}: {text}"
    return f"{text[:LONGEST_MESSAGE].rstrip('.')}" or type(problem).__name__


def check_model(model: torch.nn.Module, options: Options, name: str) -> None:
    """Raise `UserError` for arguments that a model of these layers cannot be trained with."""
    training, architecture = options.of(HandedOn), type(model).__name__
    able: Any = model
    for option in ("gradient_checkpointing", "activation_checkpointing"):
        if getattr(training, option) and not able.supports_gradient_checkpointing:
            raise UserError(
                f"--{option}: {name} is a {architecture}, which does not support it; leave it out"
            )
    if training.neftune_noise_alpha is not None:
        try:
            table = able.get_input_embeddings()
        except (NotImplementedError, AttributeError):
            table = None
        if not isinstance(table, torch.nn.Embedding):
            raise UserError(
                f"--neftune_noise_alpha: {name} is a {architecture}, which has no token "
                "embeddings; leave it out"
            )
    targets = training.optim_target_modules
    if targets:
        from transformers.trainer_utils import check_target_module_exists

        layers = [one for one, layer in model.named_modules() if isinstance(layer, torch.nn.Linear)]
        wanted: Any = "all-linear" if "all-linear" in targets else list(targets)
        every = wanted == "all-linear"
        if not every and not any(check_target_module_exists(wanted, layer) for layer in layers):
            ends = sorted({layer.rpartition(".")[2] for layer in layers})
            raise UserError(
                f"--optim_target_modules {' '.join(targets)}: {name} has no such layer; "
                f"available: {listed(ends)}"
            )


def _depends_on_model(training: HandedOn) -> bool:
    """Say whether there is an argument that not every model supports."""
    return bool(
        training.gradient_checkpointing
        or training.activation_checkpointing
        or training.optim_target_modules
        or training.neftune_noise_alpha is not None
    )
