"""What a task is, from what its class says of itself."""

from __future__ import annotations

from typing import Any

from gft.language.spec import Spec
from gft.metrics.table import find
from gft.registry import predict_only, tasks


def describe_task(name: str, model: Spec | None) -> dict[str, Any]:
    """Return what there is to say of the task with this canonical name and this default model.

    `right`, and `left` of a task that can be fitted, say what stands on either side of `~`;
    `right` of one that only predicts says what a row holds.
    """
    default = str(model) if model else None
    ready = predict_only().get(name)
    if ready is not None:
        facts = {"name": name, "summary": ready.summary, "also": ready.aliases}
        facts |= {"right": ready.right, "heads": ready.heads}
        return {**facts, "model": default, "example": ready.example}
    kind = tasks()[name]
    metrics = [find(metric, None, kind.target) for metric in kind.metrics]
    return {
        "name": name,
        "summary": kind.summary,
        "also": kind.aliases,
        "left": kind.left,
        "right": kind.right,
        "head": kind.head,
        "metrics": tuple(measure.name for metric in metrics for measure in metric.measures(())),
        "model": default,
        "example": f"gft_fit {kind.example}",
    }
