"""Baselines that see no input: the majority class, the mean, the labels that most rows have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gft.baselines.protocol import Baseline, Cells, Decided
from gft.metrics.indicators import indicators
from gft.metrics.protocol import Array

MAJORITY, MEAN = "majority", "mean"
CONSTANT = (MAJORITY, MEAN)
"""The names of the baselines that see no input."""


def of_classes(labels: tuple[str, ...], golds: Sequence[Any]) -> Baseline:
    """Return what predicts the most frequent class, with the classes' shares as probabilities."""
    counts = np.bincount(np.asarray(golds, dtype=np.int64), minlength=len(labels))
    most = int(counts.argmax())
    return _constant(
        MAJORITY, f"always {labels[most]}", len(golds), np.int64(most), counts / counts.sum()
    )


def of_several(labels: tuple[str, ...], golds: Sequence[Any]) -> Baseline:
    """Return what predicts the labels that more than half of the rows have."""
    has, known = indicators(golds, len(labels))
    shares = has.sum(0) / np.maximum(1, known.sum(0))
    chosen = shares > 0.5
    named = [label for label, yes in zip(labels, chosen, strict=True) if yes]
    what = f"always {', '.join(named)}" if named else "never a label"
    return _constant(MAJORITY, what, len(golds), chosen, shares)


def of_numbers(golds: Sequence[Any]) -> Baseline:
    """Return what predicts the mean of each output."""
    mean = np.asarray(golds, dtype=np.float64).mean(0)
    return _constant(MEAN, "always the mean of train", len(golds), mean, None)


def _constant(name: str, what: str, rows: int, value: Any, scores: Array | None) -> Baseline:
    def predict(rows: Cells, golds: Sequence[Any]) -> Decided:
        every = np.broadcast_to(value, (len(golds), *np.shape(value)))
        known = None if scores is None else np.broadcast_to(scores, (len(golds), len(scores)))
        return every, known

    return Baseline(name, what, rows, predict)
