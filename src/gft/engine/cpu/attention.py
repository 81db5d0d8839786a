"""Matmul attention on a CPU: batched matrix products in the precision of the step, and a softmax.

PyTorch's fused attention (`sdpa`) computes a product for each row and head. For texts of a sentence
or two these are so small that most of its time is overhead; with dropout it has no kernel for a CPU
at all, and computes in fp32. Batched products take a third of the time. If no score is far from 0,
which is almost always so, the softmax needs no maximum: only exponentials and their sums.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from torch.nn.functional import pad

from gft.engine.cpu.dropout import dropout_mask, dropout_threshold
from gft.engine.cpu.replaced import Function, Replacement
from gft.engine.cpu.shapes import round_length

LONGEST = 512
"""Most tokens for which the weights of all pairs are kept at once in a prediction."""
SAFE_SUM = (1e-30, 1e30)
"""A softmax is computed without its maximum while its sums stay within these limits."""


class _Attention(torch.autograd.Function):
    """Softmax attention with dropout of its weights, which keeps little for its gradient.

    Queries, keys and values are (batch, heads, length, width), of one dtype, contiguous. `seen` is
    True where a query attends to a key, `bias` is added to the scores; both broadcast to (batch,
    heads, queries, keys).
    """

    @staticmethod
    def forward(
        ctx: Any,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        seen: torch.Tensor | None,
        bias: torch.Tensor | None,
        scaling: float,
        dropped: int,
    ) -> torch.Tensor:
        """Return the weighted means of the values, one for each query."""
        weights, total = _weights(query * scaling, key, seen, bias)
        weights *= total.reciprocal_()
        mask = dropout_mask(weights.shape, dropped, weights.dtype) if dropped else None
        ctx.save_for_backward(query, key, value, weights, mask)
        ctx.scaling = scaling
        return torch.matmul(weights if mask is None else weights * mask, value)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Return the gradients of queries, keys and values."""
        query, key, value, weights, mask = ctx.saved_tensors
        gradient = gradients[0].contiguous()
        kept = weights if mask is None else weights * mask
        of_value = torch.matmul(kept.transpose(-1, -2), gradient)
        of_weights = torch.matmul(gradient, value.transpose(-1, -2))
        if mask is not None:
            of_weights *= mask
        of_scores = torch._softmax_backward_data(of_weights, weights, -1, weights.dtype)
        of_query = torch.matmul(of_scores, key).mul_(ctx.scaling)
        of_key = torch.matmul(of_scores.transpose(-1, -2), query).mul_(ctx.scaling)
        return of_query, of_key, of_value, None, None, None, None


