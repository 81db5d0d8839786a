"""The table of arguments, beside the library's own."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any

import pytest

from gft.engine.options import BACKENDS, LOG_LEVELS, OPTIMIZERS, SCHEDULES, HandedOn
from gft.language.argument import FUNCTIONS, rows
from gft.language.command_line import normalize
from gft.language.older_names import OLDER, OLDER_VALUES
from gft.registry import arguments

TABLE = arguments()

EVER = (
    "output_dir", "overwrite_output_dir", "do_train", "do_eval", "do_predict",
    "evaluation_strategy", "prediction_loss_only", "per_device_train_batch_size",
    "per_device_eval_batch_size", "per_gpu_train_batch_size", "per_gpu_eval_batch_size",
    "gradient_accumulation_steps", "eval_accumulation_steps", "learning_rate", "weight_decay",
    "adam_beta1", "adam_beta2", "adam_epsilon", "max_grad_norm", "num_train_epochs",
    "max_steps", "lr_scheduler_type", "warmup_ratio", "warmup_steps", "log_level",
    "log_level_replica", "log_on_each_node", "logging_dir", "logging_strategy",
    "logging_first_step", "logging_steps", "logging_nan_inf_filter", "save_strategy",
    "save_steps", "save_total_limit", "save_on_each_node", "no_cuda", "seed", "fp16",
    "fp16_opt_level", "fp16_backend", "fp16_full_eval", "local_rank", "xpu_backend",
    "tpu_num_cores", "tpu_metrics_debug", "debug", "dataloader_drop_last", "eval_steps",
    "dataloader_num_workers", "past_index", "run_name", "disable_tqdm", "remove_unused_columns",
    "label_names", "load_best_model_at_end", "metric_for_best_model", "greater_is_better",
    "ignore_data_skip", "sharded_ddp", "deepspeed", "label_smoothing_factor", "adafactor",
    "group_by_length", "length_column_name", "report_to", "ddp_find_unused_parameters",
    "dataloader_pin_memory", "skip_memory_metrics", "use_legacy_prediction_loop", "push_to_hub",
    "resume_from_checkpoint", "hub_model_id", "hub_strategy", "hub_token",
    "gradient_checkpointing", "push_to_hub_model_id", "push_to_hub_organization",
    "push_to_hub_token", "mp_parameters", "eval_delay", "data_seed", "bf16",
    "half_precision_backend", "bf16_full_eval", "tf32", "optim", "ddp_bucket_cap_mb",
    "use_mps_device", "jit_mode_eval", "use_ipex", "fsdp", "fsdp_min_num_params",
    "fsdp_transformer_layer_cls_to_wrap", "optim_args", "hub_private_repo",
    "include_inputs_for_metrics", "auto_find_batch_size", "full_determinism", "torchdynamo",
    "ray_scope", "ddp_timeout", "torch_compile", "torch_compile_backend", "torch_compile_mode",
    "save_safetensors", "use_cpu", "ddp_backend", "fsdp_config", "ddp_broadcast_buffers",
    "hub_always_push", "dispatch_batches", "include_tokens_per_second", "lr_scheduler_kwargs",
    "save_only_model", "dataloader_prefetch_factor", "accelerator_config",
    "dataloader_persistent_workers", "gradient_checkpointing_kwargs", "eval_do_concat_batches",
    "split_batches", "include_num_input_tokens_seen", "neftune_noise_alpha",
    "optim_target_modules", "eval_strategy", "torch_empty_cache_steps",
    "restore_callback_states_from_checkpoint", "include_for_metrics", "batch_eval_metrics",
    "eval_on_start", "use_liger_kernel", "eval_use_gather_object",
    "average_tokens_across_devices", "parallelism_config", "project", "trackio_space_id",
    "hub_revision", "liger_kernel_config", "enable_jit_checkpoint", "use_cache",
)  # fmt: skip
"""Every field that `transformers.TrainingArguments` had in 4.12, 4.18, 4.26, 4.34, 4.40, 4.46,
4.52, 4.57 and 5.0."""

OURS: dict[str, Any] = {
    "train_sampling_strategy": "group_by_length",
    "per_device_eval_batch_size": None,
    "eval_strategy": "epoch",
    "save_strategy": "epoch",
    "load_best_model_at_end": True,
    "logging_steps": None,
    "log_level": "error",
    "log_level_replica": "error",
    "report_to": None,
    "debug": False,
    "do_train": True,
    "do_eval": True,
    "do_predict": True,
    "include_for_metrics": None,
}
"""Defaults that gft chose on purpose."""

TODAY: dict[str, tuple[Any, dict[str, Any]]] = {
    "evaluation_strategy": ("steps", {"eval_strategy": "steps"}),
    "evaluate_during_training": (True, {"eval_strategy": "steps"}),
    "group_by_length": (True, {"train_sampling_strategy": "group_by_length"}),
    "warmup_ratio": (0.1, {"warmup_steps": 0.1}),
    "no_cuda": (True, {"use_cpu": True}),
    "adafactor": (True, {"optim": "adafactor"}),
    "per_gpu_train_batch_size": (4, {"per_device_train_batch_size": 4}),
    "per_gpu_eval_batch_size": (4, {"per_device_eval_batch_size": 4}),
    "push_to_hub_token": ("t", {"hub_token": "t"}),
    "use_auth_token": ("t", {"hub_token": "t"}),
    "xpu_backend": ("ccl", {"ddp_backend": "xccl"}),
    "max_seq_length": (128, {"max_length": 128}),
    "fp16": (True, {"precision": "fp16"}),
    "bf16": (True, {"precision": "bf16"}),
    "metric_for_best_model": ("eval_f1", {"figure_of_merit": "f1"}),
    "greater_is_better": (False, {"better_figure_of_merit": -1}),
}  # fmt: skip


@pytest.fixture(scope="module")
def library() -> Any:
    import transformers

    return transformers


def defaults(library: Any) -> dict[str, Any]:
    """Return the library's fields with their defaults as plain values."""
    found = {}
    for field in dataclasses.fields(library.TrainingArguments):
        if not field.init:
            continue
        default = field.default
        if default is dataclasses.MISSING:
            factory = field.default_factory
            default = None if factory is dataclasses.MISSING else factory()
        found[field.name] = default.value if isinstance(default, Enum) else default
    return found


