"""The part of a very long text that a model can read: the rest is never tokenized.

A tokenizer takes 200 bytes and 2 microseconds for each character, so that a text of 20 MB would
take gigabytes and most of a minute, for 512 tokens of it. Where all of a text is read, it is
tokenized a part at a time: half of the time, and a part's memory.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, MutableSequence, Sequence
from typing import Any, overload

LONG = 100_000
"""Characters; shorter texts are tokenized as they are."""
LONGEST = 1 << 20
"""Characters; where these do not make enough tokens, nothing after them is read."""
ENOUGH = 2
"""How many times the tokens that are kept a beginning has to make: they are then the same as those
of the whole, for what tokens are made of ends far before the end."""
OF_PAIR = 64
"""Characters for each token that is kept; shorter texts of a pair are not truncated before."""
MANY = 4
"""How many times the tokens that are read a text has to have for the others not to be made."""
_SPACE = re.compile(r"\s")
_LAST_SPACE = re.compile(r"\s(?=\S*\Z)")


def beginnings(
    processor: Any, texts: Sequence[str], max_length: int, paired: bool = False
) -> list[str]:
    """Return texts without what is too far back to be among the first `max_length` tokens.

    Where the tokenizer truncates on the left, it is what comes first that goes. Texts of a pair are
    `paired`: less of them is left, for a tokenizer that truncates a pair also makes every pair of
    the parts that it removed, which takes the product of both lengths.
    """
    long = min(LONG, OF_PAIR * max_length) if paired else LONG
    if all(len(text) <= long for text in texts):
        return list(texts)
    left = getattr(processor, "truncation_side", "right") == "left"
    return [_beginning(processor, text, max_length, left, long) for text in texts]


def _beginning(processor: Any, text: str, max_length: int, left: bool, long: int) -> str:
    size = long
    while size < len(text):
        part = _truncated(text, size, left)
        tokens = processor(part, add_special_tokens=False, truncation=False, verbose=False)
        if len(tokens["input_ids"]) >= ENOUGH * max_length or size >= LONGEST:
            return part
        size = min(8 * size, LONGEST)
    return text


def _truncated(text: str, size: int, left: bool) -> str:
    """Return the first, or last, `size` characters, fewer where a word would be split."""
    if left:
        part = text[-size:]
        space = re.search(r"\s", part[: size // 2])
        return part[space.start() :] if space else part
    part = text[:size]
    last = _LAST_SPACE.search(part, size // 2)
    return part[: last.start()] if last else part


def parts_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield the parts of a text, each with its offset: they are split before a space, if any.

    A part has at most `LONG` characters.
    """
    start = 0
    while len(text) - start > LONG:
        part = _truncated(text[start : start + LONG], LONG, left=False)
        yield start, part
        start += len(part)
    yield start, text[start:]


def all_tokens(processor: Any, texts: Sequence[str]) -> Sequence[MutableSequence[int]]:
    """Return the tokens of whole texts, without the tokenizer's special ones.

    Where there is a very long text, they are arrays: a list takes eight times the memory.
    """
    if all(len(text) <= LONG for text in texts):
        return _tokens(processor, texts) if texts else []
    found = []
    for text in texts:
        tokens = array("i")
        for _, part in parts_of(text):
            tokens.extend(_tokens(processor, [part])[0])
        found.append(tokens)
    return found


def _tokens(processor: Any, texts: Sequence[str]) -> list[list[int]]:
    read = processor(list(texts), add_special_tokens=False, truncation=False, verbose=False)
    found: list[list[int]] = read["input_ids"]
    return found


def around(text: str, mark: str) -> list[str]:
    """Return what stands around the marks in a very long text, or its beginning if it has none.

    Shorter texts are returned as they are. On each side of a mark there are half of `LONG`
    characters, a few less where a word would be split.
    """
    if len(text) <= LONG:
        return [text]
    spans: list[list[int]] = []
    for found in re.finditer(re.escape(mark), text):
        start, stop = found.start() - LONG // 2, found.end() + LONG // 2
        if spans and start <= spans[-1][1]:
            spans[-1][1] = stop
        else:
            spans.append([max(0, start), stop])
    return [_whole_words(text, start, stop) for start, stop in spans or [[0, LONG]]]


def _whole_words(text: str, start: int, stop: int) -> str:
    """Return a part of a text without the parts of words at its ends, where it has spaces."""
    first = _SPACE.search(text, start, start + LONG // 4) if start else None
    part = text[first.start() if first else start : stop]
    last = _LAST_SPACE.search(part, max(0, len(part) - LONG // 4)) if stop < len(text) else None
    return part[: last.start()] if last else part


class Excerpts(Sequence[int]):
    """The tokens of a very long text of which only a few windows are read.

    Their number, and where in the text a token is, follow from the share that the text's
    beginning has; a slice is tokenized when it is asked for. Made by `excerpts`.
    """

    def __init__(self, processor: Any, text: str, first: list[int], read: int) -> None:
        self._processor, self._text, self._first = processor, text, first
        self._each = read / len(first)  # characters a token

    def __len__(self) -> int:
        return round(len(self._text) / self._each)

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> list[int]: ...
    def __getitem__(self, at: int | slice) -> int | list[int]:
        """Return some tokens, as many as the slice has."""
        if isinstance(at, int):
            return self[at : at + 1][0]
        start, stop, _ = at.indices(len(self))
        count = stop - start
        if stop <= len(self._first):
            return self._first[start:stop]
        size = round(2 * count * self._each) + len(self._first) // 8
        if stop >= len(self):
            found = _tokens(self._processor, [_truncated(self._text, size, left=True)])[0][-count:]
        else:
            offset = round(start * self._each)
            space = _SPACE.search(self._text, offset, offset + size)
            offset = space.start() if space else offset
            found = _tokens(self._processor, [self._text[offset : offset + size]])[0][:count]
        return found if len(found) == count else self._first[:count]


def excerpts(processor: Any, text: str, wanted: int) -> Sequence[int]:
    """Return the tokens of a text of which about `wanted` are read: all of them, if they are few.

    Of a very long text that has many times as many they are `Excerpts`.
    """
    if len(text) > LONG:
        part = _truncated(text, LONG, left=False)
        [first] = _tokens(processor, [part])
        if first and len(first) * (len(text) // len(part)) > MANY * wanted and len(first) > wanted:
            return Excerpts(processor, text, first, len(part))
    return all_tokens(processor, [text])[0]
