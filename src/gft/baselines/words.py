"""Baselines for tags of words: the most frequent tag, and the most frequent one of each word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from gft.baselines.protocol import Baseline, Cells, Decided, Sample


def of_tags(sample: Sample) -> list[Baseline]:
    """Return both; a word that train does not have gets the most frequent tag of all words."""
    [(column, cells)] = sample.inputs.items()
    every: Counter[int] = Counter()
    of_word: dict[str, Counter[int]] = {}
    for words, tags in zip(cells, sample.golds, strict=True):
        for word, tag in zip(words, map(int, tags), strict=True):
            if tag >= 0:
                every[tag] += 1
                of_word.setdefault(word, Counter())[tag] += 1
    most = _commonest(every)
    known = {word: _commonest(tags) for word, tags in of_word.items()}

    def constant(rows: Cells, golds: Sequence[Any]) -> Decided:
        return [np.full(len(tags), most) for tags in golds], None

    def by_word(rows: Cells, golds: Sequence[Any]) -> Decided:
        return [
            np.array([known.get(word, most) for word in words], dtype=np.int64)
            for words in rows[column]
        ], None

    return [
        Baseline("majority", f"always {sample.labels[most]}", len(sample.golds), constant),
        Baseline("most frequent tag", "of each word in train", len(sample.golds), by_word),
    ]


def _commonest(tags: Counter[int]) -> int:
    """Return the most frequent tag; of equals the first label."""
    return min(tags, key=lambda tag: (-tags[tag], tag))
