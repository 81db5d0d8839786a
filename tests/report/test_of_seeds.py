"""Metrics over the seeds of a fit."""

from __future__ import annotations

from typing import Any

from gft.report.of_seeds import seeds_table

METRICS: dict[str, Any] = {"figure_of_merit": "accuracy", "splits": {}}


def test_seeds() -> None:
    assert seeds_table(METRICS) == ""
    spread = {"mean": 0.8, "sd": 0.05, "least": 0.7, "most": 0.9, "low": 0.75, "high": 0.85}
    told = {
        "seeds": [42, 43], "chosen": 43, "chosen_by": "val",
        "splits": {"val": {"rows": 1200, "metrics": {"accuracy": spread}}},
    }  # fmt: skip
    text = seeds_table({**METRICS, "seeds": told})
    row = ["val", "(1,200", "rows)", "accuracy", "*", "0.8000", "0.0500", "0.7000", "0.9000"]
    assert [*row, "0.7500", "to", "0.8500"] in [line.split() for line in text.splitlines()]
    assert (
        "The model that is kept is that of seed 43, the best on val; the seeds are 42 to 43."
        in text
    )
