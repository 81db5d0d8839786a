"""Leave out of a classifier's last layer what nobody reads.

BERT and its kin classify by the first position alone. In the last layer keys and values of all
positions are needed, but queries, outputs and the feed-forward network of the first one only: a
seventh of all products in a model of six layers, forward and backward, for the same logits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch

READ_THE_FIRST = frozenset(
    f"{family}ForSequenceClassification"
    for family in ("Bert", "Camembert", "Electra", "Ernie", "Roberta", "XLMRoberta")
)
"""Models whose head reads the first position, and whose layers are those of BERT."""


@contextmanager
def first_position_only(model: torch.nn.Module) -> Iterator[None]:
    """Let the last layer of a model that is read at its first position compute only that.

    Inside, the last hidden states are (batch, 1, width); any other model is left as it is.
    """
    attention = _last_attention(model)
    if attention is None:
        yield
        return
    attention.forward = partial(_attend, attention)
    try:
        yield
    finally:
        del attention.forward


def _last_attention(model: Any) -> Any:
    """Return the attention of the last layer, None unless it is as we know it."""
    if type(model).__name__ not in READ_THE_FIRST:
        return None
    if model.config._attn_implementation != "sdpa" or model.config.is_decoder:
        return None
    return model.base_model.encoder.layer[-1].attention


def _attend(
    attention: Any,
    hidden_states: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
    past_key_values: None = None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """Return what the first position attends to, as the layer's own attention would."""
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    inner, first = attention.self, hidden_states[:, :1]
    query, key, value = (
        projected.unflatten(-1, (-1, inner.attention_head_size)).transpose(1, 2)
        for projected in (inner.query(first), inner.key(hidden_states), inner.value(hidden_states))
    )
    context, _ = ALL_ATTENTION_FUNCTIONS["sdpa"](
        inner,
        query,
        key,
        value,
        None if attention_mask is None else attention_mask[:, :, :1],
        dropout=inner.dropout.p if inner.training else 0.0,
        scaling=inner.scaling,
        **kwargs,
    )
    return attention.output(context.flatten(2), first), None
