"""Baselines for tags of words: the most frequent tag, and the most frequent one of each word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from gft.baselines.protocol import Baseline, Cells
from gft.tasks.protocol import Task, Values, Worded


def of_tags(task: Task, rows: Cells, golds: Sequence[Any]) -> list[Baseline]:
    """Return both; a word that train does not have gets the most frequent tag of all words."""
    assert isinstance(task, Worded)
    column = task.inputs[0]
    every: Counter[int] = Counter()
    of_word: dict[str, Counter[int]] = {}
    for cell, tags in zip(rows[column], golds, strict=True):
        for word, tag in zip(task.words(cell), map(int, tags), strict=True):
            if tag >= 0:
                every[tag] += 1
                of_word.setdefault(word, Counter())[tag] += 1
    most = _commonest(every)
    known = {word: _commonest(tags) for word, tags in of_word.items()}

    def constant(rows: Cells, golds: Sequence[Any]) -> tuple[Values, Values | None]:
        return [np.full(len(tags), most) for tags in golds], None

    def by_word(rows: Cells, golds: Sequence[Any]) -> tuple[Values, Values | None]:
        found = [np.array([known.get(word, most) for word in task.words(cell)], dtype=np.int64)
                 for cell in rows[column]]  # fmt: skip
        return found, None

    return [
        Baseline("majority", f"always {task.labels[most]}", len(golds), constant),
        Baseline("most frequent tag", "of each word in train", len(golds), by_word),
    ]


def _commonest(tags: Counter[int]) -> int:
    """Return the most frequent tag; of equals the first label."""
    return min(tags, key=lambda tag: (-tags[tag], tag))
