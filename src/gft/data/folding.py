"""What rows that say the same have in common: the letters and digits of their texts."""

from __future__ import annotations

import re
import string
import unicodedata

from gft.data.gathered import ideographs_in

SHORT = 25
"""Letters of a text that many people write independently, such as "thank you very much"."""
_OF_AN_IDEOGRAPH = 3
"""Letters that an ideograph counts for."""
_RETWEET = re.compile(r"[\W_]*(?:RT\s+@\w+\s*:?\s*)+", re.IGNORECASE)
_ASCII_MARKS = (string.punctuation + string.whitespace).encode() + bytes([*range(32), 127])
_NO_LETTERS = re.compile(r"[\W_]+")
_MARKS = "PZC"
"""Unicode's categories of punctuation, blanks, and control characters."""


def bare(text: str) -> str:
    """Return a text without case, whitespace, punctuation and the prefix of a retweet.

    Texts that differ in nothing else are equal then. Other symbols, such as emoji, count.
    """
    retweet = _RETWEET.match(text)
    if retweet:
        text = text[retweet.end() :]
    if text.isascii():
        return text.encode().lower().translate(None, _ASCII_MARKS).decode()
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _NO_LETTERS.sub(_symbols, unicodedata.normalize("NFKC", plain))


def _symbols(between: re.Match[str]) -> str:
    """Return what of some characters, none of them a letter, is no punctuation."""
    return "".join(
        one
        for one in between[0]
        if (not one.isascii() or one.encode() not in _ASCII_MARKS)
        and unicodedata.category(one)[0] not in _MARKS
    )


def is_short(bared: str) -> bool:
    """Say whether a bare text is so short that it need not come from another that is equal."""
    if len(bared) > SHORT:
        return False
    return len(bared) + (_OF_AN_IDEOGRAPH - 1) * ideographs_in(bared) <= SHORT
