"""A graph beside its model, for people: what was kept, how alike it answers, how fast."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gft.errors import counted
from gft.report.tables import number, table


def graph_text(file: Path, found: Mapping[str, Any]) -> str:
    """Return what was found when a graph in a file was compared with its model."""
    size = f"{found['bytes'] / 1e6:.1f} MB"
    lines = [
        f"{file}: {size}, written {found['made']}; its outputs differ from the model's by at most "
        f"{found['largest_difference']:.1e}"
    ]
    if not found["rows"]:
        return "\n".join([*lines, ""])
    share = found.get("equal_labels")
    alike = (
        f"correlation with the model {found['correlation']:.4f}"
        if share is None
        else f"{share:.2%} of labels as the model's"
    )
    lines.append(f"On {counted(found['rows'], 'row')} of {found['data']}: {alike}")
    if found["metrics"]:
        rows = [
            (one["name"], *(_signed(one[end]) for end in ("value", "low", "high")))
            for one in found["metrics"]
        ]
        shown = [(name, value, f"{low} to {high}") for name, value, low, high in rows]
        lines += ["", table(("metric", "graph less model", "95 % interval"), shown, right=(1,))]
    speeds = [
        (
            one["runtime"],
            one["precision"],
            number(one["rows_per_second"]),
            f"{one['equal_labels']:.2%}" if "equal_labels" in one else f"{one['correlation']:.4f}",
        )
        for one in found["speeds"]
    ]
    return "\n".join(
        [*lines, "", table(("runtime", "precision", "rows/s", "as in fp32"), speeds, right=(2, 3))]
    )


def _signed(value: float | None) -> str:
    return "undefined" if value is None else f"{value:+.4f}"
