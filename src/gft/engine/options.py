"""The arguments of training: the fields of `transformers.TrainingArguments`, and a few more."""

from __future__ import annotations

from typing import Any, TypeVar

from gft.language.argument import (
    EVERY,
    FIT,
    OUTPUT,
    RUNS_MODEL,
    SPEED,
    TRAINER,
    TRAINING,
    WITHOUT_EFFECT,
    Arguments,
    Json,
    argument,
)

T = TypeVar("T")

LARGEST_BATCH = 2**31 - 1
MOST_WORKERS = 1024
STRATEGIES = ("no", "steps", "epoch", "best")
LOG_LEVELS = ("detail", "debug", "info", "warning", "error", "critical", "passive")
BACKENDS = ("nccl", "gloo", "mpi", "xccl", "hccl", "cncl", "mccl")
SCHEDULES = (
    "linear", "cosine", "cosine_with_restarts", "polynomial", "constant",
    "constant_with_warmup", "inverse_sqrt", "reduce_lr_on_plateau", "cosine_with_min_lr",
    "cosine_warmup_with_min_lr", "warmup_stable_decay", "greedy"
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
    "schedule_free_sgd", "apollo_adamw", "apollo_adamw_layerwise", "stable_adamw"
)  # fmt: skip


def _field(default: T, help: str, **more: Any) -> T:
    return argument(default, help, TRAINING if more.get("common") else TRAINER, FIT, **more)


def _idle(default: T, why: str, functions: frozenset[str] = FIT) -> T:
    return argument(default, "accepted", WITHOUT_EFFECT, functions, identity=False, no_effect=why)


# fmt: off
class Computing(Arguments):
    """Where a model computes, how precisely, and how fast."""

    precision: str = argument("auto", "auto, fp32, bf16, fp16; of a graph fp32, bf16, int8", SPEED, RUNS_MODEL, choices=("auto", "fp32", "bf16", "fp16", "int8"), common=True)
    use_cpu: bool = argument(False, "run on the CPU, even if there is a GPU", TRAINING, RUNS_MODEL, identity=False, common=True)
    fast_cpu: bool = argument(True, "gft's fast path, which is tested before it is used; false: as PyTorch and transformers compute", SPEED, RUNS_MODEL)
    cores: int | None = argument(None, "CPU cores to compute on (all)", SPEED, RUNS_MODEL, identity=False, least=1)


