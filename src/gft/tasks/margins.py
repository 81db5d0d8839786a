"""Margins: by how much scores decide for a prediction, in logits."""

from __future__ import annotations

import numpy as np

from gft.metrics.protocol import Array

_SMALLEST = float(np.finfo(np.float32).tiny)


def margins_of_classes(predictions: Array, probabilities: Array) -> Array:
    """Return the logit of each row's class less the largest other one, shape (rows,).

    Negative where the probabilities, shape (rows, classes), are best for another class.
    """
    logs = np.log(np.maximum(probabilities, _SMALLEST))
    rows = np.arange(len(logs))
    own = logs[rows, predictions]
    logs[rows, predictions] = -np.inf
    margins: Array = own - logs.max(1)
    return margins


def margins_of_labels(predictions: Array, probabilities: Array) -> Array:
    """Return how far the logit nearest to a probability of a half is from it, shape (rows,).

    Both have the shape (rows, labels). Negative where the probabilities say another set of labels.
    """
    logits = np.log(np.maximum(probabilities, _SMALLEST))
    logits -= np.log(np.maximum(1 - probabilities, _SMALLEST))
    margins: Array = np.where(predictions, logits, -logits).min(1)
    return margins
