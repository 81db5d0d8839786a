"""What duplicates have in common: the letters and digits of their texts."""

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
_ASCII_SYMBOLS = frozenset("$+<=>^`|~")
_NO_LETTERS = re.compile(r"[\W_]+")
_MARKS = "PZC"
"""Unicode's categories of punctuation, whitespace, and control characters."""
HARDLY = 2
"""Letters of a text that marks say more of, such as ":d"; a word of two has no mark between."""
_OF_SENTENCES = frozenset(
    ".,!?-'\"\u00bf\u00a1\u2026\u2013\u2014\u2018\u2019\u201c\u201d\u3002\uff01\uff1f\uff0c"
)
"""Marks that stand beside any word: "no!" says what "no" does."""


def comparable(text: str) -> str:
    """Return what duplicate texts have in common: their bare text.

    Of a text with hardly a letter, such as an emoticon, marks are what it says: ":d" is not "d:",
    and ":)" not ":(". It is taken as it is, but for case and whitespace. Marks of sentences alone
    say nothing.
    """
    plain = bare(text)
    if len(plain) > HARDLY or ideographs_in(plain):
        return plain
    whole = "".join(_without_retweet(text).casefold().split())
    marks = {one for one in whole if unicodedata.category(one)[0] == "P" or one in _ASCII_SYMBOLS}
    a_word = len(plain) == HARDLY and plain in whole
    return plain if a_word or marks <= _OF_SENTENCES else whole


def bare(text: str) -> str:
    """Return a text without case, whitespace, punctuation and the prefix of a retweet.

    Texts that differ in nothing else are equal then. Other symbols, such as emoji, count.
    """
    text = _without_retweet(text)
    if text.isascii():
        return text.encode().lower().translate(None, _ASCII_MARKS).decode()
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _NO_LETTERS.sub(_symbols, unicodedata.normalize("NFKC", plain))


def _without_retweet(text: str) -> str:
    found = _RETWEET.match(text)
    return text[found.end() :] if found else text


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
