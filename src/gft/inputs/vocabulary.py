"""Tokens that a tokenizer has and a model does not: it was given more after the model was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gft.errors import UserError
from gft.inputs.features import Feature


def tokens_beyond(processor: Any, config: Mapping[str, Any]) -> int:
    """Return how many tokens a model needs for a tokenizer, 0 where it has them already."""
    known = config.get("vocab_size")
    if not isinstance(known, int) or not hasattr(processor, "get_vocab"):
        return 0
    needed = max(processor.get_vocab().values(), default=-1) + 1
    return needed if needed > known else 0


def check_known(features: Iterable[Feature], known: int, processor: Any) -> None:
    """Raise `UserError` for features with a token that is not among the model's `known`."""
    for feature in features:
        highest = max(feature["input_ids"], default=0)
        if highest >= known:
            token = processor.convert_ids_to_tokens(int(highest))
            raise UserError(
                f"a row has the token {token!r}, number {highest:,} of the tokenizer, and the "
                f"model has {known:,}; a gft_fit without --peft gives the model what it lacks"
            )
