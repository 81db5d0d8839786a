"""Metrics over the seeds of a fit, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gft.report.cautions import cautions_of_splits
from gft.report.tables import as_lines, limits, number, table
from gft.results.scored import SCORED, called


def seeds_table(metrics: Mapping[str, Any]) -> str:
    """Return mean and spread of each metric over the seeds of a fit, nothing if it has one seed."""
    found = metrics.get("seeds")
    if not found or not found["splits"]:
        return ""
    rows = []
    for role in (role for role in SCORED if role in found["splits"]):
        split = found["splits"][role]
        for n, (name, of) in enumerate(split["metrics"].items()):
            where = "" if n else f"{role} ({split['rows']:,} rows)"
            star = " *" if name == metrics["figure_of_merit"] else ""
            spread = [number(of[part]) for part in ("mean", "sd", "least", "most")]
            rows.append((where, called(name, of) + star, *spread, limits(of)))
    seeds = found["seeds"]
    headers = (f"{len(seeds)} seeds", "metric", "mean", "sd", "least", "most", "95 % interval")
    best = ", the best on val" if found["chosen_by"] else ""
    shown = [(role, split["metrics"].values()) for role, split in found["splits"].items()]
    return (
        table(headers, rows, right=range(2, 6))
        + "* the selection metric. 95 % confidence intervals of the means: sampling of rows and "
        f"training seeds.\nThe model that is kept is that of seed {found['chosen']}{best}; "
        f"the seeds are {seeds[0]} to {seeds[-1]}.\n" + as_lines(cautions_of_splits(shown))
    )
