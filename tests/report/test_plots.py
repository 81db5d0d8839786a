"""The plots of a fit, of numbers made for them."""

from __future__ import annotations

import numpy as np

from gft.metrics.per_class import Confusion
from gft.report import plots
from gft.results.errors import ByLength, Residuals
from report.hostile import EVIL, Page


def test_curves_that_were_logged() -> None:
    history = [
        {"epoch": 0.5, "loss": 2.0, "learning_rate": 1e-3},
        {"epoch": 1.0, "val_loss": 1.5, "val_accuracy": 0.5},
        {"epoch": 1.0, "loss": float("nan")},
    ]
    assert [one.name for one in plots.curves(history, "accuracy")] == ["loss", "merit", "rate"]
    assert [one.name for one in plots.curves(history, "loss")] == ["loss", "rate"]
    assert plots.curves([], "loss") == []
    assert "Train 2; val 1.5." in Page(plots.curves(history, "loss")[0].svg()).text


def test_a_confusion_matrix_of_names_that_are_markup() -> None:
    pairs = np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([8, 2, 1200])
    drawing = plots.confusion_matrix(Confusion(EVIL, *pairs), "test")
    assert drawing is not None
    found = Page(drawing.svg())
    assert found.of("script") == [] and "1,200" in found.text
    assert "1,208 of 1,210 rows lie on the diagonal" in found.text
    many = Confusion([str(n) for n in range(21)], *[np.arange(21)] * 3)
    assert plots.confusion_matrix(many, "test") is None


def test_residuals_have_a_dot_a_row() -> None:
    one = Residuals("size", np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, -1.0]))
    [drawing] = plots.residuals([one], "val")
    found = Page(drawing.svg())
    assert "of 3 rows; mean 0, standard deviation 0.816" in found.text
    assert len([dot for dot in found.of("circle") if "point" in dot["class"]]) == 3
    assert plots.residuals([], "val") == []


def test_reliability_and_metrics_by_length() -> None:
    bins = [{"rows": 10, "confidence": 0.6, "right": 0.5}, {"rows": 90, "confidence": 0.9,
             "right": 0.95}]  # fmt: skip
    drawing = plots.reliability({"expected_calibration_error": 0.055, "bins": bins}, "test")
    assert "calibration error 0.0550" in Page(drawing.svg()).text
    lengths = [{"from": 3, "to": 3, "rows": 5, "value": 0.5, "low": None, "high": None},
               {"from": 4, "to": 9, "rows": 5, "value": 0.7, "low": 0.6, "high": 0.8}]  # fmt: skip
    text = Page(plots.by_length(ByLength("f1", "tokens", lengths), "test").svg()).text
    assert "0.5 for 3 tokens; 0.7 for 4 to 9 tokens" in text
