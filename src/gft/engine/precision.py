"""Which number format the device computes fast in, as the processor reports it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gft import notes
from gft.errors import UserError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Precision:
    """The number format of matrix products, the device, and the reason for the choice.

    `name` is fp32, bf16 or fp16. Weights, optimizer and losses are kept in fp32 in any case.
    """

    name: str
    device: torch.device
    reason: str

    def autocast(self) -> AbstractContextManager[Any]:
        """Return the context in which a forward pass runs."""
        import torch

        if self.name == "fp32":
            return nullcontext()
        return torch.autocast(self.device.type, dtype=self.dtype())

    def place(self, model: torch.nn.Module) -> None:
        """Move a model to the device; its last layer always computes in fp32.

        bf16 has three digits: logits would tie, and the predictions of a regression come in steps.
        """
        model.to(self.device)
        if self.name != "fp32":
            for layer in last_layers(model):
                exact = _exactly(layer, self.device.type)
                # An instance's own forward pass is a hook of torch that its types do not know.
                layer.forward = exact  # type: ignore[assignment,method-assign]  # see above

    def dtype(self) -> torch.dtype:
        """Return the format of half precision."""
        import torch

        return torch.bfloat16 if self.name == "bf16" else torch.float16

    def saved(self) -> dict[str, str]:
        """Return what `gft.json` records."""
        return {"precision": self.name, "device": self.device.type, "reason": self.reason}


def choose_precision(requested: str, use_cpu: bool = False) -> Precision:
    """Return the precision for this machine: `requested`, or the fastest safe one for `auto`.

    bf16 where the processor has instructions for it (AMX or AVX-512 BF16 on a CPU, Ampere and
    later on a GPU), fp16 on older GPUs, otherwise fp32. A program with fp16 runs without a GPU
    too, in the fastest precision of the CPU, with a note. Raises `UserError` for int8.
    """
    check_of_model(requested)
    device = _device(use_cpu)
    best, reason = _fastest(device)
    if requested in ("auto", best):
        return Precision(best, device, reason)
    if requested == "fp16" and device.type == "cpu":
        notes.note(f"--precision fp16 needs a GPU, and there is none: computing in {best}")
        return Precision(best, device, reason)
    return Precision(requested, device, "requested")


def check_of_model(requested: str) -> None:
    """Raise `UserError` for a precision that only graphs have."""
    if requested == "int8":
        raise UserError(
            "--precision int8 is for exported graphs: export the model in int8 first, then predict "
            "or evaluate with it"
        )


def last_layers(model: torch.nn.Module) -> list[torch.nn.Linear]:
    """Return the layers that compute the logits: one output for each label, outside the base."""
    from torch.nn import Linear

    base = f"{getattr(model, 'base_model_prefix', '')}."
    labels = getattr(getattr(model, "config", None), "num_labels", None)
    return [
        layer
        for name, layer in model.named_modules()
        if isinstance(layer, Linear) and layer.out_features == labels and not name.startswith(base)
    ]


def _exactly(layer: torch.nn.Linear, device: str) -> Callable[[torch.Tensor], torch.Tensor]:
    import torch

    def forward(inputs: torch.Tensor) -> torch.Tensor:
        with torch.autocast(device, enabled=False):
            return torch.nn.functional.linear(inputs.float(), layer.weight, layer.bias)

    return forward


def _device(use_cpu: bool) -> torch.device:
    import torch

    if not use_cpu and torch.cuda.is_available():
        return torch.device("cuda", torch.cuda.current_device())
    if not use_cpu and torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def _fastest(device: torch.device) -> tuple[str, str]:
    import torch

    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return "bf16", f"{name} has bf16"
        if torch.cuda.get_device_capability(device) >= (7, 0):
            return "fp16", f"{name} has fp16, not bf16"
        return "fp32", f"{name} has neither bf16 nor fast fp16"
    if device.type == "cpu":
        able = torch.cpu.get_capabilities()
        for flag, name in (("amx_bf16", "AMX"), ("avx512_bf16", "AVX-512 BF16")):
            if able.get(flag):
                return "bf16", f"the processor has {name}"
        return "fp32", "the processor has no bf16 instructions"
    return "fp32", f"{device.type} is used in fp32"
