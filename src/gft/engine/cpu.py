"""What makes training on a CPU faster and changes no expectation: dropout masks and attention.

Random numbers for dropout take a CPU a quarter of a step: the library draws a 32-bit one and a
comparison in floating point for each element, one after the other. Here 64 random bits make four
masks. The library's fused attention has no kernel with dropout on a CPU: it takes plain products,
in fp32, and draws its masks the slow way; here they are taken in the precision of the step.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

BITS = 16
"""Random bits for an element: a rate of dropout is rounded to a multiple of 2 ** -16."""


def _mask(shape: torch.Size, dropped: int, dtype: torch.dtype) -> torch.Tensor:
    """Return zeros with `dropped` of 2 ** 16 chances each, else the inverse of the share kept.

    For bf16 the 16 random bits of an element become its value in place: 0 or 1, times the bits of
    the number wanted.
    """
    words = torch.empty((shape.numel() + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
    kept = words.view(torch.int16)[: shape.numel()].view(shape).ge_(dropped - 2 ** (BITS - 1))
    scale = torch.tensor(2**BITS / (2**BITS - dropped), dtype=dtype)
    if dtype == torch.bfloat16:
        return kept.mul_(scale.view(torch.int16)).view(dtype)
    return kept.to(dtype).mul_(scale)


class _Dropout(torch.autograd.Function):
    """Dropout of one rate; what is kept is scaled by the share that is kept, as it is drawn."""

    @staticmethod
    def forward(ctx: Any, values: torch.Tensor, dropped: int) -> torch.Tensor:
        """Return the values with `dropped` of 2 ** 16 chances each of being 0."""
        mask = _mask(values.shape, dropped, values.dtype)
        ctx.save_for_backward(mask)
        kept: torch.Tensor = values * mask
        return kept

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        """Return the gradient of the values."""
        (mask,) = ctx.saved_tensors
        return gradients[0] * mask, None


class _Attention(torch.autograd.Function):
    """Softmax attention with dropout of its weights, and no more kept for its gradient than that.

    Queries, keys and values are (batch, heads, length, width), of one dtype; `bias` broadcasts to
    (batch, heads, queries, keys) and is added to the scores.
    """

    @staticmethod
    def forward(
        ctx: Any,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        bias: torch.Tensor | None,
        scaling: float,
        dropped: int,
    ) -> torch.Tensor:
        """Return the weighted means of the values, one for each query."""
        scores = torch.matmul(query * scaling, key.transpose(-1, -2))
        if bias is not None:
            scores += bias
        weights = torch.softmax(scores, -1)
        mask = _mask(weights.shape, dropped, weights.dtype)
        ctx.save_for_backward(query, key, value, weights, mask)
        ctx.scaling = scaling
        return torch.matmul(weights * mask, value)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Return the gradients of queries, keys and values."""
        query, key, value, weights, mask = ctx.saved_tensors
        (gradient,) = gradients
        of_value = torch.matmul((weights * mask).transpose(-1, -2), gradient)
        of_weights = torch.matmul(gradient, value.transpose(-1, -2)).mul_(mask)
        of_scores = torch._softmax_backward_data(of_weights, weights, -1, weights.dtype)
        of_query = torch.matmul(of_scores, key).mul_(ctx.scaling)
        of_key = torch.matmul(of_scores.transpose(-1, -2), query).mul_(ctx.scaling)
        return of_query, of_key, of_value, None, None, None


def dropout(
    input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> torch.Tensor:
    """Return what `torch.nn.functional.dropout` does, of tensors on a CPU.

    Each element is 0 with probability `p`, else divided by 1 - p, independently of the others;
    `torch`'s generator draws.
    """
    dropped = _chances(p)
    if not training or not dropped or input.device.type != "cpu" or dropped == 2**BITS:
        return _LIBRARYS(input, p, training, inplace)
    out: torch.Tensor = _Dropout.apply(input, dropped)  # type: ignore[no-untyped-call]  # torch's
    return input.copy_(out) if inplace else out


_LIBRARYS = torch.nn.functional.dropout


def _chances(rate: float) -> int:
    return round(rate * (1 << BITS))


def attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    is_causal: bool | None = None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """Return what `transformers`' `sdpa_attention_forward` does, with cheap masks of dropout.

    Whatever has no dropout, or asks for more than scores, a mask and a softmax, is the library's.
    """
    from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward

    dropped = _chances(dropout)
    special = any(kwargs.get(name) is not None for name in ("softcap", "position_bias", "cache"))
    if not 0 < dropped < 2**BITS or special or query.device.type != "cpu":
        found: tuple[torch.Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask,
            dropout=dropout, scaling=scaling, is_causal=is_causal, **kwargs,
        )  # fmt: skip
        return found
    groups = getattr(module, "num_key_value_groups", 1)
    key, value = repeat_kv(key, groups), repeat_kv(value, groups)
    if torch.is_autocast_enabled("cpu"):
        dtype = torch.get_autocast_dtype("cpu")
        query, key, value = query.to(dtype), key.to(dtype), value.to(dtype)
    causal = getattr(module, "is_causal", True) if is_causal is None else is_causal
    if causal and attention_mask is None and query.shape[2] > 1:
        attention_mask = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool).tril()
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    with torch.autocast("cpu", enabled=False):
        out = _Attention.apply(  # type: ignore[no-untyped-call]  # torch's
            query, key, value, _bias(attention_mask, query.dtype), scale, dropped
        )
    return out.transpose(1, 2).contiguous(), None


def _bias(mask: torch.Tensor | None, dtype: torch.dtype) -> torch.Tensor | None:
    """Return what a mask adds to scores: 0 where a query attends to a key."""
    if mask is None or mask.dtype != torch.bool:
        return mask if mask is None else mask.to(dtype)
    return torch.zeros(mask.shape, dtype=dtype).masked_fill_(~mask, torch.finfo(dtype).min)


@contextmanager
def fast_training(device: torch.device) -> Iterator[None]:
    """Let every model take cheap dropout and our attention while it trains on a CPU."""
    if device.type != "cpu":
        yield
        return
    from transformers import AttentionInterface
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    torch.nn.functional.dropout = dropout
    AttentionInterface.register("sdpa", attention)
    try:
        yield
    finally:
        torch.nn.functional.dropout = _LIBRARYS
        AttentionInterface.register("sdpa", sdpa_attention_forward)
