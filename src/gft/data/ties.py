"""Which rows belong in one split: duplicates, and those of one group."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Ties:
    """Rows in bundles that are drawn as a whole.

    `bundles` numbers the bundle of each row, shape (rows,), in the order of their first rows.
    `everyday` marks rows whose short text stands in several groups: it ties these together no
    more, so that such a row can be in train alone. `near` has pairs of rows that are nearly the
    same, the likest first, shape (pairs, 2), of two bundles each.
    """

    bundles: Array
    everyday: Array
    near: Array

    def __len__(self) -> int:
        return len(self.bundles)

    @property
    def largest(self) -> int:
        """How many rows the largest bundle has."""
        return int(np.bincount(self.bundles).max()) if len(self) else 0


def same_rows(rows: Iterable[Sequence[str]], count: int) -> Array:
    """Return a number for each of `count` rows of bare texts: equal rows have the same.

    Numbers are hashes of 64 bits, the same ones anywhere.
    """
    found = (
        int.from_bytes(hashlib.blake2b("\0".join(row).encode(), digest_size=8).digest())
        for row in rows
    )
    return np.fromiter(found, np.uint64, count)


def tie(same: Array, short: Array, groups: Array | None, near: Array) -> Ties:
    """Return the bundles of rows: those with the same number in `same`, or in `groups`.

    `short` marks the rows of short texts, shape (rows,); `near` pairs of rows.
    """
    _, texts = np.unique(same, return_inverse=True)
    if groups is None:
        bundles, everyday = texts, np.zeros(len(same), dtype=bool)
    else:
        everyday = short & _in_several(texts, groups)
        bundles = _joined(texts, groups, ~everyday)
    bundles = _by_first(bundles)
    apart = bundles[near[:, 0]] != bundles[near[:, 1]]
    return Ties(bundles, everyday, near[apart])


def _in_several(texts: Array, groups: Array) -> Array:
    """Return, for each row, whether its text stands in more than one group."""
    pairs, _ = _pairs(texts, groups)
    return np.asarray(np.bincount(pairs, minlength=int(texts.max(initial=0)) + 1)[texts] > 1)


def _pairs(texts: Array, groups: Array) -> tuple[Array, Array]:
    """Return the texts and the groups of the pairs that there are, each once."""
    many = int(groups.max(initial=0)) + 1
    found = np.unique(texts.astype(np.int64) * many + groups)
    return found // many, found % many


def _joined(texts: Array, groups: Array, joining: Array) -> Array:
    """Return a number for each row, the same for all that groups and joining texts connect."""
    sets = Sets(int(groups.max(initial=-1)) + 1)
    first: dict[int, int] = {}
    pairs = _pairs(texts[joining], groups[joining])
    for text, group in zip(*(one.tolist() for one in pairs), strict=True):
        sets.join(first.setdefault(text, group), group)
    return sets.numbers()[groups]


class Sets:
    """Numbers from 0 in sets that can be joined (Galler & Fischer 1964)."""

    def __init__(self, count: int) -> None:
        """Take so many numbers, each a set by itself."""
        self._above = list(range(count))

    def of(self, number: int) -> int:
        """Return the number that stands for the set of another."""
        above = self._above
        while above[number] != number:
            above[number] = above[above[number]]
            number = above[number]
        return number

    def join(self, one: int, other: int) -> None:
        """Make one set of two."""
        self._above[self.of(other)] = self.of(one)

    def numbers(self) -> Array:
        """Return what `of` returns, for all numbers."""
        return np.fromiter(map(self.of, range(len(self._above))), np.int64, len(self._above))


def _by_first(bundles: Array) -> Array:
    """Return bundles numbered in the order of their first rows."""
    _, first, numbers = np.unique(bundles, return_index=True, return_inverse=True)
    ranks = np.empty(len(first), dtype=np.int64)
    ranks[np.argsort(first, kind="stable")] = np.arange(len(first))
    return np.asarray(ranks[numbers])


def with_near(ties: Ties, most: int) -> Ties:
    """Return ties in which bundles with rows that are nearly the same are one.

    A bundle that this makes has no more than `most` rows, so that it can still be drawn.
    """
    if not len(ties.near):
        return ties
    sizes = np.bincount(ties.bundles).tolist()
    sets = Sets(len(sizes))
    for pair in ties.bundles[ties.near].tolist():
        one, other = map(sets.of, pair)
        if one != other and sizes[one] + sizes[other] <= most:
            sets.join(one, other)
            sizes[one] += sizes[other]
    return Ties(_by_first(sets.numbers()[ties.bundles]), ties.everyday, ties.near)


def folds_of(bundles: Array, count: int) -> Array:
    """Return the fold of each row, `count` in all: no bundle is in two, and sizes are alike."""
    bundles = _by_first(bundles)
    sizes = np.bincount(bundles)
    filled = [0] * count
    folds = np.empty(len(sizes), dtype=np.int64)
    for bundle in np.argsort(-sizes, kind="stable").tolist():
        fold = filled.index(min(filled))
        folds[bundle] = fold
        filled[fold] += int(sizes[bundle])
    return np.asarray(folds[bundles])