def _weights(
    query: torch.Tensor, key: torch.Tensor, seen: torch.Tensor | None, bias: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return weights of (batch, heads, queries, keys), and the divisor for each query."""
    weights = _scores(query, key, bias)
    torch.exp(weights, out=weights)
    if seen is not None:
        weights *= seen.to(weights.dtype)
    total = weights.sum(-1, keepdim=True, dtype=torch.promote_types(weights.dtype, torch.float32))
    least, most = torch.aminmax(total)
    if SAFE_SUM[0] < least and most < SAFE_SUM[1]:
        return weights, total
    scores = _scores(query, key, bias)
    if seen is not None:
        scores.masked_fill_(~seen, torch.finfo(scores.dtype).min)
    return torch.softmax(scores, -1), torch.ones_like(total)


def _scores(query: torch.Tensor, key: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    scores = torch.matmul(query, key.transpose(-1, -2))
    return scores if bias is None else scores.add_(bias)


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
    """Return what `transformers`' `sdpa_attention_forward` does, (batch, length, heads, width).

    It is called where it is as fast, or where more than scores, a mask and a softmax is needed.
    """
    from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward

    dropped = dropout_threshold(dropout)
    # A trained bias needs a gradient, which is not computed here.
    trained = attention_mask is not None and attention_mask.requires_grad
    if query.device.type != "cpu" or trained or not _better(key, dropped, kwargs):
        found: tuple[torch.Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask,
            dropout=dropout, scaling=scaling, is_causal=is_causal, **kwargs
        )  # fmt: skip
        return found
    groups = getattr(module, "num_key_value_groups", 1)
    key, value = repeat_kv(key, groups), repeat_kv(value, groups)
    if torch.is_autocast_enabled("cpu"):
        dtype = torch.get_autocast_dtype("cpu")
        query, key, value = query.to(dtype), key.to(dtype), value.to(dtype)
    causal = getattr(module, "is_causal", True) if is_causal is None else is_causal
    seen = bias = None
    if attention_mask is None:
        if causal and query.shape[2] > 1:
            seen = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool).tril()
    elif attention_mask.dtype == torch.bool:
        seen = attention_mask
    else:
        bias = attention_mask.to(query.dtype)
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    queries = query.shape[2]
    with torch.autocast("cpu", enabled=False):
        inputs = _rounded(query, key, value, seen, bias)
        if torch.is_grad_enabled():
            out = _Attention.apply(*inputs, scale, dropped)  # type: ignore[no-untyped-call]  # torch's
        else:
            query, key, value, seen, bias = inputs
            weights, total = _weights(query * scale, key, seen, bias)
            out = torch.matmul(weights, value).mul_(total.reciprocal_())
    return out[:, :, :queries].transpose(1, 2).contiguous(), None


def _rounded(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    seen: torch.Tensor | None,
    bias: torch.Tensor | None,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
    """Return the inputs of attention, contiguous, padded to round numbers of queries and keys."""
    queries, keys = query.shape[2], key.shape[2]
    more = round_length(queries) - queries if queries > 1 else 0
    unseen = round_length(keys) - keys
    if unseen and seen is None and bias is None:
        seen = torch.ones(1, 1, 1, keys, dtype=torch.bool)
    # A query of padding sees every key: no sum is 0.
    if seen is not None:
        seen = _longer(seen, keys, more, unseen, (True, False))
    if bias is not None:
        bias = _longer(bias, keys, more, unseen, (0, torch.finfo(bias.dtype).min))
    query, key, value = (
        pad(one, (0, 0, 0, tokens)) if tokens else one.contiguous()
        for one, tokens in ((query, more), (key, unseen), (value, unseen))
    )
    return query, key, value, seen, bias


def _longer(
    mask: torch.Tensor, keys: int, more: int, unseen: int, values: tuple[float, float]
) -> torch.Tensor:
    """Return a mask that broadcasts to (batch, heads, queries, keys), padded for more of them.

    The `more` queries get the first, the `unseen` keys the second of the `values`.
    """
    if unseen:
        mask = pad(mask.expand(*mask.shape[:-1], keys), (0, unseen), value=values[1])
    if more and mask.ndim > 1 and mask.shape[-2] > 1:
        mask = pad(mask, (0, 0, 0, more), value=values[0])
    return mask


def _better(key: torch.Tensor, dropped: int, kwargs: dict[str, Any]) -> bool:
    """Say whether matmul attention is faster than `sdpa`, and supports the arguments."""
    if any(kwargs.get(name) is not None for name in ("softcap", "position_bias", "cache")):
        return False
    if _EVERYWHERE.get():
        return True
    if dropped:
        return dropped < dropout_threshold(1.0) and torch.is_grad_enabled()
    return torch.is_autocast_enabled("cpu") and key.shape[2] <= LONGEST


_EVERYWHERE: ContextVar[bool] = ContextVar("everywhere", default=False)


def _library() -> Function:
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    function: Function = ALL_ATTENTION_FUNCTIONS["sdpa"]
    return function


def _replace(function: Function) -> None:
    from transformers import AttentionInterface

    AttentionInterface.register("sdpa", function)


ATTENTION = Replacement(attention, _library, _replace)
"""gft's attention instead of the function that models call as `sdpa`."""


@contextmanager
def our_attention(everywhere: bool = False) -> Iterator[None]:
    """Let models use gft's attention within; with `everywhere` also where `sdpa` is as fast."""
    token = _EVERYWHERE.set(everywhere)
    try:
        with ATTENTION.installed():
            yield
    finally:
        _EVERYWHERE.reset(token)
