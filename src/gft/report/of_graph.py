"""A graph beside its model, for people: what was kept, how alike it answers, how fast."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gft.errors import counted
from gft.report.tables import table

_AGREEMENT = {
    "equal_labels": "same labels as fp32",
    "correlation": "correlation with fp32",
    "cosine": "cosine with fp32",
}
"""How alike answers are, by the key in what was found."""


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
    [kind] = (name for name in _AGREEMENT if name in found)
    heads = ("runtime", "precision", "rows/s", _AGREEMENT[kind])
    speeds = [
        (one["runtime"], one["precision"], f"{one['rows_per_second']:,.0f}", _share(one))
        for one in found["speeds"]
    ]
    again = [
        f"{one['runtime']} in {one['precision']} computes rows close to a tie (a margin of less "
        f"than {one['margin']:.2g} in logits) again in fp32: {one['share']:.1%} of the rows.\n"
        for one in found.get("recomputation", ())
    ]
    return "\n".join([*lines, "", table(heads, speeds, right=(2, 3)) + "".join(again)])


def _alike(found: Mapping[str, Any]) -> str:
    if "equal_labels" in found:
        return f"{_share(found)} of the labels are the same as the model's in fp32."
    if "cosine" in found:
        return f"the mean cosine between its vectors and the model's is {_share(found)}."
    return f"the correlation with the model in fp32 is {_share(found)}."


def _share(found: Mapping[str, Any]) -> str:
    if "equal_labels" in found:
        return f"{found['equal_labels']:.2%}"
    return f"{found['cosine' if 'cosine' in found else 'correlation']:.4f}"


def _signed(value: float | None) -> str:
    return "undefined" if value is None else f"{value:+.4f}"
