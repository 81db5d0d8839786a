"""Terms of texts and how rare they are: TF-IDF, applied without what learned them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from gft.metrics.protocol import Array

Way: TypeAlias = Literal["words", "characters"]
"""What terms are made of: words and pairs of words, or one to three characters of a word."""
_WORDS = re.compile(r"\w+|[^\w\s]")
_LONGEST = 3


def of_words(text: str) -> list[str]:
    """Return the words of a text in lower case, then the pairs of neighbours.

    Every word counts, single letters and signs too.
    """
    words = _WORDS.findall(text.lower())
    return words + [f"{first} {second}" for first, second in pairwise(words)]


def of_characters(text: str) -> list[str]:
    """Return the characters of each word in ones to threes, with a space on both of its sides."""
    found = []
    for word in text.lower().split():
        padded = f" {word} "  # three characters at least
        for length in range(1, _LONGEST + 1):
            ends = range(length, len(padded) + 1)
            found += [padded[end - length : end] for end in ends]
    return found


WAYS: Mapping[Way, Callable[[str], list[str]]] = {"words": of_words, "characters": of_characters}


@dataclass(frozen=True)
class Terms:
    """The terms that count, in the order of the features, and the inverse frequency of each.

    `idf` has shape (terms,): the logarithm of how rare a term is among texts, plus one.
    """

    way: Way
    terms: tuple[str, ...]
    idf: Array

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {term: n for n, term in enumerate(self.terms)}

    def of(self, texts: Sequence[str]) -> Any:
        """Return the features of texts, a sparse matrix of shape (texts, terms).

        1 + ln(how often a term is there), times its `idf`; each text has the length 1 (Salton &
        Buckley 1988).
        """
        import numpy as np
        from scipy import sparse

        number, split = self._numbers, WAYS[self.way]
        terms: list[int] = []
        counts: list[int] = []
        ends = [0]
        for text in texts:
            found = Counter(number[term] for term in split(text) if term in number)
            here = sorted(found)
            terms += here
            counts += [found[one] for one in here]
            ends.append(len(terms))
        indices = np.array(terms, dtype=np.int32)
        values = (np.log(np.array(counts, dtype=np.float64)) + 1) * self.idf[indices]
        lengths = np.diff(ends)
        row = np.repeat(np.arange(len(texts)), lengths)
        squares = np.bincount(row, values * values, minlength=len(texts))
        values /= np.sqrt(squares)[row]
        shape = (len(texts), len(self.terms))
        return sparse.csr_matrix((values, indices, np.array(ends)), shape=shape)
