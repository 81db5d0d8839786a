"""What is said of a graph beside its model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gft.report.of_graph import graph_text

FOUND: dict[str, Any] = {
    "bytes": 90_900_000, "made": "from the weights", "largest_difference": 6e-7, "rows": 872,
    "data": "sst", "equal_labels": 0.9977,
    "metrics": [{"name": "accuracy", "value": -0.0011, "low": -0.004, "high": None}],
    "speeds": [{"runtime": "onnx", "precision": "fp32", "rows_per_second": 382.1,
                "equal_labels": 1.0}],
}  # fmt: skip


def test_a_graph_in_words() -> None:
    text = graph_text(Path("fit/onnx/model.onnx"), FOUND)
    written = "fit/onnx/model.onnx (90.9 MB) was written from the weights. Its outputs differ"
    assert f"{written} from the model's in fp32 by at most 6.0e-07." in text
    assert "Compared on 872 rows of sst: 99.77% of the labels are the same as the model's" in text
    assert "accuracy             -0.0011   -0.0040 to undefined" in text
    assert "onnx      fp32           382               100.00%" in text


def test_numbers_correlate_and_no_rows_say_nothing() -> None:
    numbers = {name: one for name, one in FOUND.items() if name != "equal_labels"}
    numbers |= {"correlation": 0.99991, "metrics": [], "speeds": []}
    assert "the correlation with the model in fp32 is 0.9999" in graph_text(Path("m.onnx"), numbers)
    assert graph_text(Path("m.onnx"), {**FOUND, "rows": 0}).count("\n") == 1
