"""Texts that are nearly the same, found in linear time by MinHash and banding."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from gft.data.folding import HARDLY, bare, comparable

Array: TypeAlias = "np.ndarray[Any, Any]"

ALIKE = 0.7
"""Texts are near-duplicates if they share this much of their shingles (Jaccard 1912)."""
SHINGLE = 4
"""Letters in a shingle; a text is the set of its overlapping shingles."""
LONGEST = 1000
"""Letters of a text that are compared."""
MOST_TEXTS = 200_000
HASHES, BAND = 24, 3
TRIED = 4
"""So many texts of a band are compared with one: of many that are all alike the first will do."""
_FEWEST_EQUAL = 12
_LETTERS_AT_ONCE = 1_000_000
_NO_LETTER = re.compile(r"[\W_]+")
_MIX = np.uint64(0x9E3779B97F4A7C15)  # The odd number nearest to 2**64 over the golden ratio.
_SHIFT = np.uint64(29)


def near_pairs(texts: Sequence[str], others: Sequence[str]) -> dict[int, int]:
    """Return, for each of `texts` that is nearly one of `others`, that one's number, by its own.

    Case, punctuation and whitespace count for nothing. A pair is proposed when the signatures of
    both agree in a band (Broder 1997; Indyk & Motwani 1998) and kept when the sets of shingles do
    agree to `ALIKE`: what is found is true, and at a similarity of 0.7 one pair in thirty is
    missed, at 0.8 one in three hundred. Time is linear in the letters of both.
    """
    ours, theirs = [folded(one) for one in texts], [folded(one) for one in others]
    if not ours or not theirs:
        return {}
    mine, known = signatures(ours), signatures(theirs)
    found: dict[int, int] = {}
    for text, other in _proposed(mine, known):
        if text not in found and ours[text] and similarity(ours[text], theirs[other]) >= ALIKE:
            found[text] = other
    return found


def near_within(texts: Sequence[str]) -> Array:
    """Return pairs of folded texts that are nearly the same, the likest first, shape (pairs, 2).

    Of many that are all alike each is in a pair with another, not with every other. An empty text
    is like none. Time is linear in the letters.
    """
    kept = [n for n, text in enumerate(texts) if text]
    none = np.zeros((0, 2), dtype=np.int64)
    if len(kept) < 2:
        return none
    marks = signatures([texts[n] for n in kept])
    proposed = []
    for start in range(0, HASHES, BAND):
        keys = _key(marks[:, start : start + BAND])
        order = np.argsort(keys, kind="stable")
        equal = keys[order[1:]] == keys[order[:-1]]
        proposed.append(np.sort(np.stack([order[:-1][equal], order[1:][equal]], axis=1), axis=1))
    every = np.unique(np.concatenate(proposed), axis=0)
    every = every[(marks[every[:, 0]] == marks[every[:, 1]]).sum(1) >= _FEWEST_EQUAL]
    like = [similarity(texts[kept[one]], texts[kept[other]]) for one, other in every.tolist()]
    order = np.argsort(-np.array(like), kind="stable")[: sum(one >= ALIKE for one in like)]
    return np.array(kept)[every[order]] if len(order) else none


def folded(text: str) -> str:
    """Return the start of a text without what does not count: case, punctuation, extra whitespace.

    It is empty of a text whose marks say more than its letters: no emoticon is nearly another.
    """
    plain = unicodedata.normalize("NFKC", text[: 2 * LONGEST]).casefold()
    letters = _NO_LETTER.sub(" ", plain).strip()
    if len(letters) <= HARDLY and comparable(text) != bare(text):
        return ""
    return letters[:LONGEST]


def similarity(one: str, other: str) -> float:
    """Return the share of shingles that two folded texts have in common (Jaccard), 0 to 1."""
    first, second = _shingles(one), _shingles(other)
    return len(first & second) / len(first | second)


def signatures(texts: Sequence[str]) -> Array:
    """Return the least hash of each folded text's shingles under each hash function (MinHash).

    Shape (texts, `HASHES`): two texts agree at an index as often as their sets of shingles overlap.
    """
    generator = np.random.default_rng(0)
    factors = generator.integers(0, 2**63, HASHES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    parts = [_signatures(block, factors) for block in _blocks(texts)]
    return np.concatenate(parts)


def _signatures(texts: Sequence[str], factors: Array) -> Array:
    padded = [_padded(text) for text in texts]
    letters = np.frombuffer("".join(padded).encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    lengths = np.array([len(one) for one in padded])
    ends = np.cumsum(lengths)
    shingles = np.zeros(len(letters) - SHINGLE + 1, dtype=np.uint64)
    for n in range(SHINGLE):
        shingles = (shingles ^ letters[n : n + len(shingles)]) * _MIX
        shingles ^= shingles >> _SHIFT
    # No shingle reaches over the end of its text.
    kept = np.ones(len(letters), dtype=bool)
    for n in range(1, SHINGLE):
        kept[ends - n] = False
    shingles = shingles[kept[: len(shingles)]]
    starts = np.concatenate([[0], np.cumsum(lengths - SHINGLE + 1)[:-1]])
    least = [np.minimum.reduceat(shingles * factor, starts) for factor in factors]
    return np.stack(least, axis=1)


def _proposed(mine: Array, known: Array) -> Iterator[tuple[int, int]]:
    """Yield pairs of numbers whose signatures agree in a band, the likeliest of a text first."""
    pairs = []
    for start in range(0, HASHES, BAND):
        keys, sought = (_key(each[:, start : start + BAND]) for each in (known, mine))
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        first, last = (np.searchsorted(keys, sought, side) for side in ("left", "right"))
        for n in range(TRIED):
            hit = np.flatnonzero(first + n < last)
            pairs.append(np.stack([hit, order[first[hit] + n]], axis=1))
    every = np.unique(np.concatenate(pairs), axis=0)
    if not len(every):
        return
    equal = (mine[every[:, 0]] == known[every[:, 1]]).sum(1)
    every, equal = every[equal >= _FEWEST_EQUAL], equal[equal >= _FEWEST_EQUAL]
    yield from every[np.lexsort((-equal, every[:, 0]))].tolist()


def _key(band: Array) -> Array:
    key = np.zeros(len(band), dtype=np.uint64)
    for column in band.T:
        key = (key ^ column) * _MIX
        key ^= key >> _SHIFT
    return key


def _shingles(text: str) -> set[str]:
    padded = _padded(text)
    return {padded[n : n + SHINGLE] for n in range(len(padded) - SHINGLE + 1)}


def _padded(text: str) -> str:
    """Return a text with marks at its ends, so that the shortest has a shingle too."""
    return f" {text} ".ljust(SHINGLE, "\0")


def _blocks(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield texts in blocks of bounded memory, in order."""
    block: list[str] = []
    letters = 0
    for text in texts:
        block.append(text)
        letters += len(text)
        if letters > _LETTERS_AT_ONCE:
            yield block
            block, letters = [], 0
    if block:
        yield block
