"""Unpadded encoder of the BERT family, under a head that reads only the first position.

Padding costs time and changes nothing: between attentions, the tokens of all rows are joined
without it. The last layer needs the keys and values of all tokens, but queries, outputs and the
feed-forward network only of the first one. That saves a seventh of all products in a model of six
layers, forward and backward. The logits are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch.nn.functional import pad

from gft.engine.cpu.shapes import round_length, round_tokens

READ_THE_FIRST = frozenset(
    f"{family}ForSequenceClassification"
    for family in ("Bert", "Camembert", "Electra", "Ernie", "Roberta", "XLMRoberta")
)
"""Models whose head reads the first position, and whose layers are those of BERT."""


@contextmanager
def unpadded_encoder(model: torch.nn.Module, every: bool = False) -> Iterator[None]:
    """Let a model whose head reads only the first position skip padding and other outputs.

    Within, the last hidden states are (batch, 1, width); with `every` position (batch, length,
    width), arbitrary at padding. Any other model is left as it is.
    """
    encoder = _encoder(model)
    if encoder is None:
        yield
        return
    encoder.forward = partial(_encode, encoder, every)
    try:
        yield
    finally:
        vars(encoder).pop("forward", None)  # Another thread may have removed it.


def _encoder(model: Any) -> Any:
    """Return the encoder of a model, None unless it is one of the supported ones."""
    if type(model).__name__ not in READ_THE_FIRST:
        return None
    if model.config._attn_implementation != "sdpa" or model.config.is_decoder:
        return None
    return model.base_model.encoder


def _encode(
    encoder: Any,
    every: bool,
    hidden_states: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
    **kwargs: Any,
) -> Any:
    """Return the encoder's outputs for (batch, length, width), at the first or `every` position."""
    from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions

    rows = _rows(hidden_states, attention_mask)
    more = rows.length - hidden_states.shape[1]
    hidden = rows.unpadded(pad(hidden_states, (0, 0, 0, more)) if more else hidden_states)
    for layer in encoder.layer:
        step = partial(_layer, layer, rows, layer is encoder.layer[-1] and not every)
        if layer.gradient_checkpointing and layer.training:
            hidden = layer._gradient_checkpointing_func(step, hidden)
        else:
            hidden = step(hidden)
    found = rows.padded(hidden)[:, : hidden_states.shape[1]] if every else hidden[:, None]
    return BaseModelOutputWithPastAndCrossAttentions(last_hidden_state=found)


def _layer(layer: Any, rows: _Rows, last: bool, hidden: torch.Tensor) -> torch.Tensor:
    """Return a layer's outputs for (tokens, width): for the last layer, of first tokens only."""
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    attention, inner = layer.attention, layer.attention.self
    querying = hidden[rows.firsts] if last else hidden
    inputs, query = _cast(hidden), inner.query(_cast(querying))
    query, key, value = (
        one.unflatten(-1, (-1, inner.attention_head_size)).transpose(1, 2)
        for one in (
            query[:, None] if last else rows.padded(query),
            rows.padded(inner.key(inputs)),
            rows.padded(inner.value(inputs)),
        )
    )
    seen = rows.seen
    context, _ = ALL_ATTENTION_FUNCTIONS["sdpa"](
        inner,
        query,
        key,
        value,
        seen[:, :, :1] if last and seen is not None else seen,
        dropout=inner.dropout.p if inner.training else 0.0,
        scaling=inner.scaling,
    )
    context = context.flatten(2)
    querying = attention.output(context[:, 0] if last else rows.unpadded(context), querying)
    out: torch.Tensor = layer.feed_forward_chunk(querying)
    return out


def _cast(hidden: torch.Tensor) -> torch.Tensor:
    """Return the input of several matrix products, cast once instead of for each of them."""
    device = hidden.device.type
    if not torch.is_autocast_enabled(device):
        return hidden
    return hidden.to(torch.get_autocast_dtype(device))


@dataclass(frozen=True)
class _Rows:
    """Which tokens of (batch, length) attend to which, and the index of each without padding.

    `positions` are the tokens' positions in batch times length. `numbers` is the inverse: the token
    at each position, and an arbitrary one at padding. Both are None if padding is kept.
    """

    batch: int
    length: int
    seen: torch.Tensor | None
    firsts: torch.Tensor
    positions: torch.Tensor | None = None
    numbers: torch.Tensor | None = None

    def unpadded(self, padded: torch.Tensor) -> torch.Tensor:
        """Return (tokens, width) of (batch, length, width); zeros after the last token."""
        flat = padded.flatten(0, 1)
        if self.positions is None:
            return flat
        tokens: torch.Tensor = _Unpadded.apply(  # type: ignore[no-untyped-call]  # torch's
            flat, self.positions
        )
        return tokens

    def padded(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return (batch, length, width) of (tokens, width); the values at padding are not read."""
        if self.positions is not None:
            tokens = _Padded.apply(  # type: ignore[no-untyped-call]  # torch's
                tokens, self.positions, self.numbers
            )
        return tokens.view(self.batch, self.length, -1)


def _rows(hidden: torch.Tensor, mask: torch.Tensor | None) -> _Rows:
    batch, length = hidden.shape[:2]
    firsts = torch.arange(0, batch * length, length, device=hidden.device)
    padded = _Rows(batch, length, mask, firsts)
    # Counting the tokens would stall a GPU.
    if hidden.device.type != "cpu" or (mask is not None and mask.dtype != torch.bool):
        return padded
    more = round_length(length) - length
    if mask is None and not more:
        return padded
    is_token = torch.ones(batch, length, dtype=torch.bool) if mask is None else mask[:, 0, 0]
    if not is_token[:, 0].all():
        return padded
    is_token = pad(is_token, (0, more))
    numbers = (is_token.flatten().cumsum(0) - 1).view(is_token.shape)
    positions = is_token.flatten().nonzero()[:, 0]
    seen = is_token[:, None, None]
    return _Rows(batch, length + more, seen, numbers[:, 0], positions, numbers.flatten())


class _Unpadded(torch.autograd.Function):
    """The tokens of padded rows; padding has no gradient."""

    @staticmethod
    def forward(ctx: Any, padded: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """Return (tokens, width) of (positions, width)."""
        ctx.save_for_backward(positions)
        ctx.shape = padded.shape
        return _chosen(padded, positions)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        """Return the gradient of the positions."""
        (positions,) = ctx.saved_tensors
        gradient = gradients[0][: len(positions)]
        return gradient.new_zeros(ctx.shape).index_copy_(0, positions, gradient), None


class _Padded(torch.autograd.Function):
    """Tokens at their positions in padded rows; the gradient of padding is not read."""

    @staticmethod
    def forward(
        ctx: Any, tokens: torch.Tensor, positions: torch.Tensor, numbers: torch.Tensor
    ) -> torch.Tensor:
        """Return (positions, width) of (tokens, width)."""
        ctx.save_for_backward(positions)
        return tokens.index_select(0, numbers)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        """Return the gradient of the tokens."""
        (positions,) = ctx.saved_tensors
        return _chosen(gradients[0], positions), None, None


def _chosen(values: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    """Return the values at some positions, and zeros up to a round number of them."""
    count = len(positions)
    chosen = values.new_empty((round_tokens(count), values.shape[1]))
    torch.index_select(values, 0, positions, out=chosen[:count])
    chosen[count:] = 0
    return chosen
