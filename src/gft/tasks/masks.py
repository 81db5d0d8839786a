"""Masks: the one that a text has, and tokens that are hidden behind one."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from gft.errors import UserError
from gft.inputs.features import Feature
from gft.inputs.text import as_text

MASK = "<mask>"
"""What stands in a text for whatever a model calls its mask."""
SHARE = 0.15
"""The share of tokens that is hidden from the model (Devlin et al. 2019)."""
MASKED, RANDOM = 0.8, 0.1
"""Of the hidden tokens in training so many become the mask, so many a random token."""
IGNORED = -100
"""The label of a token that is not asked for, as torch and transformers have it."""


def with_mask(processor: Any, text: Any) -> str:
    """Return a text with the model's own mask. Raises `UserError` where it has none."""
    if getattr(processor, "mask_token", None) is None:
        raise UserError(
            "fill_mask needs a masked language model, such as BERT or RoBERTa; the tokenizer of "
            "this one has no mask"
        )
    return as_text(text).replace(MASK, processor.mask_token)


def positions_of(
    processor: Any, ids: Sequence[int], special: frozenset[int], scoring: bool
) -> list[int]:
    """Return where the masks are, or in scoring which tokens to hide.

    That is a choice which depends on the tokens alone.
    """
    if not scoring:
        return [n for n, token in enumerate(ids) if token == processor.mask_token_id]
    free = [n for n, token in enumerate(ids) if token not in special]
    count = max(1, round(SHARE * len(free)))
    key = blake2b(",".join(map(str, ids)).encode()).digest()
    chosen = sorted(free, key=lambda n: blake2b(str(n).encode(), key=key, digest_size=8).digest())
    return sorted(chosen[:count])


def hide(processor: Any, tokens: Sequence[int]) -> Feature:
    """Return the tokens of a text with some of them hidden at random, and `labels`: those."""
    import torch

    ids = torch.as_tensor(tokens, dtype=torch.int64)
    chosen, how, which = torch.rand(3, len(ids))
    special = torch.isin(ids, torch.tensor(processor.all_special_ids))
    hidden = (chosen < SHARE) & ~special
    shown = torch.where(hidden & (how < MASKED), processor.mask_token_id, ids)
    another = hidden & (how >= MASKED) & (how < MASKED + RANDOM)
    shown = torch.where(another, (which * len(processor)).long(), shown)
    labels = torch.where(hidden, ids, IGNORED)
    return {"input_ids": shown.tolist(), "labels": labels.tolist()}
