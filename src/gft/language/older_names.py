"""Names that arguments had in the past, and what became of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Older:
    """An older name: its present name (None if it has no successor) and what its value means now.

    `kind` is how the older one's value was written; `value` turns it into the present one's,
    None meaning that nothing is set; it raises `ValueError` for what was never a value.
    """

    now: str | None
    kind: str = ""
    value: Callable[[Any], Any] | None = None
    reason: str = ""


def _gone(kind: str, reason: str) -> Older:
    return Older(None, kind, reason=reason)


def _when_on(now: str, value: str) -> Older:
    return Older(now, "flag", lambda on: value if on else None)


def _share_of_steps(share: float) -> float | None:
    """Return a number of warm-up steps below 1, which is a share; 0 gave way to --warmup_steps."""
    if not 0 <= share <= 1:
        raise ValueError("a share from 0 to 1")
    return min(share, math.nextafter(1, 0)) or None


_TPU = "TPUs are set up by the launcher"
_PRECISION = "use --precision"
_HUB = "use gft_push"

OLDER: dict[str, Older] = {
    "equation": Older("eqn"),
    "figures": Older("metric"),
    "max_seq_length": Older("max_length"),
    "max_seq_len": Older("max_length"),
    "generation_num_beams": Older("num_beams"),
    "evaluation_strategy": Older("eval_strategy"),
    "do_evaluate": Older("do_eval"),
    "evaluate_during_training": _when_on("eval_strategy", "steps"),
    "group_by_length": _when_on("train_sampling_strategy", "group_by_length"),
    "warmup_ratio": Older("warmup_steps", "number", _share_of_steps),
    "no_cuda": Older("use_cpu"),
    "adafactor": _when_on("optim", "adafactor"),
    "per_gpu_train_batch_size": Older("per_device_train_batch_size"),
    "per_gpu_eval_batch_size": Older("per_device_eval_batch_size"),
    "train_batch_size": Older("per_device_train_batch_size"),
    "eval_batch_size": Older("per_device_eval_batch_size"),
    "use_auth_token": Older(
        "hub_token", "flag or text", lambda token: token if isinstance(token, str) else None
    ),
    "push_to_hub_token": Older("hub_token"),
    "push_to_hub_model_id": Older("hub_model_id"),
    "push_to_hub_organization": _gone("text", _HUB),
    "freeze_feature_extractor": Older("freeze_feature_encoder"),
    "split_by": _gone("text", "use --splits"),
    "text_field": _gone("text", "datasets/make_cased.py, which prepares such data, takes it"),
    "fp16_backend": _gone("text", _PRECISION),
    "half_precision_backend": _gone("text", _PRECISION),
    "fp16_opt_level": _gone("text", _PRECISION),
    "sharded_ddp": _gone("text", "use --fsdp"),
    "fsdp_min_num_params": _gone("whole", "use --fsdp_config"),
    "fsdp_transformer_layer_cls_to_wrap": _gone("text", "use --fsdp_config"),
    "xpu_backend": Older("ddp_backend"),
    "use_ipex": _gone("flag", "torch has it built in"),
    "jit_mode_eval": _gone("flag", "use --torch_compile"),
    "torchdynamo": _gone("text", "use --torch_compile"),
    "ray_scope": _gone("text", "gft searches no hyper-parameters"),
    "logging_dir": _gone("text", "trackers read their folder from the environment"),
    "past_index": _gone("whole", "no model needs it any more"),
    "mp_parameters": _gone("text", "SageMaker's model parallelism is gone"),
    "tpu_num_cores": _gone("whole", _TPU),
    "tpu_metrics_debug": _gone("flag", _TPU),
    "dispatch_batches": _gone("flag", "use --accelerator_config"),
    "split_batches": _gone("flag", "use --accelerator_config"),
    "save_safetensors": _gone("flag", "weights are always saved as safetensors"),
    "include_inputs_for_metrics": _gone("flag", "metrics receive gold labels and predictions"),
    "include_tokens_per_second": _gone("flag", "metrics.json has rows and tokens per second"),
    "use_mps_device": _gone("flag", "an Apple GPU is used when there is one; see --use_cpu"),
    "use_legacy_prediction_loop": _gone("flag", "there is one prediction loop"),
    "model_parallel": _gone("flag", "accelerate decides"),
    "eval_accumulation": _gone("whole", "scores never accumulate on the device"),
    "model_name_or_path": Older("model"),
    "dataset_name": Older("data"),
    "train_file": _gone("text", "use --data C:FILE"),
    "validation_file": _gone("text", "use --data C:PATH, with PATH.train and PATH.val"),
    "test_file": _gone("text", "use --data C:PATH, with PATH.train and PATH.test"),
}

OLDER_VALUES: dict[str, dict[str, str]] = {
    "optim": {"adamw_hf": "adamw_torch"},
    "ddp_backend": {"ccl": "xccl"},
}
"""Values that transformers once took for an argument, and what they are called today."""
