"""Padding: which token pads, on which side, and that tokenizer and model agree on both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gft.errors import UserError

LEFT = ("xlnet",)
"""Models that read the last position of a row, and are trained with padding before it."""
_FROM_PADDING = (
    "roberta", "camembert", "longformer", "mpnet", "data2vec-text", "ibert", "luke", "xmod", "esm",
    "lilt", "layoutlmv3", "markuplm",
)  # fmt: skip


def make_able_to_pad(processor: Any, config: Mapping[str, Any], name: str) -> None:
    """Give a tokenizer a token that pads, which the model has an embedding for, and a side.

    A tokenizer without one (GPT-2, Llama) pads with its end: what pads is masked anyway. A
    decoder classifies at the last token that is not padding and counts positions from the left,
    so that only padding on the right leaves a row alone; text models pad there, but for XLNet.
    Raises `UserError`, calling the model `name`, when there is nothing to pad with.
    """
    if not hasattr(processor, "pad_token"):
        return
    if config.get("model_type") not in LEFT:
        processor.padding_side = "right"
    candidates = (processor.pad_token, processor.eos_token, processor.unk_token)
    known = [token for token in candidates if token and _has_embedding(processor, config, token)]
    if not known:
        raise UserError(
            f"{name}: its tokenizer has no padding token, and no end or unknown token to use "
            "instead"
        )
    if processor.pad_token != known[0]:
        processor.pad_token = known[0]


def agree_on_padding(config: Any, processor: Any) -> None:
    """Write the tokenizer's padding into a configuration: by it a decoder finds a row's end.

    Where positions are counted from the padding token's number, that number stays.
    """
    pad = getattr(processor, "pad_token_id", None)
    if pad is None:
        return
    for part in (config, config.get_text_config()):
        known = getattr(part, "pad_token_id", None)
        if known is None or not counts_from_padding(part.model_type):
            part.pad_token_id = pad


def counts_from_padding(model_type: object) -> bool:
    """Say whether a kind of model (RoBERTa and its kin) numbers positions from padding on."""
    return any(family in str(model_type) for family in _FROM_PADDING)


def _has_embedding(processor: Any, config: Mapping[str, Any], token: str) -> bool:
    size = config.get("vocab_size")
    return size is None or processor.convert_tokens_to_ids(token) < size
