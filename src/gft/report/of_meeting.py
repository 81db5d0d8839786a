"""How a model and a data set fit together, for people."""

from __future__ import annotations

from gft.errors import listed
from gft.report.tables import facts, percent
from gft.results.meeting import Meeting

SHOWN = 12


def meeting_text(met: Meeting) -> str:
    """Return the facts for people."""
    pairs = {
        "Together": f"{met.model} and {met.data}",
        "Left could be": listed(met.left),
        "Right could be": listed(met.right),
        "Equation": f"{met.equation or 'none'} ({met.why})",
    }
    if met.meet is not None:
        pairs["Labels, data"] = listed(met.data_labels, SHOWN)
        pairs["Labels, model"] = listed(met.model_labels, SHOWN)
        pairs["They meet"] = _meet(met)
        pairs["gft_eval"] = met.evaluation
        pairs["gft_fit"] = met.fit
    if met.lengths is not None:
        pairs["Input lengths"] = _lengths(met)
    if met.command:
        pairs["To fit"] = met.command
    return facts(pairs)


def _meet(met: Meeting) -> str:
    if met.meet == "by name":
        same = met.order == met.data_labels
        order = "both have the same order" if same else "in the model's order"
        return f"by name; {order}: {listed(met.order, SHOWN)}"
    if met.meet == "by position":
        pairs = zip(met.data_labels, met.model_labels, strict=True)
        return f"by position: {listed((f'{a} is {b}' for a, b in pairs), SHOWN)}"
    return "not at all" + (": the model has no such head" if met.meet == "no head" else "")


def _lengths(met: Meeting) -> str:
    assert met.lengths is not None
    told = (
        f"median {met.lengths.median:,}, 95 % {met.lengths.most:,}, longest "
        f"{met.lengths.longest:,} tokens in {met.measured:,} rows"
    )
    assert met.over is not None
    return (
        f"{told}; {percent(met.over)} are over {met.limit:,} and would be "
        f"{'read in windows' if met.windowed else 'truncated'}"
    )
