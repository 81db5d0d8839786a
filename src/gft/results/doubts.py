"""What the metrics of a fit cannot tell, because the splits are too small."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gft.digits import in_digits
from gft.results.scored import SCORED, alike, called

FEWEST = 6
"""So many rows at least have to change sides before McNemar's exact test says so at 5 % (1947)."""
CORRELATION = 0.8
"""How alike two epochs of one training are taken to be, where their predictions are not kept."""
WIDE = 0.02
"""Half an interval that is worth a remark."""
DETECTED = 2.80 / 1.96
"""How many times half an interval two models have to differ for the difference to be found in 80 %
of such splits: z of 0.975 and of 0.8 together, over z of 0.975. Rows that are hard for one model
are taken to be hard for the other, with a correlation of 0.5: so the difference of two values is
as uncertain as one of them."""


def doubts(metrics: Mapping[str, Any], history: Sequence[Mapping[str, float]]) -> list[str]:
    """Return remarks on val and test: whether they can distinguish epochs, models, baselines."""
    remarks = [_of_epochs(metrics, history)]
    for role in SCORED:
        if role in metrics["splits"]:
            remarks += [_of_models(metrics, role), _of_linear(metrics, role)]
            break
    return [one for one in remarks if one]


def _of_epochs(metrics: Mapping[str, Any], history: Sequence[Mapping[str, float]]) -> str:
    merit, val = metrics["figure_of_merit"], metrics["splits"].get("val")
    reached = [(row[f"val_{merit}"], row["epoch"]) for row in history if f"val_{merit}" in row]
    if val is None or not val["chose_the_epoch"] or len(reached) < 2:
        return ""
    chosen = val["metrics"][merit]
    if chosen["value"] is None:
        return ""
    best, second = sorted(reached, key=lambda one: abs(one[0] - chosen["value"]))[:2]
    gap, rows = abs(best[0] - second[0]), val["rows"]
    if merit in ("accuracy", "subset_accuracy"):
        within = gap * rows < FEWEST
    elif chosen["low"] is None:
        return ""
    else:
        within = gap < math.sqrt(2 * (1 - CORRELATION)) * (chosen["high"] - chosen["low"]) / 2
    if not within:
        return ""
    return (
        f"on val ({rows:,} rows), epoch {best[1]:g} ({called(merit, chosen)} {in_digits(best[0])}) "
        f"does not differ significantly from epoch {second[1]:g} ({in_digits(second[0])})"
    )


def _of_models(metrics: Mapping[str, Any], role: str) -> str:
    merit, split = metrics["figure_of_merit"], metrics["splits"][role]
    score = split["metrics"][merit]
    if score["low"] is None or not 0 < score["value"] <= 1:
        return ""
    if metrics.get("verdict"):  # How uncertain a useless model's score is says nothing of others.
        return ""
    half = (score["high"] - score["low"]) / 2
    if half < WIDE:
        return ""
    return (
        f"{role} ({split['rows']:,} rows) can show that two models differ in "
        f"{called(merit, score)} if they differ by about {DETECTED * half:.2f} or more "
        "(statistical power 80 %)"
    )


def _of_linear(metrics: Mapping[str, Any], role: str) -> str:
    merit, linear = metrics["figure_of_merit"], metrics.get("baselines", {}).get("linear")
    if linear is None or role not in linear["splits"]:
        return ""
    found = linear["splits"][role]["differences"][merit]
    if found["low"] is None or not found["low"] <= 0 <= found["high"]:
        return ""
    if found["low"] == found["high"]:
        return f"on {role}, the model does not differ from the linear model: {alike(merit, found)}"
    value, low, high = (in_digits(found[one], signed=True) for one in ("value", "low", "high"))
    return (
        f"on {role}, the model does not differ significantly from the linear model: the "
        f"difference in {called(merit, found)} is {value} (95 % interval {low} to {high}, which "
        "includes 0)"
    )
