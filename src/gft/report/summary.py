"""What is in a fitted folder, in words and tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gft.errors import listed
from gft.folder import METRICS
from gft.report.card import command, lora_text
from gft.report.tables import facts, figures_of_fit

SHOWN_CLASSES = 12


@dataclass(frozen=True)
class FitFacts:
    """A fitted folder: what is in its `gft.json` and `metrics.json`."""

    folder: Path
    record: Mapping[str, Any]

    def saved(self) -> dict[str, Any]:
        """Return the facts as JSON."""
        return {"folder": str(self.folder), **self.record, "metrics": _metrics(self.folder)}

    def text(self) -> str:
        """Return the facts for people."""
        return fit_summary(self.folder, self.record)


def fit_summary(folder: Path, record: Mapping[str, Any]) -> str:
    """Return what a fitted folder holds: call, data, model, training and figures."""
    metrics = _metrics(folder)
    data, model, training = record["data"], record["model"], record["training"]
    rows = ", ".join(f"{role} {count:,}" for role, count in data["rows"].items())
    left = sum(data["without_label"].values())
    cut = sum(data["cut"].values())
    pairs = {
        "Data": f"{data['name']}: {rows} rows"
        + (f"; {left:,} without a label left out" if left else "")
        + (f"; {cut:,} cut at {record['max_length']} tokens" if cut else ""),
        "Task": f"{record['task']['name']}; {listed(record['task']['labels'], SHOWN_CLASSES)}",
        "Model": f"{model['spec']} ({model['architecture']}), {model['parameters']:,} parameters, "
        f"{model['trained_parameters']:,} trained{lora_text(model)}",
        "Training": f"{training['steps']:,} steps in {metrics['train_seconds']:.1f} s "
        f"({metrics['rows_per_second']:.0f} rows/s), {record['precision']} on {record['device']}; "
        f"weights of epoch {training['best_epoch']:g}, chosen by {training['chosen_by']}",
    }
    call = "\n".join(f"  {line}" for line in command(record["program"]).splitlines())
    return f"Call:\n{call}\n\n{facts(pairs)}\n{figures_of_fit(metrics)}"


def _metrics(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / METRICS).read_text(encoding="utf-8"))
    return found
