"""A task's baselines: fitted to its train rows in seconds, and measured beside the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gft.baselines.protocol import Baseline, Cells, Sample
from gft.data.sampling import spread_over
from gft.data.table import Rows
from gft.metrics.protocol import Array
from gft.tasks.protocol import Task

MOST_ROWS = 20_000
MOST_GOLDS = 1_000_000
"""Rows times labels: with many labels fewer rows are taken."""


def fit_baselines(task: Task, train: Rows, golds: Sequence[Any]) -> list[Baseline]:
    """Return the baselines of a task's target, fitted to train rows with gold values."""
    if not golds:
        return []
    sample = sample_of(task, train, golds)[0] if task.reads_text else None
    return task.target.baselines(golds, task.labels, sample)


def sample_of(task: Task, train: Rows, golds: Sequence[Any]) -> tuple[Sample, Array]:
    """Return train rows, of many some at even distances, and the numbers of those that it has."""
    chosen = spread_over(len(golds), min(MOST_ROWS, MOST_GOLDS // max(1, len(task.labels))))
    seen = [golds[n] for n in chosen]
    return Sample(task.labels, seen, lambda: cells(task, train, chosen)), chosen


def cells(task: Task, rows: Rows, chosen: Array) -> Cells:
    """Return the inputs of some rows as baselines read them: words, or texts; nothing of files."""
    if not task.reads_text:
        return {}
    picked = rows if len(chosen) == len(rows) else rows.select(chosen)
    return {name: kind.read(picked.column(name)) for name, kind in task.texts.items()}
