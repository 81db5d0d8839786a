"""What a task is, for people."""

from __future__ import annotations

from gft.report.of_task import task_text

SAID = {"name": "t", "summary": "what it does", "also": ("u",)}


def test_a_task_that_is_fitted() -> None:
    task = {**SAID, "left": "a label", "right": "texts", "head": "SequenceHead",
            "metrics": ("accuracy", "f1"), "model": None, "example": "gft_fit --x"}  # fmt: skip
    lines = task_text(task).splitlines()
    assert lines[0] == "Task:          t: what it does"
    assert "Metrics:       accuracy, f1 (the first picks the best epoch)" in lines
    assert "Default model: none" in lines


def test_a_task_that_only_predicts() -> None:
    ready = {
        **SAID,
        "right": "a text",
        "heads": ("A", "B"),
        "model": "H:m",
        "example": "gft_predict",
    }
    lines = task_text(ready).splitlines()
    assert "Model head:    A or B" in lines and "Default model: H:m" in lines
    assert not any(line.startswith("Metrics") for line in lines)
