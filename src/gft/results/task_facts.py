"""What a task is, from what its class says of itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from gft.language.spec import Spec
from gft.metrics.table import find
from gft.registry import predict_only, tasks


@dataclass(frozen=True)
class TaskFacts:
    """A task of the language: `left` and `right` say what stands on either side of `~`."""

    name: str
    summary: str
    also: tuple[str, ...]
    left: str
    right: str
    head: str
    figures: tuple[str, ...]
    model: str | None
    example: str

    def saved(self) -> dict[str, Any]:
        """Return the facts as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class PredictOnlyFacts:
    """A task that only predicts: `right` says what a row holds."""

    name: str
    summary: str
    also: tuple[str, ...]
    right: str
    heads: tuple[str, ...]
    model: str | None
    example: str

    def saved(self) -> dict[str, Any]:
        """Return the facts as JSON."""
        return asdict(self)


def describe_task(name: str, model: Spec | None) -> TaskFacts | PredictOnlyFacts:
    """Return what there is to say of the task with this canonical name and this default model."""
    default = str(model) if model else None
    if name in predict_only():
        ready = predict_only()[name]
        return PredictOnlyFacts(
            ready.name,
            ready.summary,
            ready.aliases,
            ready.right,
            ready.heads,
            default,
            ready.example,
        )
    kind = tasks()[name]
    metrics = [find(metric, None, kind.target) for metric in kind.metrics]
    return TaskFacts(
        kind.name,
        kind.summary,
        kind.aliases,
        kind.left,
        kind.right,
        kind.head,
        tuple(figure.name for metric in metrics for figure in metric.figures(())),
        default,
        f"gft_fit {kind.example}",
    )
