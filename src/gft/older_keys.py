"""Reads the JSON that an earlier gft wrote under today's keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_OF_METRICS = {"figures": "metrics", "figure": "metric", "beyond_chance": "significant"}
_OF_DATA = {"cut": "truncated", "tokens_cut": "tokens_truncated"}


def metrics_with_todays_keys(metrics: dict[str, Any]) -> dict[str, Any]:
    """Rename the older keys of a `metrics.json` in place, and return it.

    Only keys of gft's own are looked at: labels, columns and metrics may have any name.
    """
    for one in _parts(metrics):
        _rename(one, _OF_METRICS)
    return metrics


def record_with_todays_keys(record: dict[str, Any]) -> dict[str, Any]:
    """Rename the older keys of what a `gft.json` says of the data in place, and return it."""
    _rename(record["data"], _OF_DATA)
    return record


def _rename(found: dict[str, Any], names: Mapping[str, str]) -> None:
    for older, now in names.items():
        if older in found:
            found[now] = found.pop(older)


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