class HandedOn(Arguments):
    """Fields that reach transformers as they are."""

    num_train_epochs: float = _field(3.0, "passes over the train split", common=True, least=0)
    per_device_train_batch_size: int = _field(8, "rows per step and device", common=True, least=1, most=LARGEST_BATCH)
    learning_rate: float = _field(5e-5, "learning rate: how far each step moves the weights", common=True, least=0)
    seed: int = _field(42, "random seed; same seed, same machine: same results", common=True, least=0, most=2**32 - 1)
    gradient_accumulation_steps: int = _field(1, "batches per step", least=1, most=LARGEST_BATCH)
    max_steps: int = _field(-1, "stop after so many steps instead of epochs", least=-1)
    warmup_steps: float = _field(0.0, "warmup steps, in which the rate grows; below 1, a share", common=True, least=0)
    weight_decay: float = _field(0.0, "weight decay: how strongly weights are pulled towards 0", least=0)
    eval_strategy: str = _field("epoch", "when to score val: epoch, steps or no", common=True, choices=STRATEGIES[:3])
    eval_steps: float | None = _field(None, "steps between scorings, with --eval_strategy steps", above=0)
    lr_scheduler_type: str = _field("linear", "learning rate schedule after the warmup: linear, cosine, constant", choices=SCHEDULES)
    lr_scheduler_kwargs: Json | None = _field(None, "settings of that schedule")
    optim: str = _field("adamw_torch_fused", "the optimizer", choices=OPTIMIZERS)
    optim_args: str | None = _field(None, "settings of the optimizer")
    adam_beta1: float = _field(0.9, "AdamW's first decay rate", least=0, most=1)
    adam_beta2: float = _field(0.999, "AdamW's second decay rate", least=0, most=1)
    adam_epsilon: float = _field(1e-8, "AdamW's epsilon", least=0)
    optim_target_modules: tuple[str, ...] | None = _field(None, "modules that GaLore-like optimizers act on")
    max_grad_norm: float = _field(1.0, "gradient clipping norm: larger gradients are scaled down to it", least=0)
    tf32: bool | None = _field(None, "TF32 on NVIDIA GPUs")
    activation_checkpointing: bool | None = _field(None, "less memory, more time")
    activation_checkpointing_kwargs: Json | None = _field(None, "settings of that")
    gradient_checkpointing: bool | None = _field(None, "less memory, more time")
    gradient_checkpointing_kwargs: Json | None = _field(None, "settings of that")
    torch_compile: bool = _field(False, "compile the model first")
    torch_compile_backend: str | None = _field(None, "with which backend")
    torch_compile_mode: str | None = _field(None, "in which mode")
    use_liger_kernel: bool = _field(False, "Liger's kernels on a GPU")
    liger_kernel_config: Json | None = _field(None, "settings of those")
    use_cache: bool = _field(False, "keep key-value caches while training")
    neftune_noise_alpha: float | None = _field(None, "noise in the embeddings")
    torch_empty_cache_steps: int | None = _field(None, "steps between emptyings of the GPU's cache", least=1)
    auto_find_batch_size: bool = _field(False, "halve the batch when memory runs out")
    logging_strategy: str = _field("steps", "when to write a row of history.csv", choices=STRATEGIES[:3], identity=False)
    logging_first_step: bool = _field(False, "write one for the first step too", identity=False)
    log_on_each_node: bool = _field(True, "log on every machine", identity=False)
    logging_nan_inf_filter: bool = _field(True, "leave nan and inf out of logged losses", identity=False)
    include_num_input_tokens_seen: bool | str = _field("no", "count tokens: all, non_padding or no", choices=("no", "all", "non_padding"), identity=False)
    log_level: str = _field("error", "how much transformers logs", choices=LOG_LEVELS, identity=False)
    log_level_replica: str = _field("error", "the same on other processes", choices=LOG_LEVELS, identity=False)
    report_to: tuple[str, ...] | None = _field(None, "trackers: tensorboard, wandb, mlflow, trackio", identity=False)
    run_name: str | None = _field(None, "name of the run in trackers", identity=False)
    project: str = _field("huggingface", "project in trackers", identity=False)
    trackio_space_id: str | None = _field(None, "space of trackio", identity=False)
    trackio_bucket_id: str | None = _field(None, "bucket of trackio", identity=False)
    trackio_static_space_id: str | None = _field(None, "static space of trackio", identity=False)
    eval_delay: float = _field(0.0, "epochs or steps before the first scoring", least=0)
    eval_on_start: bool = _field(False, "score val before training")
    save_strategy: str = _field("epoch", "when to save besides every scoring and ten minutes", choices=STRATEGIES, identity=False)
    save_steps: float = _field(500.0, "steps between saves, with --save_strategy steps", identity=False, above=0)
    save_on_each_node: bool = _field(False, "save on every machine", identity=False)
    full_determinism: bool = _field(False, "slower, and the same results on a GPU too")
    accelerator_config: Json | None = _field(None, "settings of accelerate")
    dataloader_drop_last: bool = _field(False, "leave out an incomplete last batch")
    dataloader_num_workers: int = _field(0, "processes that make batches", identity=False, least=0, most=MOST_WORKERS)
    dataloader_pin_memory: bool = _field(True, "faster copies to a GPU", identity=False)
    dataloader_persistent_workers: bool = _field(False, "keep those processes", identity=False)
    dataloader_prefetch_factor: int | None = _field(None, "batches made ahead by each", identity=False, least=1, most=MOST_WORKERS)
    dataloader_multiprocessing_context: str | None = _field(None, "how they are started", identity=False)
    dataloader_in_order: bool = _field(True, "take their batches in order", identity=False)
    ddp_find_unused_parameters: bool | None = _field(None, "for several processes")
    ddp_bucket_cap_mb: int | None = _field(None, "for several processes", least=1)
    ddp_broadcast_buffers: bool | None = _field(None, "for several processes")
    ddp_static_graph: bool | None = _field(None, "for several processes")
    ddp_backend: str | None = _field(None, "for several processes", choices=BACKENDS, identity=False)
    ddp_timeout: int = _field(1800, "for several processes, in seconds", identity=False, least=1, most=10**9)
    fsdp: bool | str | None = _field(None, "fully sharded training")
    fsdp_config: Json | None = _field(None, "settings of that")
    deepspeed: Json | None = _field(None, "a DeepSpeed configuration")


