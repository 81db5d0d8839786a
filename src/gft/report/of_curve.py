"""The learning curve of a fit, in a few lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gft.report.tables import number
from gft.results.scored import called


def curve_text(metrics: Mapping[str, Any]) -> str:
    """Return what fits on parts of train reached, and what more rows would bring.

    Nothing for a fit without a learning curve.
    """
    found = metrics.get("learning_curve")
    if not found:
        return ""
    merit, role = found["metric"], found["split"]
    scores = {one["rows"]: one["splits"][role]["metrics"][merit] for one in found["points"]}
    reached = [f"{number(of['value'])} ({rows:,})" for rows, of in scores.items()]
    first = next(iter(scores.values()))
    scores_line = f"{called(merit, first)} on {role} by rows of train: {', '.join(reached)}\n"
    return (scores_line if len(scores) > 1 else "") + f"{found['sentence']}\n"
