"""Margins: by how much scores decide for a prediction, in logits."""

from __future__ import annotations

from gft.metrics.protocol import Array

_SMALLEST = 2.0**-126
"""The smallest normal number of 32 bits."""


def margins_of_classes(predictions: Array, probabilities: Array) -> Array:
    """Return the logit of each row's class less the largest other one, shape (rows,).

    Negative where the probabilities, shape (rows, classes), are best for another class.
    """
    import numpy as np

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
    import numpy as np

    logits = np.log(np.maximum(probabilities, _SMALLEST))
    logits -= np.log(np.maximum(1 - probabilities, _SMALLEST))
    margins: Array = np.where(predictions, logits, -logits).min(1)
    return margins
