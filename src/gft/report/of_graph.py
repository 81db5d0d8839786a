"""A graph beside its model, for people: what was kept, how alike it answers, how fast."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gft.errors import counted
from gft.report.tables import table


def graph_text(file: Path, found: Mapping[str, Any]) -> str:
    """Return what was found when a graph in a file was compared with its model."""
    size = f"{found['bytes'] / 1e6:.1f} MB"
    lines = [
        f"{file} ({size}) was written {found['made']}. Its outputs differ from the model's in fp32 "
        f"by at most {found['largest_difference']:.1e}."
    ]
    if not found["rows"]:
        return "\n".join([*lines, ""])
    lines.append(f"Compared on {counted(found['rows'], 'row')} of {found['data']}: {_alike(found)}")
    if found["metrics"]:
        rows = [
            (one["name"], *(_signed(one[end]) for end in ("value", "low", "high")))
            for one in found["metrics"]
        ]
        shown = [(name, value, f"{low} to {high}") for name, value, low, high in rows]
        lines += ["", table(("metric", "graph minus model", "95 % interval"), shown, right=(1,))]
    agreement = "same labels as fp32" if "equal_labels" in found else "correlation with fp32"
    heads = ("runtime", "precision", "rows/s", agreement)
    speeds = [
        (one["runtime"], one["precision"], f"{one['rows_per_second']:,.0f}", _share(one))
        for one in found["speeds"]
    ]
    return "\n".join([*lines, "", table(heads, speeds, right=(2, 3))])


def _alike(found: Mapping[str, Any]) -> str:
    if "equal_labels" in found:
        return f"{_share(found)} of the labels are the same as the model's in fp32."
    return f"the correlation with the model in fp32 is {_share(found)}."


def _share(found: Mapping[str, Any]) -> str:
    if "equal_labels" in found:
        return f"{found['equal_labels']:.2%}"
    return f"{found['correlation']:.4f}"


def _signed(value: float | None) -> str:
    return "undefined" if value is None else f"{value:+.4f}"
