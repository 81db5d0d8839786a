"""A task's baselines: fitted to its train rows in seconds, and measured beside the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gft.baselines.protocol import Baseline, Cells, Sample
from gft.covariates.design import Design
from gft.data.sampling import spread_over
from gft.data.table import Rows
from gft.metrics.protocol import Array
from gft.tasks.protocol import Task

MOST_ROWS = 20_000
MOST_GOLDS = 1_000_000
"""Rows times labels: with many labels fewer rows are taken."""
MOST_LABELS = 1_000
"""With more labels these would be fewer rows than labels: no baseline learns from inputs."""


def learns(task: Task) -> bool:
    """Say whether baselines learn from a task's inputs: texts, covariates, of not many labels."""
    seen = task.reads_text or task.covariates is not None
    return seen and len(task.labels) <= MOST_LABELS


def fit_baselines(
    task: Task, train: Rows, golds: Sequence[Any], constants: bool = False
) -> list[Baseline]:
    """Return the baselines of a task's target, fitted to train rows with gold values.

    Only `constants` where that is what is to be beaten, as by a linear model.
    """
    if not golds:
        return []
    sees = not constants and learns(task)
    sample = sample_of(task, train, golds)[0] if sees else None
    return task.target.baselines(golds, task.labels, sample)


def sample_of(task: Task, train: Rows, golds: Sequence[Any]) -> tuple[Sample, Array]:
    """Return train rows, of many some at even distances, and the numbers of those that it has."""
    chosen = spread_over(len(golds), min(MOST_ROWS, MOST_GOLDS // max(1, len(task.labels))))
    seen = [golds[n] for n in chosen]
    sample = Sample(task.labels, seen, lambda: cells(task, train, chosen), design_of(task))
    return sample, chosen


def design_of(task: Task) -> Design | None:
    """Return what train taught about the covariates of a task, None where it has none."""
    return None if task.covariates is None else task.covariates.design


def cells(task: Task, rows: Rows, chosen: Array) -> Cells:
    """Return the inputs of some rows as baselines read them: words, texts, and covariates.

    Nothing of files.
    """
    pairs = zip(task.inputs, task.input_kinds, strict=True)
    kinds = {name: kind for name, kind in pairs if kind.is_covariate or task.reads_text}
    picked = rows if len(chosen) == len(rows) else rows.select(chosen)
    return {name: kind.read(picked.column(name)) for name, kind in kinds.items()}
