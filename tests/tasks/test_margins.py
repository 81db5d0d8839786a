"""By how much scores decide for a prediction."""

from __future__ import annotations

import numpy as np
import pytest

from gft.graphs.comparison import AGAIN, Answered, close_margin
from gft.metrics.protocol import Array
from gft.registry import tasks
from gft.tasks.margins import margins_of_classes, margins_of_labels
from gft.tasks.outputs import sigmoid, softmax

LOGITS = np.array([[1.0, 3.0, 2.5], [200.0, 0.0, -1.0]], dtype=np.float32)


def test_margins_are_those_of_logits() -> None:
    predicted = np.array([1, 0])
    margins = margins_of_classes(predicted, softmax(LOGITS))
    assert margins[0] == pytest.approx(0.5, abs=1e-5) and 80 < margins[1] < np.inf
    assert margins_of_classes(np.array([2, 0]), softmax(LOGITS))[0] == pytest.approx(-0.5, abs=1e-5)
    several = np.array([[0.25, -2.0], [-3.0, -0.5]], dtype=np.float32)
    assert margins_of_labels(several > 0, sigmoid(several)) == pytest.approx([0.25, 0.5], abs=1e-5)
    assert margins_of_labels(several < 0, sigmoid(several)) == pytest.approx([-2.0, -3.0], abs=1e-5)


def test_the_margin_below_which_rows_are_close() -> None:
    draw = np.random.default_rng(0)
    task = tasks()["classify"].of_columns(None, labels=("a", "b"), raw_labels=("a", "b"))
    exact = draw.normal(0, 3, (2000, 2))

    def answered(logits: Array) -> Answered:
        return Answered("onnx", "int8", logits.argmax(1), softmax(logits), 1.0)

    errors = np.tile([0.0, 0.01], (2000, 1))
    margin, share = close_margin(task, answered(exact + errors), answered(exact)) or (0, 0)
    assert margin == pytest.approx(0.01) and 0 < share < 0.005
    _, share = close_margin(task, answered(exact + 100 * errors), answered(exact)) or (0, 0)
    assert share == pytest.approx(AGAIN)
