"""An encoder of BERT's kind, under a head that reads the first position: only what counts.

Places of padding are in nobody's way but the clock's: between attentions, the tokens of all rows
lie end to end. In the last layer keys and values of all tokens are needed, but queries, outputs
and the feed-forward network of the first one only: a seventh of all products in a model of six
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
def unpadded_encoder(model: torch.nn.Module) -> Iterator[None]:
    """Let a model that is read at its first position compute nothing else.

    Inside, the last hidden states are (batch, 1, width); any other model is left as it is.
    """
    encoder = _encoder(model)
    if encoder is None:
        yield
        return
    encoder.forward = partial(_encode, encoder)
    try:
        yield
    finally:
        vars(encoder).pop("forward", None)  # Another thread may have been faster.


def _encoder(model: Any) -> Any:
    """Return the encoder of a model, None unless it is as we know it."""
    if type(model).__name__ not in READ_THE_FIRST:
        return None
    if model.config._attn_implementation != "sdpa" or model.config.is_decoder:
        return None
    return model.base_model.encoder


def _encode(
    encoder: Any,
    hidden_states: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
    **kwargs: Any,
) -> Any:
    """Return what the encoder does of (batch, length, width), at the first position."""
    from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions

    rows = _rows(hidden_states, attention_mask)
    more = rows.length - hidden_states.shape[1]
    hidden = rows.joined(pad(hidden_states, (0, 0, 0, more)) if more else hidden_states)
    for layer in encoder.layer:
        step = partial(_layer, layer, rows, layer is encoder.layer[-1])
        if layer.gradient_checkpointing and layer.training:
            hidden = layer._gradient_checkpointing_func(step, hidden)
        else:
            hidden = step(hidden)
    return BaseModelOutputWithPastAndCrossAttentions(last_hidden_state=hidden[:, None])


def _layer(layer: Any, rows: _Rows, last: bool, hidden: torch.Tensor) -> torch.Tensor:
    """Return what a layer does of (tokens, width): of the first tokens only if it is the last."""
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    attention, inner = layer.attention, layer.attention.self
    asking = hidden[rows.firsts] if last else hidden
    given, query = _cast(hidden), inner.query(_cast(asking))
    query, key, value = (
        one.unflatten(-1, (-1, inner.attention_head_size)).transpose(1, 2)
        for one in (
            query[:, None] if last else rows.apart(query),
            rows.apart(inner.key(given)),
            rows.apart(inner.value(given)),
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
    asking = attention.output(context[:, 0] if last else rows.joined(context), asking)
    out: torch.Tensor = layer.feed_forward_chunk(asking)
    return out


def _cast(hidden: torch.Tensor) -> torch.Tensor:
    """Return what products take, cast once instead of for each of them."""
    device = hidden.device.type
    if not torch.is_autocast_enabled(device):
        return hidden
    return hidden.to(torch.get_autocast_dtype(device))


@dataclass(frozen=True)
class _Rows:
    """Which tokens of (batch, length) attend to which, and where each is among all end to end.

    `places` are the tokens' places in batch times length, and `numbers` the other way round, the
    token at each place, and any one where there is none; both None where padding stays.
    """

    batch: int
    length: int
    seen: torch.Tensor | None
    firsts: torch.Tensor
    places: torch.Tensor | None = None
    numbers: torch.Tensor | None = None

    def joined(self, padded: torch.Tensor) -> torch.Tensor:
        """Return (tokens, width) of (batch, length, width); zeros after the last token."""
        flat = padded.flatten(0, 1)
        if self.places is None:
            return flat
        joined: torch.Tensor = _Unpadded.apply(  # type: ignore[no-untyped-call]  # torch's
            flat, self.places
        )
        return joined

    def apart(self, joined: torch.Tensor) -> torch.Tensor:
        """Return (batch, length, width) of (tokens, width); what stands in padding is not read."""
        if self.places is not None:
            joined = _Apart.apply(  # type: ignore[no-untyped-call]  # torch's
                joined, self.places, self.numbers
            )
        return joined.view(self.batch, self.length, -1)


def _rows(hidden: torch.Tensor, mask: torch.Tensor | None) -> _Rows:
    batch, length = hidden.shape[:2]
    firsts = torch.arange(0, batch * length, length, device=hidden.device)
    padded = _Rows(batch, length, mask, firsts)
    # A GPU would have to be waited for to know how many tokens there are.
    if hidden.device.type != "cpu" or (mask is not None and mask.dtype != torch.bool):
        return padded
    more = round_length(length) - length
    if mask is None and not more:
        return padded
    told = torch.ones(batch, length, dtype=torch.bool) if mask is None else mask[:, 0, 0]
    if not told[:, 0].all():
        return padded
    told = pad(told, (0, more))
    numbers = (told.flatten().cumsum(0) - 1).view(told.shape)
    places = told.flatten().nonzero()[:, 0]
    seen = told[:, None, None]
    return _Rows(batch, length + more, seen, numbers[:, 0], places, numbers.flatten())


class _Unpadded(torch.autograd.Function):
    """The tokens of padded rows; what stands in padding has no gradient."""

    @staticmethod
    def forward(ctx: Any, padded: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        """Return (tokens, width) of (places, width)."""
        ctx.save_for_backward(places)
        ctx.shape = padded.shape
        return _chosen(padded, places)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        """Return the gradient of the places."""
        (places,) = ctx.saved_tensors
        gradient = gradients[0][: len(places)]
        return gradient.new_zeros(ctx.shape).index_copy_(0, places, gradient), None


class _Apart(torch.autograd.Function):
    """Tokens at their places in padded rows; the gradient of what stands in padding is not read."""

    @staticmethod
    def forward(
        ctx: Any, joined: torch.Tensor, places: torch.Tensor, numbers: torch.Tensor
    ) -> torch.Tensor:
        """Return (places, width) of (tokens, width)."""
        ctx.save_for_backward(places)
        return joined.index_select(0, numbers)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        """Return the gradient of the tokens."""
        (places,) = ctx.saved_tensors
        return _chosen(gradients[0], places), None, None


def _chosen(values: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Return values of some places, and zeros up to a round number of them."""
    count = len(places)
    chosen = values.new_empty((round_tokens(count), values.shape[1]))
    torch.index_select(values, 0, places, out=chosen[:count])
    chosen[count:] = 0
    return chosen
