"""The baselines that fit a task, fitted to its train rows in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gft.baselines import constant, linear, words
from gft.baselines.protocol import Baseline, Cells
from gft.data.table import Rows
from gft.metrics.protocol import CLASSES, NUMBERS, SEVERAL, TAGS, Array
from gft.tasks.protocol import ReadsFiles, Task

MOST_ROWS = 20_000
MOST_GOLDS = 1_000_000
"""Rows times labels: with many labels fewer rows are taken."""


def fit_baselines(task: Task, train: Rows, golds: Sequence[Any]) -> list[Baseline]:
    """Return the baselines of a task, fitted to train rows with gold values.

    Of many rows some at even distances are taken. Tasks that write texts, or find them, have none.
    """
    if task.serves not in (CLASSES, SEVERAL, NUMBERS, TAGS) or not golds:
        return []
    most = min(MOST_ROWS, MOST_GOLDS // max(1, len(task.labels)))
    chosen = spread_over(len(golds), most)
    seen = [golds[n] for n in chosen]
    if task.serves == TAGS:
        return words.of_tags(task, cells(task, train, chosen), seen)
    simple = {
        CLASSES: constant.of_classes, SEVERAL: constant.of_several, NUMBERS: constant.of_numbers,
    }[task.serves](task, golds)  # fmt: skip
    if isinstance(task, ReadsFiles):
        return [simple]
    better = linear.of_texts(task, cells(task, train, chosen), seen)
    return [simple, better] if better else [simple]


def cells(task: Task, rows: Rows, chosen: Array) -> Cells:
    """Return the input cells of some rows."""
    picked = rows if len(chosen) == len(rows) else rows.select(chosen)
    return {name: picked.column(name) for name in task.inputs}


def spread_over(count: int, most: int) -> Array:
    """Return the numbers of all rows, or of `most` of them at even distances."""
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).astype(np.int64)
