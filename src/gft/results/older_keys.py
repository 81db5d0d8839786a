"""Reads a `metrics.json` that an earlier gft wrote: its metrics were called figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_NOW = {"figures": "metrics", "figure": "metric"}


def with_todays_keys(metrics: dict[str, Any]) -> dict[str, Any]:
    """Rename the older keys of a `metrics.json` in place, and return it.

    Only keys of gft's own are looked at: labels, columns and metrics may have any name.
    """
    for one in _parts(metrics):
        for older, now in _NOW.items():
            if older in one:
                one[now] = one.pop(older)
    return metrics


def _parts(metrics: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every object of a `metrics.json` that has metrics, or names one."""
    curve = metrics.get("learning_curve") or {}
    yield curve
    baselines = metrics.get("baselines", {}).values()
    for scored in (metrics, metrics.get("seeds") or {}, *baselines, *curve.get("points", ())):
        for split in scored.get("splits", {}).values():
            yield split
            yield split.get("shared_with_train") or {}
            yield split.get("importance") or {}
            for column in (split.get("by") or {}).values():
                yield from column["values"].values()
                yield from column["differences"]
