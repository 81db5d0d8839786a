"""The arguments of LoRA."""

from __future__ import annotations

from gft.language.argument import FIT, TRAINING, Arguments, argument


# fmt: off
class LoraOptions(Arguments):
    """Whether a model is fine-tuned by small matrices beside its own, and which."""

    peft: str = argument("none", "lora: train low-rank matrices and the head only", TRAINING, FIT, choices=("none", "lora"), common=True)
    lora_r: int = argument(8, "rank of LoRA's matrices", TRAINING, FIT, least=1)
    lora_alpha: int = argument(16, "scale of LoRA's update: alpha / r", TRAINING, FIT, least=1)
    lora_dropout: float = argument(0.05, "dropout on LoRA's inputs", TRAINING, FIT, least=0, most=1)
    lora_target_modules: tuple[str, ...] | None = argument(None, "linear layers that get LoRA (the usual ones of the architecture, else all)", TRAINING, FIT)
    merge_lora: bool = argument(False, "write the whole model, LoRA added to it", TRAINING, FIT)
