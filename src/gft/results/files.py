"""The results of a fit as files: metrics.json, predictions.parquet, history.csv."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft.data.partition import Partition
from gft.folder import HISTORY, METRICS, PREDICTIONS
from gft.results.learning_curve import curve_of_fit
from gft.results.measured import (
    Outcome,
    golds_of_splits,
    measured_baselines,
    metrics_of_splits,
    worth_of_columns,
)
from gft.results.predictions import write_predictions
from gft.results.scored import split_that_counts
from gft.results.verdict import verdict

if TYPE_CHECKING:
    from gft.engine.fitting import Trained


def write_files(
    folder: Path,
    outcome: Outcome,
    partition: Partition,
    trained: Trained,
    metrics: Mapping[str, Any],
) -> None:
    """Write what was measured, logged and predicted into a folder."""
    write_metrics(folder, metrics)
    _write_history(folder / HISTORY, trained.history)
    write_predictions(folder / PREDICTIONS, outcome, partition)


def measure(outcome: Outcome, trained: Trained, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return `metrics.json`: metrics, what they are compared with, and what the training cost."""
    import torch

    from gft.engine.fitting import peak_memory_bytes

    splits = metrics_of_splits(outcome)
    for role, split in splits.items():
        split["chose_the_epoch"] = role == "val" and record["training"]["chosen_by"] == "val"
        split["optimistic"] = role == "test" and record["data"]["test_is_optimistic"]
    seconds = max(trained.seconds, 1e-9)
    merit = record["figure_of_merit"]
    counts = split_that_counts({"splits": splits})
    if counts is not None:
        splits[counts] |= worth_of_columns(outcome, counts, merit)
    found = {
        "figure_of_merit": merit,
        "splits": splits,
        "baselines": measured_baselines(outcome),
    }
    return {
        "verdict": verdict(outcome, found, record["greater_is_better"]),
        **found,
        **({} if outcome.smaller is None else {"learning_curve": curve_of_fit(outcome, found)}),
        "golds": golds_of_splits(outcome),
        "train_seconds": round(trained.seconds, 3),
        "rows": trained.rows,
        "rows_per_second": round(trained.rows / seconds, 2),
        **_speed(outcome.task.length_of, trained.tokens / seconds),
        "peak_memory_bytes": peak_memory_bytes(torch.device(record["device"])),
    }


def _speed(length_of: str, per_second: float) -> dict[str, float]:
    """Return how much is read in a second: tokens, or what else lengths are counted in."""
    if not per_second:
        return {}
    what = "tokens" if length_of == "input_ids" else length_of
    return {f"{what}_per_second": round(per_second, 1)}


def write_metrics(folder: Path, metrics: Mapping[str, Any]) -> None:
    """Write `metrics.json` into a folder."""
    text = json.dumps(metrics, indent=1, ensure_ascii=False)
    (folder / METRICS).write_text(text, encoding="utf-8")


def _write_history(file: Path, rows: list[dict[str, float]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, names)
        writer.writeheader()
        writer.writerows(rows)
