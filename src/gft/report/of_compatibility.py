"""How a model and a data set fit together, for people."""

from __future__ import annotations

from gft.errors import listed
from gft.report.tables import facts, percent
from gft.results.compatibility import Compatibility

SHOWN = 12


def compatibility_text(compatible: Compatibility) -> str:
    """Return the facts for people."""
    pairs = {
        "Together": f"{compatible.model} and {compatible.data}",
        "Left could be": listed(compatible.left),
        "Right could be": listed(compatible.right),
        "Equation": f"{compatible.equation or 'none'} ({compatible.why})",
    }
    if compatible.meet is not None:
        pairs["Labels, data"] = listed(compatible.data_labels, SHOWN)
        pairs["Labels, model"] = listed(compatible.model_labels, SHOWN)
        pairs["Labels match"] = _match(compatible)
        pairs["gft_eval"] = compatible.evaluation
        pairs["gft_fit"] = compatible.fit
    if compatible.lengths is not None:
        pairs["Input lengths"] = _lengths(compatible)
    if compatible.command:
        pairs["To fit"] = compatible.command
    return facts(pairs)


def _match(compatible: Compatibility) -> str:
    if compatible.meet == "by name":
        same = compatible.order == compatible.data_labels
        order = "both have the same order" if same else "in the model's order"
        return f"by name; {order}: {listed(compatible.order, SHOWN)}"
    if compatible.meet == "by position":
        pairs = zip(compatible.data_labels, compatible.model_labels, strict=True)
        return f"by position: {listed((f'{a} is {b}' for a, b in pairs), SHOWN)}"
    return "not at all" + (": the model has no such head" if compatible.meet == "no head" else "")


def _lengths(compatible: Compatibility) -> str:
    assert compatible.lengths is not None
    lengths = (
        f"median {compatible.lengths.median:,}, 95 % {compatible.lengths.most:,}, longest "
        f"{compatible.lengths.longest:,} tokens in {compatible.measured:,} rows"
    )
    assert compatible.over is not None
    return (
        f"{lengths}; {percent(compatible.over)} are over {compatible.limit:,} and would be "
        f"{'read in windows' if compatible.windowed else 'truncated'}"
    )
