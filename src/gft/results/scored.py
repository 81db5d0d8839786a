"""The splits that a fit is scored on, and the one that counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SCORED = ("test", "val")
"""The splits that are scored, the one that counts first."""


def split_that_counts(metrics: Mapping[str, Any]) -> str | None:
    """Return `test` if it was scored, else `val`, else None."""
    return next((role for role in SCORED if role in metrics["splits"]), None)


def called(name: str, figure: Mapping[str, Any]) -> str:
    """Return what a saved figure is called in tables, such as `f1 (spam)` where it is of a class.

    It may as well be the difference of two such figures, or the mean of several.
    """
    label = figure.get("positive_label")
    return name if label is None else f"{name} ({label})"


def baseline_figures(
    metrics: Mapping[str, Any],
) -> list[tuple[str, str, float | None, Mapping[str, Any]]]:
    """Return the figures of the baselines on the split that counts.

    Each with the baseline's name, its own, and by how much the model differs.
    """
    role = split_that_counts(metrics)
    return [
        (name, figure, value, one["splits"][role]["differences"][figure])
        for name, one in metrics.get("baselines", {}).items()
        if role in one["splits"]
        for figure, value in one["splits"][role]["figures"].items()
    ]
