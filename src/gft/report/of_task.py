"""What a task is, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gft.report.tables import facts


def task_text(task: Mapping[str, Any]) -> str:
    """Return the facts for people."""
    pairs = {
        "Task": f"{task['name']}: {task['summary']}",
        "Other names": ", ".join(task["also"]),
    }
    if "heads" in task:
        pairs |= {
            "A row": task["right"],
            "Model head": " or ".join(task["heads"]),
            "Default model": task["model"] or "none",
        }
    else:
        pairs |= {
            "Left of ~": task["left"],
            "Right of ~": task["right"],
            "Model head": task["head"],
            "Metrics": f"{', '.join(task['metrics'])} (the first picks the best epoch)",
            "Default model": f"{task['model']} in gft_predict" if task["model"] else "none",
        }
    return facts({**pairs, "Example": task["example"]})
