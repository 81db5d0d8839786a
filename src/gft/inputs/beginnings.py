"""The part of a very long text that a model can read: the rest is never tokenized.

A tokenizer takes 200 bytes and 2 microseconds for each character, so that a text of 20 MB would
take gigabytes and most of a minute, for 512 tokens of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

LONG = 100_000
"""Characters; shorter texts are tokenized as they are."""
LONGEST = 1 << 20
"""Characters; where these do not make enough tokens, nothing after them is read."""
ENOUGH = 2
"""How many times the tokens that are kept a beginning has to make: they are then the same as those
of the whole, for what tokens are made of ends far before the cut."""
_LAST_BLANK = re.compile(r"\s(?=\S*\Z)")


def beginnings(processor: Any, texts: Sequence[str], max_length: int) -> list[str]:
    """Return texts without what is too far back to be among the first `max_length` tokens.

    Where the tokenizer cuts on the left, it is what comes first that goes.
    """
    if all(len(text) <= LONG for text in texts):
        return list(texts)
    left = getattr(processor, "truncation_side", "right") == "left"
    return [_beginning(processor, text, max_length, left) for text in texts]


def _beginning(processor: Any, text: str, max_length: int, left: bool) -> str:
    size = LONG
    while size < len(text):
        part = _cut(text, size, left)
        tokens = processor(part, add_special_tokens=False, truncation=False, verbose=False)
        if len(tokens["input_ids"]) >= ENOUGH * max_length or size >= LONGEST:
            return part
        size = min(8 * size, LONGEST)
    return text


def _cut(text: str, size: int, left: bool) -> str:
    """Return the first, or last, `size` characters, fewer where a word would be cut in two."""
    if left:
        part = text[-size:]
        blank = re.search(r"\s", part[: size // 2])
        return part[blank.start() :] if blank else part
    part = text[:size]
    last = _LAST_BLANK.search(part, size // 2)
    return part[: last.start()] if last else part
