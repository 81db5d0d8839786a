"""What is in a data set, a model or a fitted folder, in words and tables."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gft.data.table import DataSet, Rows
from gft.errors import listed
from gft.folder import METRICS
from gft.report.card import command, lora_text
from gft.report.tables import facts, figures_of_fit, table
from gft.tasks import labels

EXAMPLES = 3
SHOWN_CLASSES = 12
WIDEST_CELL = 60
READ_ROWS = 10_000


def fit_summary(folder: Path, record: Mapping[str, Any]) -> str:
    """Return what a fitted folder holds: call, data, model, training and figures."""
    metrics = json.loads((folder / METRICS).read_text(encoding="utf-8"))
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


def model_summary(
    name: str, config: Mapping[str, Any], origin: Mapping[str, Any], size: int | None
) -> str:
    """Return what a configuration says of a model; no weight is read."""
    names = labels.of_config(config)
    pairs = {
        "Model": name
        + (f" ({origin['repository']})" if origin.get("repository") else "")
        + (f", an adapter for {origin['base']}" if origin.get("base") else ""),
        "Architecture": listed(config.get("architectures") or [str(config.get("model_type"))]),
        "Layers": str(config.get("num_hidden_layers", config.get("n_layer", "unknown"))),
        "Width": str(config.get("hidden_size", config.get("d_model", "unknown"))),
        "Vocabulary": f"{config.get('vocab_size', 0):,} tokens",
        "Weights": "unknown" if size is None else f"{size / 1e6:,.1f} MB",
        "Labels": listed(names, SHOWN_CLASSES) if names else "none: fit it first",
    }
    if origin.get("commit"):
        pairs["Commit"] = origin["commit"]
    return facts(pairs)


def data_summary(data: DataSet) -> str:
    """Return the splits, columns, label counts and first rows of a data set."""
    rows = ", ".join(f"{name} {len(split):,}" for name, split in data.splits.items())
    pairs = {"Data": data.name, "Rows": rows}
    if data.origin.get("repository"):
        pairs["From"] = f"{data.origin['repository']} at {data.origin['commit'][:10]}"
    first = next(iter(data.splits.values()))
    described = [
        (column.name, column.kind, *_described(first, column.name))
        for column in first.columns.values()
    ]
    text = facts(pairs) + "\n" + table(("column", "type", "values", "examples"), described)
    return text + _class_counts(data)


def _described(rows: Rows, name: str) -> tuple[str, str]:
    """Return what values a column of the first split has, and a few of them."""
    seen: Counter[str] = Counter()
    empty = 0
    for part in rows.batches([name], READ_ROWS):
        for value in part[name]:
            if value is None or value == "":
                empty += 1
            elif len(seen) <= READ_ROWS:
                seen[str(value)] += 1
    several = f"{len(seen):,}" if len(seen) <= READ_ROWS else f"over {READ_ROWS:,}"
    values = f"{several} different" + (f", {empty:,} empty" if empty else "")
    examples = " | ".join(_short(value) for value in list(seen)[:EXAMPLES])
    return values, _short(examples)


def _class_counts(data: DataSet) -> str:
    """Return how often each class occurs in each split, for columns that look like classes."""
    text = ""
    for column in data.columns.values():
        if column.kind not in ("class", "text", "integer", "boolean"):
            continue
        counts = {
            name: Counter(_spelt(column.classes, value) for value in rows.column(column.name))
            for name, rows in data.splits.items()
            if column.name in rows.columns
        }
        every = list(dict.fromkeys(value for found in counts.values() for value in found))
        if column.classes:
            every = [one for one in column.classes if one in every] + [
                one for one in every if one not in column.classes
            ]
        most = sum(next(iter(counts.values())).values())
        if not 2 <= len(every) <= SHOWN_CLASSES or len(every) > most / 2:
            continue
        rows = [
            (one or "(empty)", *(f"{found[one]:,}" for found in counts.values())) for one in every
        ]
        text += "\n" + table((column.name, *counts), rows, right=range(1, len(counts) + 1))
    return text


def _spelt(classes: tuple[str, ...] | None, value: Any) -> str:
    if classes and isinstance(value, int):
        return classes[value] if 0 <= value < len(classes) else f"{value} (no label)"
    return "" if value is None else str(value)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= WIDEST_CELL else flat[: WIDEST_CELL - 1] + "…"
