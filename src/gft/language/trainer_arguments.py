"""The fields of `transformers.TrainingArguments`, with gft's defaults and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NOT_DISTRIBUTED = "gft decides this itself"


@dataclass(frozen=True)
class Field:
    """One field. `handed_on` ones reach the library unchanged; gft acts on the others itself."""

    name: str
    kind: str
    default: Any
    help: str
    common: bool = False
    handed_on: bool = True
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    above: float | None = None
    no_effect: str | None = None


STRATEGIES = ("no", "steps", "epoch", "best")
LOG_LEVELS = ("detail", "debug", "info", "warning", "error", "critical", "passive")
BACKENDS = ("nccl", "gloo", "mpi", "xccl", "hccl", "cncl", "mccl")
SCHEDULES = (
    "linear", "cosine", "cosine_with_restarts", "polynomial", "constant",
    "constant_with_warmup", "inverse_sqrt", "reduce_lr_on_plateau", "cosine_with_min_lr",
    "cosine_warmup_with_min_lr", "warmup_stable_decay", "greedy",
)  # fmt: skip
OPTIMIZERS = (
    "adamw_torch", "adamw_torch_fused", "adamw_torch_xla", "adamw_torch_npu_fused", "adafactor",
    "adamw_anyprecision", "adamw_torch_4bit", "adamw_torch_8bit", "ademamix", "sgd", "adagrad",
    "adamw_bnb_8bit", "adamw_8bit", "ademamix_8bit", "lion_8bit", "lion_32bit",
    "paged_adamw_32bit", "paged_adamw_8bit", "paged_ademamix_32bit", "paged_ademamix_8bit",
    "paged_lion_32bit", "paged_lion_8bit", "rmsprop", "rmsprop_bnb", "rmsprop_bnb_8bit",
    "rmsprop_bnb_32bit", "galore_adamw", "galore_adamw_8bit", "galore_adafactor",
    "galore_adamw_layerwise", "galore_adamw_8bit_layerwise", "galore_adafactor_layerwise",
    "lomo", "adalomo", "grokadamw", "schedule_free_radam", "schedule_free_adamw",
    "schedule_free_sgd", "apollo_adamw", "apollo_adamw_layerwise", "stable_adamw",
)  # fmt: skip

FIELDS = (
    Field("num_train_epochs", "number", 3.0, "passes over the train split", True, least=0),
    Field("per_device_train_batch_size", "whole", 8, "rows per step and device", True, least=1),
    Field(
        "per_device_eval_batch_size",
        "whole",
        None,
        "rows per batch of prediction (32)",
        True,
        False,
        least=1,
    ),
    Field("learning_rate", "number", 5e-5, "step size of the optimizer", True, least=0),
    Field(
        "seed", "whole", 42, "same seed, same machine: same figures", True, least=0, most=2**32 - 1
    ),
    Field("gradient_accumulation_steps", "whole", 1, "batches per step", least=1),
    Field("max_steps", "whole", -1, "stop after so many steps instead of epochs", least=-1),
    Field(
        "warmup_steps",
        "number",
        0.0,
        "steps, or share of steps below 1, of growing step size",
        True,
        least=0,
    ),
    Field("weight_decay", "number", 0.0, "pull of the weights towards 0", least=0),
    Field(
        "label_smoothing_factor",
        "number",
        0.0,
        "share of each label given to all classes",
        False,
        False,
        least=0,
        most=1,
    ),
    Field(
        "eval_strategy",
        "text",
        "epoch",
        "when to score val: epoch, steps or no",
        True,
        choices=STRATEGIES[:3],
    ),
    Field(
        "eval_steps",
        "number",
        None,
        "steps between scorings, with --eval_strategy steps",
        above=0,
    ),
    Field("load_best_model_at_end", "flag", True, "keep the best epoch, not the last", True, False),
    Field(
        "logging_steps",
        "number",
        None,
        "steps between rows of history.csv (20 rows an epoch)",
        False,
        False,
        above=0,
    ),
    Field("use_cpu", "flag", False, "leave a GPU alone", True),
    Field(
        "train_sampling_strategy",
        "text",
        "group_by_length",
        "group_by_length (batches of similar lengths, shuffled), random or sequential",
        False,
        False,
        choices=("random", "sequential", "group_by_length"),
    ),
    Field(
        "lr_scheduler_type",
        "text",
        "linear",
        "how the step size falls: linear, cosine, constant",
        choices=SCHEDULES,
    ),
    Field("lr_scheduler_kwargs", "json", None, "settings of that schedule"),
    Field("optim", "text", "adamw_torch_fused", "the optimizer", choices=OPTIMIZERS),
    Field("optim_args", "text", None, "settings of the optimizer"),
    Field("adam_beta1", "number", 0.9, "AdamW's first decay rate", least=0, most=1),
    Field("adam_beta2", "number", 0.999, "AdamW's second decay rate", least=0, most=1),
    Field("adam_epsilon", "number", 1e-8, "AdamW's epsilon", least=0),
    Field("optim_target_modules", "texts", None, "modules that GaLore-like optimizers act on"),
    Field("max_grad_norm", "number", 1.0, "longest gradient; longer ones are scaled down", least=0),
    Field(
        "average_tokens_across_devices",
        "flag",
        True,
        "accepted",
        handed_on=False,
        no_effect="the loss is a mean over rows",
    ),
    Field("bf16", "flag", False, "the same as --precision bf16", handed_on=False),
    Field("fp16", "flag", False, "the same as --precision fp16", handed_on=False),
    Field(
        "bf16_full_eval",
        "flag",
        False,
        "accepted",
        handed_on=False,
        no_effect="scores are computed in --precision",
    ),
    Field(
        "fp16_full_eval",
        "flag",
        False,
        "accepted",
        handed_on=False,
        no_effect="scores are computed in --precision",
    ),
    Field("tf32", "flag", None, "TF32 on NVIDIA GPUs"),
    Field("activation_checkpointing", "flag", None, "less memory, more time"),
    Field("activation_checkpointing_kwargs", "json", None, "settings of that"),
    Field("gradient_checkpointing", "flag", None, "less memory, more time"),
    Field("gradient_checkpointing_kwargs", "json", None, "settings of that"),
    Field("torch_compile", "flag", False, "compile the model first"),
    Field("torch_compile_backend", "text", None, "with which backend"),
    Field("torch_compile_mode", "text", None, "in which mode"),
    Field("use_liger_kernel", "flag", False, "Liger's kernels on a GPU"),
    Field("liger_kernel_config", "json", None, "settings of those"),
    Field("use_cache", "flag", False, "keep key-value caches while training"),
    Field("neftune_noise_alpha", "number", None, "noise in the embeddings"),
    Field(
        "torch_empty_cache_steps",
        "whole",
        None,
        "steps between emptyings of the GPU's cache",
        least=1,
    ),
    Field("auto_find_batch_size", "flag", False, "halve the batch when memory runs out"),
    Field(
        "logging_strategy",
        "text",
        "steps",
        "when to write a row of history.csv",
        choices=STRATEGIES[:3],
    ),
    Field("logging_first_step", "flag", False, "write one for the first step too"),
    Field("log_on_each_node", "flag", True, "log on every machine"),
    Field("logging_nan_inf_filter", "flag", True, "leave nan and inf out of logged losses"),
    Field(
        "include_num_input_tokens_seen",
        "flag or text",
        "no",
        "count tokens: all, non_padding or no",
        choices=("no", "all", "non_padding"),
    ),
    Field("log_level", "text", "error", "how much the library says", choices=LOG_LEVELS),
    Field("log_level_replica", "text", "error", "the same on other processes", choices=LOG_LEVELS),
    Field("disable_tqdm", "flag", None, "no progress bar", handed_on=False),
    Field("report_to", "texts", None, "trackers: tensorboard, wandb, mlflow, trackio"),
    Field("run_name", "text", None, "name of the run in trackers"),
    Field("project", "text", "huggingface", "project in trackers"),
    Field("trackio_space_id", "text", None, "space of trackio"),
    Field("trackio_bucket_id", "text", None, "bucket of trackio"),
    Field("trackio_static_space_id", "text", None, "static space of trackio"),
    Field("eval_delay", "number", 0.0, "epochs or steps before the first scoring", least=0),
    Field(
        "prediction_loss_only",
        "flag",
        False,
        "accepted",
        handed_on=False,
        no_effect="val is always scored by figures",
    ),
    Field("eval_on_start", "flag", False, "score val before training"),
    Field(
        "eval_do_concat_batches",
        "flag",
        True,
        "accepted",
        handed_on=False,
        no_effect=NOT_DISTRIBUTED,
    ),
    Field(
        "eval_use_gather_object",
        "flag",
        False,
        "accepted",
        handed_on=False,
        no_effect=NOT_DISTRIBUTED,
    ),
    Field(
        "eval_accumulation_steps",
        "whole",
        None,
        "accepted",
        handed_on=False,
        no_effect="scores never pile up on the device",
    ),
    Field(
        "include_for_metrics", "texts", None, "accepted", handed_on=False, no_effect=NOT_DISTRIBUTED
    ),
    Field(
        "batch_eval_metrics", "flag", False, "accepted", handed_on=False, no_effect=NOT_DISTRIBUTED
    ),
    Field(
        "save_only_model",
        "flag",
        False,
        "accepted",
        handed_on=False,
        no_effect="a checkpoint without the optimizer could not be resumed",
    ),
    Field(
        "save_strategy",
        "text",
        "epoch",
        "when to save besides every scoring and ten minutes",
        choices=STRATEGIES,
    ),
    Field(
        "save_steps", "number", 500.0, "steps between saves, with --save_strategy steps", above=0
    ),
    Field("save_on_each_node", "flag", False, "save on every machine"),
    Field(
        "save_total_limit",
        "whole",
        None,
        "accepted",
        handed_on=False,
        no_effect="the best and the last checkpoint are kept until the fit is finished",
    ),
    Field(
        "enable_jit_checkpoint",
        "flag",
        False,
        "accepted",
        handed_on=False,
        no_effect="a signal always saves a checkpoint",
    ),
    Field(
        "push_to_hub",
        "flag",
        False,
        "accepted",
        handed_on=False,
        no_effect="upload the folder with 'hf upload'",
    ),
    Field(
        "hub_token", "text", None, "token for the hub (better: 'hf auth login')", handed_on=False
    ),
    Field(
        "hub_private_repo",
        "flag",
        None,
        "accepted",
        handed_on=False,
        no_effect="upload the folder with 'hf upload'",
    ),
    Field(
        "hub_model_id",
        "text",
        None,
        "accepted",
        handed_on=False,
        no_effect="upload the folder with 'hf upload'",
    ),
    Field(
        "hub_strategy",
        "text",
        "every_save",
        "accepted",
        handed_on=False,
        no_effect="upload the folder with 'hf upload'",
    ),
    Field(
        "hub_always_push",
        "flag",
        False,
        "accepted",
        handed_on=False,
        no_effect="upload the folder with 'hf upload'",
    ),
    Field(
        "hub_revision",
        "text",
        None,
        "accepted",
        handed_on=False,
        no_effect="upload the folder with 'hf upload'",
    ),
    Field("metric_for_best_model", "text", None, "the same as --figure_of_merit", handed_on=False),
    Field(
        "greater_is_better", "flag", None, "the same as --better_figure_of_merit", handed_on=False
    ),
    Field(
        "ignore_data_skip",
        "flag",
        False,
        "accepted",
        handed_on=False,
        no_effect="going on takes the very next row",
    ),
    Field(
        "restore_callback_states_from_checkpoint",
        "flag",
        False,
        "accepted",
        handed_on=False,
        no_effect=NOT_DISTRIBUTED,
    ),
    Field("full_determinism", "flag", False, "slower, and the same figures on a GPU too"),
    Field(
        "data_seed", "whole", None, "seed of the order of rows (--seed)", handed_on=False, least=0
    ),
    Field("accelerator_config", "json", None, "settings of accelerate"),
    Field(
        "parallelism_config",
        "json",
        None,
        "accepted",
        handed_on=False,
        no_effect="use accelerate's own configuration",
    ),
    Field("dataloader_drop_last", "flag", False, "leave out an incomplete last batch"),
    Field("dataloader_num_workers", "whole", 0, "processes that make batches", least=0),
    Field("dataloader_pin_memory", "flag", True, "faster copies to a GPU"),
    Field("dataloader_persistent_workers", "flag", False, "keep those processes"),
    Field("dataloader_prefetch_factor", "whole", None, "batches made ahead by each", least=1),
    Field("dataloader_multiprocessing_context", "text", None, "how they are started"),
    Field("dataloader_in_order", "flag", True, "take their batches in order"),
    Field(
        "remove_unused_columns",
        "flag",
        True,
        "accepted",
        handed_on=False,
        no_effect="the equation says which columns are used",
    ),
    Field(
        "label_names",
        "texts",
        None,
        "accepted",
        handed_on=False,
        no_effect="the equation says which columns are used",
    ),
    Field(
        "length_column_name",
        "text",
        "length",
        "accepted",
        handed_on=False,
        no_effect="lengths are counted",
    ),
    Field("ddp_find_unused_parameters", "flag", None, "for several processes"),
    Field("ddp_bucket_cap_mb", "whole", None, "for several processes", least=1),
    Field("ddp_broadcast_buffers", "flag", None, "for several processes"),
    Field("ddp_static_graph", "flag", None, "for several processes"),
    Field("ddp_backend", "text", None, "for several processes", choices=BACKENDS),
    Field("ddp_timeout", "whole", 1800, "for several processes, in seconds", least=1),
    Field("fsdp", "flag or text", None, "fully sharded training"),
    Field("fsdp_config", "json", None, "settings of that"),
    Field("deepspeed", "json", None, "a DeepSpeed configuration"),
    Field(
        "skip_memory_metrics",
        "flag",
        True,
        "accepted",
        handed_on=False,
        no_effect="metrics.json has the peak memory",
    ),
    Field("do_train", "flag", True, "accepted", handed_on=False, no_effect="gft_fit trains"),
    Field(
        "do_eval",
        "flag",
        True,
        "accepted",
        handed_on=False,
        no_effect="gft_fit scores val and test",
    ),
    Field(
        "do_predict",
        "flag",
        True,
        "accepted",
        handed_on=False,
        no_effect="gft_fit scores val and test",
    ),
    Field(
        "resume_from_checkpoint",
        "flag or text",
        None,
        "accepted",
        handed_on=False,
        no_effect="the same program in the same folder goes on by itself",
    ),
    Field(
        "local_rank",
        "whole",
        -1,
        "accepted",
        handed_on=False,
        no_effect="the launcher says it in the environment",
    ),
)

NOT_IDENTITY = frozenset(
    {
        "disable_tqdm",
        "log_level",
        "log_level_replica",
        "log_on_each_node",
        "logging_steps",
        "logging_strategy",
        "logging_first_step",
        "logging_nan_inf_filter",
        "report_to",
        "run_name",
        "project",
        "trackio_space_id",
        "trackio_bucket_id",
        "trackio_static_space_id",
        "use_cpu",
        "save_strategy",
        "save_steps",
        "save_on_each_node",
        "hub_token",
        "ddp_backend",
        "ddp_timeout",
        "dataloader_num_workers",
        "dataloader_pin_memory",
        "dataloader_persistent_workers",
        "dataloader_prefetch_factor",
        "dataloader_multiprocessing_context",
        "dataloader_in_order",
        "per_device_eval_batch_size",
        "include_num_input_tokens_seen",
        *(field.name for field in FIELDS if field.no_effect),
    }
)
"""Fields that change how a run reports or where it runs, not what comes out."""
