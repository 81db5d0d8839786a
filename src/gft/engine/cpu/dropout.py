"""Dropout on a CPU, with masks that cost little.

Random numbers for dropout take a CPU a quarter of a step: PyTorch draws 32 bits and compares them
in floating point for each element, one after the other. Here 64 random bits make four masks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch

from gft.engine.cpu.replaced import Function, Replacement

BITS = 16
"""Random bits for an element: a dropout rate is rounded to a multiple of 2 ** -16."""


_GENERATOR: ContextVar[torch.Generator | None] = ContextVar("generator", default=None)


def dropout_threshold(rate: float) -> int:
    """Return a dropout rate in units of 2 ** -16: random 16-bit numbers below it are dropped."""
    return round(rate * (1 << BITS))


def dropout_mask(shape: torch.Size, dropped: int, dtype: torch.dtype) -> torch.Tensor:
    """Return a mask of 0 with probability `dropped` / 2 ** 16, else the inverse of the share kept.

    For bf16 the 16 random bits of an element become its value in place: 0 or 1, times the bits of
    the scale.
    """
    words = torch.empty((shape.numel() + 3) // 4, dtype=torch.int64)
    words.random_(-(2**63), None, generator=_GENERATOR.get())
    kept = words.view(torch.int16)[: shape.numel()].view(shape).ge_(dropped - 2 ** (BITS - 1))
    scale = torch.tensor(2**BITS / (2**BITS - dropped), dtype=dtype)
    if dtype == torch.bfloat16:
        return kept.mul_(scale.view(torch.int16)).view(dtype)
    return kept.to(dtype).mul_(scale)


class _Dropout(torch.autograd.Function):
    """Dropout at one rate; what is kept is divided by the share that is kept."""

    @staticmethod
    def forward(ctx: Any, values: torch.Tensor, dropped: int) -> torch.Tensor:
        """Return the values, each set to 0 with probability `dropped` / 2 ** 16."""
        mask = dropout_mask(values.shape, dropped, values.dtype)
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
    """Return what `torch.nn.functional.dropout` returns, for tensors on a CPU.

    Each element is 0 with probability `p`, else divided by 1 - p, independently of the others.
    The random bits come from `torch`'s default generator, or from that of `drawing_from`.
    """
    dropped = dropout_threshold(p)
    if not training or not dropped or input.device.type != "cpu" or dropped == 2**BITS:
        return _TORCHS(input, p, training, inplace)
    out: torch.Tensor = _Dropout.apply(input, dropped)  # type: ignore[no-untyped-call]  # torch's
    return input.copy_(out) if inplace else out


_TORCHS = torch.nn.functional.dropout


@contextmanager
def drawing_from(generator: torch.Generator) -> Iterator[None]:
    """Draw the masks of this thread from this generator within, not from the default one."""
    token = _GENERATOR.set(generator)
    try:
        yield
    finally:
        _GENERATOR.reset(token)


def _replace(function: Function) -> None:
    torch.nn.functional.dropout = function


DROPOUT = Replacement(dropout, lambda: torch.nn.functional.dropout, _replace)
"""gft's dropout instead of `torch.nn.functional.dropout`."""
