"""What a fitted folder holds, in words and tables."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from gft.report.summary import fit_text
from gft.results.fitted import read_fit


def test_sections_stand_in_order_and_empty_ones_are_left_out(
    fitted: tuple[Path, set[int]],
) -> None:
    folder = fitted[0]
    facts = read_fit(folder, json.loads((folder / "gft.json").read_text(encoding="utf-8")))
    headings = [line for line in fit_text(facts).splitlines() if line.endswith(":")]
    assert [heading.split()[0].rstrip(":") for heading in headings if heading[0] != " "][:5] == [
        "Call", "Data", "Model", "Metrics", "Baselines"]  # fmt: skip
    assert "Curves:" not in headings and "Curves:" in fit_text(facts, plot=True).splitlines()
    assert fit_text(facts).endswith(
        "\nTerms: the glossary at the end of report.html explains them.\n"
    )
    unscored = replace(facts, metrics={**facts.metrics, "splits": {}, "baselines": {}}, history=[])
    text = fit_text(unscored, plot=True)
    assert "No split was scored" in text
    for heading in ("Baselines", "Classes", "Calibration", "Too small to tell", "Curves"):
        assert f"\n{heading}:\n" not in text