class TrainingOptions(Arguments):
    """Fields that gft acts on itself, and one that transformers calls `debug`."""

    load_best_model_at_end: bool = _field(True, "keep the best epoch, not the last", common=True)
    logging_steps: float | None = _field(None, "steps between rows of history.csv (20 rows an epoch)", identity=False, above=0)
    train_sampling_strategy: str = _field("group_by_length", "group_by_length (batches of similar lengths, shuffled), random or sequential", choices=("random", "sequential", "group_by_length"))
    data_seed: int | None = _field(None, "seed for the order of rows (--seed)", least=0)
    debug_trainer: str | None = argument(None, "--debug of transformers: look for numbers that overflow", OUTPUT, FIT, choices=("underflow_overflow", "tpu_metrics_debug"), identity=False)


class WithoutEffect(Arguments):
    """What is accepted and does nothing, with the reason."""

    is_split_into_words: bool = _idle(False, "classify_tokens takes lists of words, and splits texts at spaces", RUNS_MODEL)
    pad_to_max_length: bool = _idle(False, "batches are padded to their own longest row", RUNS_MODEL)
    preprocessing_num_workers: int | None = _idle(None, "the tokenizer uses every core by itself", EVERY)
    do_not_catch_errors: bool = _idle(False, "errors stop a command; --debug shows the traceback", EVERY)
    max_len: int | None = _idle(None, "the longest input and the longest text to write have arguments of their own", EVERY)
    phoneme_language: str | None = _idle(None, "transcripts are learned as they are written", EVERY)
    average_tokens_across_devices: bool = _idle(True, "a step's loss is divided by what all processes hold together")
    bf16_full_eval: bool = _idle(False, "scores are computed in --precision")
    fp16_full_eval: bool = _idle(False, "scores are computed in --precision")
    prediction_loss_only: bool = _idle(False, "val is always scored by metrics")
    eval_do_concat_batches: bool = _idle(True, "gft decides this itself")
    eval_use_gather_object: bool = _idle(False, "gft decides this itself")
    eval_accumulation_steps: int | None = _idle(None, "scores never accumulate on the device")
    include_for_metrics: tuple[str, ...] | None = _idle(None, "gft decides this itself")
    batch_eval_metrics: bool = _idle(False, "gft decides this itself")
    save_only_model: bool = _idle(False, "a checkpoint without the optimizer could not be resumed")
    save_total_limit: int | None = _idle(None, "the best and the last checkpoint are kept until the fit is finished")
    enable_jit_checkpoint: bool = _idle(False, "a signal always saves a checkpoint")
    push_to_hub: bool = _idle(False, "use gft_push")
    hub_private_repo: bool | None = _idle(None, "use gft_push")
    hub_model_id: str | None = _idle(None, "use gft_push")
    hub_strategy: str = _idle("every_save", "use gft_push")
    hub_always_push: bool = _idle(False, "use gft_push")
    hub_revision: str | None = _idle(None, "use gft_push")
    ignore_data_skip: bool = _idle(False, "a resumed fit takes the very next row")
    restore_callback_states_from_checkpoint: bool = _idle(False, "gft decides this itself")
    parallelism_config: Json | None = _idle(None, "use accelerate's own configuration")
    remove_unused_columns: bool = _idle(True, "the equation says which columns are used")
    label_names: tuple[str, ...] | None = _idle(None, "the equation says which columns are used")
    length_column_name: str = _idle("length", "lengths are counted")
    skip_memory_metrics: bool = _idle(True, "metrics.json has the peak memory")
    do_train: bool = _idle(True, "gft_fit trains")
    do_eval: bool = _idle(True, "gft_fit scores val and test")
    do_predict: bool = _idle(True, "gft_fit scores val and test")
    resume_from_checkpoint: bool | str | None = _idle(None, "the same program in the same folder resumes by itself")
    local_rank: int = _idle(-1, "the launcher sets it in the environment")
