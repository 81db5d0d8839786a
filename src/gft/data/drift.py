"""What differs between splits: the languages of their texts, and how long the texts are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from gft.data.languages import languages_of

Array: TypeAlias = "np.ndarray[Any, Any]"

FEWEST_TEXTS = 30
FEWEST_CHUNKS = 10
LANGUAGES_APART = 0.3
"""The share of texts that would have to be in another language."""
LENGTHS_APART = 0.3
"""The largest distance of two distributions, as Kolmogorov measures it."""
RATIO = 1.5
_AT_1_PERCENT = 1.63


def other_languages(texts: Sequence[str], others: Sequence[str]) -> tuple[str, str] | None:
    """Return the languages of the texts of two splits, such as `80% en, 20% de`, if they differ.

    They do if three in ten texts would have to change language.
    """
    ours, theirs = languages_of(texts), languages_of(others)
    if min(ours.total(), theirs.total()) < FEWEST_CHUNKS:
        return None
    apart = sum(
        abs(ours[code] / ours.total() - theirs[code] / theirs.total()) for code in {*ours, *theirs}
    )
    if apart / 2 < LANGUAGES_APART:
        return None
    lengths = (
        ", ".join(f"{count / of.total():.0%} {code}" for code, count in of.most_common(3))
        for of in (ours, theirs)
    )
    return next(lengths), next(lengths)


def other_lengths(texts: Sequence[str], others: Sequence[str]) -> tuple[int, int] | None:
    """Return the median lengths of two splits' texts in letters, if these are of other lengths.

    They are if one median is half as long again and the distributions are further apart than
    `LENGTHS_APART`, and than chance would have it (Smirnov 1948, at 1 %).
    """
    if min(len(texts), len(others)) < FEWEST_TEXTS:
        return None
    ours, theirs = (np.sort([len(one) for one in each]) for each in (texts, others))
    low, high = sorted((float(np.median(ours)), float(np.median(theirs))))
    critical = _AT_1_PERCENT * math.sqrt(1 / len(ours) + 1 / len(theirs))
    if high < RATIO * low or _distance(ours, theirs) < max(LENGTHS_APART, critical):
        return None
    return int(np.median(ours)), int(np.median(theirs))


def _distance(ours: Array, theirs: Array) -> float:
    """Return the largest difference between the shares of two sorted samples below any value."""
    every = np.concatenate([ours, theirs])
    shares = (np.searchsorted(one, every, side="right") / len(one) for one in (ours, theirs))
    return float(np.abs(next(shares) - next(shares)).max())
