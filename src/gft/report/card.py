"""The model card: README.md of a fitted folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from gft.errors import listed
from gft.report.tables import interval, number
from gft.results.scored import split_that_counts

_FIGURE = "| {name} | {value} | {interval} |"


def model_card(record: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """Return the card in Markdown, with the metadata that hubs read."""
    program, data, training = record["program"], record["data"], record["training"]
    lines = [
        "---",
        f"library_name: {'peft' if _apart(record['model']) else 'transformers'}",
        f"base_model: {json.dumps(record['model'].get('repository') or record['model']['spec'])}",
        "tags:",
        "- gft",
        f"- {record['task']['name']}",
        "---",
        "",
        f"# {program['eqn']}",
        "",
        f"{record['model']['spec']} ({record['model']['architecture']}, "
        f"{record['model']['parameters']:,} parameters, "
        f"{record['model']['trained_parameters']:,} trained{lora_text(record['model'])}), "
        f"fine-tuned on {data['name']} with gft.",
        "",
        *_without_gft(record["model"]),
        "```sh",
        command(program),
        "```",
        "",
        f"Train rows: {data['rows'].get('train', 0):,}. Steps: {training['steps']:,}; the weights "
        f"are those of epoch {training['best_epoch']:g}, chosen by {training['chosen_by']}. "
        f"Precision: {record['precision']}.",
    ]
    if "how_to_load" in record["model"]:
        lines += ["", "## How to load it", "", record["model"]["how_to_load"]]
    for role, split in metrics["splits"].items():
        remark = ""
        if split["chose_the_epoch"]:
            remark = " (chose the epoch, so these figures flatter)"
        if split["optimistic"]:
            remark = " (not held out: these figures flatter)"
        lines += [
            "",
            f"## {role}{remark}",
            "",
            f"{split['rows']:,} rows.",
            "",
            "| figure | value | 95 % interval |",
            "|---|---|---|",
        ]
        for name, figure in split["figures"].items():
            interval = (
                "" if figure["low"] is None else f"{figure['low']:.4f} to {figure['high']:.4f}"
            )
            value = "undefined" if figure["value"] is None else f"{figure['value']:.4f}"
            lines.append(_FIGURE.format(name=name, value=value, interval=interval))
    lines += [*_baselines(metrics), *_seeds(metrics), ""]
    lines += ["The intervals cover the choice of rows, not the seed of the training.", ""]
    return "\n".join(lines)


def _seeds(metrics: Mapping[str, Any]) -> list[str]:
    """Return the figures over several seeds, where there are several."""
    told = metrics.get("seeds")
    if not told:
        return []
    lines = ["", f"## {len(told['seeds'])} seeds", "", f"The model is seed {told['chosen']}'s. The "
             "intervals of the means cover the choice of rows and of the seed.", "",
             "| split | figure | mean | sd | 95 % interval |", "|---|---|---|---|---|"]  # fmt: skip
    for role, split in told["splits"].items():
        for name, of in split["figures"].items():
            limits = interval(of["low"], of["high"])
            lines.append(
                f"| {role} | {name} | {number(of['mean'])} | {number(of['sd'])} | {limits} |"
            )
    return lines


def _baselines(metrics: Mapping[str, Any]) -> list[str]:
    """Return what simple baselines reach on test, else val, and by how much the model is better."""
    role = split_that_counts(metrics)
    known = {
        name: one for name, one in metrics.get("baselines", {}).items() if role in one["splits"]
    }
    if not known:
        return []
    lines = ["", f"## Baselines on {role}", ""]
    lines += [f"- {name}: {escape(one['what'])}" for name, one in known.items()]
    lines += [
        "",
        "| baseline | figure | value | model - baseline | 95 % interval |",
        "|---|---|---|---|---|",
    ]
    for name, one in known.items():
        split = one["splits"][role]
        for figure, value in split["figures"].items():
            found = split["differences"][figure]
            better = "" if found["value"] is None else f"{found['value']:+.4f}"
            limits = interval(found["low"], found["high"], signed=True)
            lines.append(f"| {name} | {figure} | {number(value)} | {better} | {limits} |")
    return lines


def lora_text(model: Mapping[str, Any]) -> str:
    """Return ` (LoRA of rank 8 on query and value)` for the model of a record, or nothing."""
    lora = model.get("lora")
    if not lora:
        return ""
    merged = ", merged" if lora["merged"] else ""
    return f" (LoRA of rank {lora['r']} on {listed(lora['target_modules'], 8)}{merged})"


def _apart(model: Mapping[str, Any]) -> bool:
    return bool(model.get("lora")) and not model["lora"]["merged"]


def _without_gft(model: Mapping[str, Any]) -> list[str]:
    """Return how to load a folder that holds an adapter, where it is not plain."""
    if not _apart(model):
        return []
    kind, lora = model["architecture"], model["lora"]
    revision = f", revision={lora['revision']!r}" if lora["revision"] else ""
    return [
        f"The folder holds what was trained; the rest is {lora['base']}. Without gft:",
        "",
        "```python",
        f"from transformers import AutoConfig, {kind}",
        "",
        "config = AutoConfig.from_pretrained(folder)",
        f"model = {kind}.from_pretrained({lora['base']!r}{revision}, config=config)",
        "model.load_adapter(folder)",
        "```",
        "",
    ]


def command(program: Mapping[str, Any]) -> str:
    """Return the command that runs a program again, without what is at its default."""
    from gft.registry import arguments

    words = [f"gft_{program['function']}"]
    for name in ("model", "data", "eqn"):
        if program.get(name):
            words.append(f"--{name} {_quoted(str(program[name]))}")
    if program.get("metric"):
        words.append("--metric " + " ".join(_quoted(one) for one in program["metric"]))
    if program.get("splits"):
        words.append("--splits " + ",".join(program["splits"]))
    for name, value in program["arguments"].items():
        argument = arguments().get(name)
        if argument is None or value == argument.default or not argument.identity:
            continue
        words.append(f"--{name} {' '.join(map(_quoted, _spelt(value)))}")
    return " \\\n    ".join(words)


def _spelt(value: object) -> list[str]:
    """Return the words that give a value back on a command line."""
    if isinstance(value, list | tuple):
        return [word for one in value for word in _spelt(one)]
    if isinstance(value, bool):
        return [str(value).lower()]
    return [json.dumps(value) if isinstance(value, dict) else str(value)]


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)
