"""What a fitted folder holds, read back."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft.baselines.protocol import SETTINGS
from gft.errors import Damaged, first_line
from gft.folder import HISTORY, METRICS
from gft.language.json_text import parsed_json
from gft.older_keys import metrics_with_todays_keys
from gft.results.doubts import doubts
from gft.storage.manifest import check_file

_MEASURE = "gft_eval measures the model anew"

if TYPE_CHECKING:
    from gft.results.linear_facts import LinearFacts


@dataclass(frozen=True)
class FitFacts:
    """A fitted folder: its `gft.json`, its `metrics.json` and the rows of its `history.csv`."""

    folder: Path
    record: Mapping[str, Any]
    metrics: Mapping[str, Any]
    history: Sequence[Mapping[str, float]]
    linear: LinearFacts | None = None
    """What it is where it is no net but a linear model."""

    def doubts(self) -> list[str]:
        """Return what the metrics cannot tell."""
        return doubts(self.metrics, self.history)

    def saved(self) -> dict[str, Any]:
        """Return the facts as JSON."""
        return {
            "folder": str(self.folder),
            **self.record,
            **({"linear": asdict(self.linear)} if self.linear else {}),
            "metrics": self.metrics,
            "notes": self.doubts(),
        }


def read_fit(folder: Path, record: Mapping[str, Any]) -> FitFacts:
    """Return what a fitted folder with this `gft.json` holds. Raises `Damaged`."""
    linear = None
    if (folder / SETTINGS).is_file():
        from gft.results.linear_facts import read_linear_facts

        linear = read_linear_facts(folder)
    return FitFacts(folder, record, read_metrics(folder), _read_history(folder), linear)


def read_metrics(folder: Path) -> dict[str, Any]:
    """Return the `metrics.json` of a fitted folder. Raises `Damaged` if it is incomplete."""
    file = folder / METRICS
    check_file(file)
    try:
        found: Any = parsed_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise Damaged(f"{file} cannot be read: {first_line(problem)}; {_MEASURE}") from None
    if not isinstance(found, dict) or not isinstance(found.get("splits"), dict):
        raise Damaged(f"{file} does not hold the metrics of a fit; {_MEASURE}")
    return metrics_with_todays_keys(found)


def _read_history(folder: Path) -> list[dict[str, float]]:
    """Return the rows of `history.csv`, each with what was logged; none where there is no file."""
    file = folder / HISTORY
    if not file.is_file():
        return []
    check_file(file)
    try:
        with file.open(newline="", encoding="utf-8") as lines:
            return [
                {name: float(cell) for name, cell in row.items() if cell}
                for row in csv.DictReader(lines)
            ]
    except (OSError, ValueError, TypeError, csv.Error) as problem:
        raise Damaged(f"{file} cannot be read: {first_line(problem)}") from None
