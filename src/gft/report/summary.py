"""What is in a fitted folder, in words and tables, as R's `summary(glm)` tells it."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gft.folder import HISTORY, METRICS
from gft.report.card import command
from gft.report.doubts import doubts
from gft.report.sections import calibration_line, classes_section, data_section, model_section
from gft.report.tables import baselines_table, figures_of_fit, seeds_table
from gft.report.terminal import curves_of_fit


@dataclass(frozen=True)
class FitFacts:
    """A fitted folder: what is in its `gft.json`, `metrics.json` and `history.csv`."""

    folder: Path
    record: Mapping[str, Any]
    plot: bool = False

    def saved(self) -> dict[str, Any]:
        """Return the facts as JSON."""
        metrics = _metrics(self.folder)
        notes = doubts(metrics, _history(self.folder))
        return {"folder": str(self.folder), **self.record, "metrics": metrics, "notes": notes}

    def text(self) -> str:
        """Return the facts for people."""
        curves = curves_of_fit(self.folder, self.record["figure_of_merit"]) if self.plot else ""
        return fit_summary(self.folder, self.record) + (f"\nCurves:\n{curves}" if curves else "")


def fit_summary(folder: Path, record: Mapping[str, Any]) -> str:
    """Return what a fitted folder holds, in sections with headings."""
    metrics = _metrics(folder)
    sections = {
        "Call": "".join(f"  {line}\n" for line in command(record["program"]).splitlines()),
        f"Data {record['data']['name']}": data_section(record, metrics),
        "Model": model_section(record, metrics),
        "Seeds": seeds_table(metrics),
        "Figures": figures_of_fit(metrics),
        "Baselines": _baselines(metrics),
        "Classes": classes_section(metrics),
        "Calibration": calibration_line(metrics),
        "Too small to tell": "".join(f"{one}.\n" for one in doubts(metrics, _history(folder))),
    }
    return "\n".join(f"{name}:\n{text}" for name, text in sections.items() if text)


def _baselines(metrics: Mapping[str, Any]) -> str:
    text = baselines_table(metrics)
    if not text:
        return ""
    told = [
        f"{name}: {one['what']}, {one['train_rows']:,} rows of train"
        for name, one in metrics["baselines"].items()
    ]
    return text + "".join(f"{line}\n" for line in told)


def _metrics(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / METRICS).read_text(encoding="utf-8"))
    return found


def _history(folder: Path) -> list[dict[str, str]]:
    file = folder / HISTORY
    if not file.is_file():
        return []
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))
