"""What makes training on a CPU faster and changes no expectation: dropout masks, attention.

Random numbers for dropout take a CPU a quarter of a step: the library draws a 32-bit one and a
comparison in floating point for each element, one after the other. Here 64 random bits make four
masks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

BITS = 16
"""Random bits for an element: a rate of dropout is rounded to a multiple of 2 ** -16."""


class _Dropout(torch.autograd.Function):
    """Dropout of one rate; what is kept is scaled by the share that is kept, as it is drawn."""

    @staticmethod
    def forward(ctx: Any, values: torch.Tensor, dropped: int) -> torch.Tensor:
        """Return the values with `dropped` of 2 ** 16 chances each of being 0."""
        count = values.numel()
        words = torch.empty((count + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
        bits = words.view(torch.int16)[:count].view(values.shape)
        mask = (bits >= dropped - 2 ** (BITS - 1)).to(values.dtype)
        mask *= 2**BITS / (2**BITS - dropped)
        ctx.save_for_backward(mask)
        kept: torch.Tensor = values * mask
        return kept

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        """Return the gradient of the values."""
        (mask,) = ctx.saved_tensors
        return gradients[0] * mask, None


def dropout(
    input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> torch.Tensor:
    """Return what `torch.nn.functional.dropout` does, of tensors on a CPU.

    Each element is 0 with probability `p`, else divided by 1 - p, independently of the others;
    `torch`'s generator draws.
    """
    dropped = round(p * 2**BITS)
    if not training or not dropped or input.device.type != "cpu" or dropped == 2**BITS:
        return _LIBRARYS(input, p, training, inplace)
    out: torch.Tensor = _Dropout.apply(input, dropped)  # type: ignore[no-untyped-call]
    return input.copy_(out) if inplace else out


_LIBRARYS = torch.nn.functional.dropout


@contextmanager
def cheap_dropout(device: torch.device) -> Iterator[None]:
    """Let every model's dropout draw its masks cheaply, on a CPU."""
    if device.type != "cpu":
        yield
        return
    torch.nn.functional.dropout = dropout
    try:
        yield
    finally:
        torch.nn.functional.dropout = _LIBRARYS


def plain_attention(model: torch.nn.Module, device: torch.device) -> None:
    """Let a model that is trained on a CPU attend in plain matrix products.

    The library's fused attention has no kernel with dropout there: it takes the same products and
    draws its masks the slow way.
    """
    name = getattr(getattr(model, "config", None), "_attn_implementation", None)
    if device.type == "cpu" and name == "sdpa":
        model.set_attn_implementation("eager")  # type: ignore[operator]