def test_the_table_has_every_field_with_the_librarys_default(library: Any) -> None:
    theirs = defaults(library)
    assert theirs.keys() <= TABLE.keys()
    for name, default in theirs.items():
        assert TABLE[name].default == OURS.get(name, default), name
    for name, ours in OURS.items():
        assert theirs[name] != ours, f"{name} is no longer a difference"


def test_only_fields_of_the_library_are_handed_on(library: Any) -> None:
    ours = {row.name for row in rows(HandedOn)}
    assert ours <= defaults(library).keys()


def test_choices_are_the_librarys(library: Any) -> None:
    from transformers.trainer_utils import SchedulerType
    from transformers.training_args import OptimizerNames, trainer_log_levels

    assert set(OPTIMIZERS) == {name.value for name in OptimizerNames}
    assert set(SCHEDULES) == {name.value for name in SchedulerType}
    assert set(LOG_LEVELS) == trainer_log_levels.keys()
    backend = library.TrainingArguments.__dataclass_fields__["ddp_backend"]
    assert set(BACKENDS) == set(backend.metadata["choices"])


@pytest.mark.parametrize("name", EVER)
def test_every_name_a_field_ever_had_is_taken(name: str) -> None:
    assert name in TABLE or name in OLDER


def test_an_older_name_has_a_successor_or_a_reason() -> None:
    for name, older in OLDER.items():
        assert name not in TABLE
        assert older.now in TABLE if older.now else older.reason, name
    for name, values in OLDER_VALUES.items():
        assert set(values.values()) <= set(TABLE[name].choices)
        assert not set(values) & set(TABLE[name].choices)


@pytest.mark.parametrize("name", TODAY)
def test_what_an_older_name_means_today(name: str) -> None:
    value, today = TODAY[name]
    assert normalize("fit", {name: value}, TABLE).given == today


@pytest.mark.parametrize("name", sorted(name for name in OLDER if OLDER[name].now is None))
def test_a_name_without_a_successor_has_no_effect_and_says_so(name: str) -> None:
    parsed = normalize("fit", {name: "anything"}, TABLE)
    assert parsed.given == {}
    assert parsed.notes == (f"--{name} has no effect: {OLDER[name].reason}",)


def test_a_share_of_warm_up_stays_a_share() -> None:
    steps = normalize("fit", {"warmup_ratio": 1.0}, TABLE).given["warmup_steps"]
    assert 0.99 < steps < 1
    both = normalize("fit", {"warmup_ratio": 0.1, "warmup_steps": 0}, TABLE)
    assert both.given == {"warmup_steps": 0.1}
    assert normalize("fit", {"warmup_ratio": 0.0}, TABLE).given == {}


def test_every_argument_is_well_described() -> None:
    kinds = {"text", "whole", "number", "flag", "flag or text", "texts", "json"}
    for name, argument in TABLE.items():
        assert argument.kind in kinds, name
        assert argument.help and "\n" not in argument.help, name
        assert argument.functions and argument.functions <= set(FUNCTIONS), name
        default = argument.default
        if default is None:
            continue
        if argument.choices:
            assert str(default) in argument.choices, name
        if argument.kind == "number":
            # 0 and 0.0 are equal and are not the same JSON: identities are compared as JSON.
            assert type(default) is float, name
        if argument.kind in ("whole", "flag"):
            assert type(default) is {"whole": int, "flag": bool}[argument.kind], name


def test_short_forms() -> None:
    shorts = {argument.short: name for name, argument in TABLE.items() if argument.short}
    assert shorts == {
        "d": "data", "m": "model", "e": "eqn", "s": "splits", "o": "output_dir"}  # fmt: skip


@pytest.mark.parametrize("name", ["output_dir", "overwrite_output_dir", "report_to", "use_cpu"])
def test_where_it_runs_and_reports_is_no_identity(name: str) -> None:
    assert not TABLE[name].identity


@pytest.mark.parametrize("name", ["hub_token", "cache_dir", "trust_remote_code"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_a_download_needs_acts_in_every_command(name: str, function: str) -> None:
    assert function in TABLE[name].functions
