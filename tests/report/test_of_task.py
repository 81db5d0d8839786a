"""What a task is, for people."""

from __future__ import annotations

from gft.report.of_task import task_text
from gft.results.task_facts import PredictOnlyFacts, TaskFacts


def test_a_task_that_is_fitted() -> None:
    task = TaskFacts("t", "what it does", ("u",), "a label", "texts", "SequenceHead",
                     ("accuracy", "f1"), None, "gft_fit --x")  # fmt: skip
    lines = task_text(task).splitlines()
    assert lines[0] == "Task:          t: what it does"
    assert "Figures:       accuracy, f1 (the first picks the best epoch)" in lines
    assert "Default model: none" in lines


def test_a_task_that_only_predicts() -> None:
    ready = PredictOnlyFacts(
        "t", "what it does", ("u",), "a text", ("A", "B"), "H:m", "gft_predict"
    )
    lines = task_text(ready).splitlines()
    assert "Model head:    A or B" in lines and "Default model: H:m" in lines
    assert not any(line.startswith("Figures") for line in lines)
