"""What a task is, for people."""

from __future__ import annotations

from gft.report.tables import facts
from gft.results.task_facts import PredictOnlyFacts, TaskFacts


def task_text(task: TaskFacts | PredictOnlyFacts) -> str:
    """Return the facts for people."""
    if isinstance(task, PredictOnlyFacts):
        return facts(
            {
                "Task": f"{task.name}: {task.summary}",
                "Also spelt": ", ".join(task.also),
                "A row": task.right,
                "Model head": " or ".join(task.heads),
                "Default model": task.model or "none",
                "Example": task.example,
            }
        )
    figures = ", ".join(task.figures)
    return facts(
        {
            "Task": f"{task.name}: {task.summary}",
            "Also spelt": ", ".join(task.also),
            "Left of ~": task.left,
            "Right of ~": task.right,
            "Model head": task.head,
            "Figures": f"{figures} (the first picks the best epoch)",
            "Default model": f"{task.model} in gft_predict" if task.model else "none",
            "Example": task.example,
        }
    )
