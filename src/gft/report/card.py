"""The model card: README.md of a fitted folder."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from gft.errors import listed
from gft.report.cautions import cautions_of_splits
from gft.report.of_importance import about_importance, importance_rows
from gft.report.of_regression import coefficient_tables
from gft.report.of_rows import about_rows
from gft.report.of_subgroups import BY_SEED, about_subgroups, about_tests, subgroup_rows
from gft.report.template import Verbatim, rendered
from gft.results.scored import about_shared, baseline_metrics, of_one_seed, split_that_counts
from gft.results.verdict import leading_remarks


def model_card(record: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """Return the card in Markdown, with the metadata that hubs read."""
    model, role = record["model"], split_that_counts(metrics)
    known = metrics.get("baselines", {}).items()
    command_line = command(record["program"])
    by = metrics["splits"][role].get("by", {}) if role else {}
    worth = metrics["splits"][role].get("importance") if role else None
    values = {
        **record,
        "base": json.dumps(model.get("repository") or model["spec"]),
        "lora": model.get("lora"),
        "lora_text": lora_text(model),
        "command": command_line,
        "without_net": "steps" not in record["training"],
        "regressions": coefficient_tables(metrics),
        "fence": Verbatim(fence_of(command_line)),
        "metrics": metrics,
        "first": leading_remarks(metrics, record["greater_is_better"]),
        "role": role,
        "about_rows": about_rows(record),
        "worth": importance_rows(worth) if worth else None,
        "about_worth": about_importance(worth, role) if worth and role else [],
        "subgroups": [
            (column, *subgroup_rows(column, found), about_subgroups(column, found))
            for column, found in by.items()
        ],
        "about_tests": [*(of_one_seed(BY_SEED, metrics) if by else []), *about_tests(by)],
        "baselines": baseline_metrics(metrics),
        "about_shared": {one: about_shared(one, of) for one, of in metrics["splits"].items()},
        "cautions": cautions_of_splits(_scores(metrics).items()),
        "compared": {name: one["what"] for name, one in known if role in one["splits"]},
    }
    return rendered("card.md", values)


def _scores(metrics: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the metrics of each split that the card shows."""
    several = (metrics.get("seeds") or {"splits": {}})["splits"]
    found: dict[str, list[Mapping[str, Any]]] = {}
    for role, split in (*metrics["splits"].items(), *several.items()):
        shared = split.get("shared_with_train", {"metrics": {}})["metrics"]
        found.setdefault(role, []).extend([*split["metrics"].values(), *shared.values()])
    role = split_that_counts(metrics)
    if role is not None:
        found[role] += [difference for *_, difference in baseline_metrics(metrics)]
    return found


def fence_of(code: str) -> str:
    """Return the marks that code in Markdown stands between: longer than any inside of it."""
    longest = max((len(marks) for marks in re.findall("`+", code)), default=0)
    return "`" * max(3, longest + 1)


def parameters_text(model: Mapping[str, Any]) -> str:
    """Return how many parameters a model has, and how many of them were trained."""
    whole, trained = model["parameters"], model["trained_parameters"]
    return f"{whole:,}, {'all' if trained == whole else f'{trained:,}'} trained{lora_text(model)}"


def lora_text(model: Mapping[str, Any]) -> str:
    """Return ` (LoRA of rank 8 on query and value)` for the model of a record, or nothing."""
    lora = model.get("lora")
    if not lora:
        return ""
    merged = ", merged" if lora["merged"] else ""
    return f" (LoRA of rank {lora['r']} on {listed(lora['target_modules'], 8)}{merged})"


NEXT = " \\\n    "
"""Between the arguments of a command, each on a line of its own."""


def command(program: Mapping[str, Any]) -> str:
    """Return the command that runs a program again, without what is at its default."""
    from gft.registry import arguments

    words = [f"gft_{program['function']}"]
    for name in ("model", "data", "eqn"):
        if program.get(name):
            words.append(f"--{name} {shlex.quote(str(program[name]))}")
    if program.get("metric"):
        words.append("--metric " + " ".join(shlex.quote(one) for one in program["metric"]))
    if program.get("splits"):
        words.append("--splits " + ",".join(program["splits"]))
    for name, value in program["arguments"].items():
        argument = arguments().get(name)
        if argument is None or value == argument.default or not argument.identity:
            continue
        words.append(f"--{name} {' '.join(map(shlex.quote, _written(value)))}")
    return NEXT.join(words)


def _written(value: object) -> list[str]:
    """Return the words that give a value back on a command line."""
    if isinstance(value, list | tuple):
        return [word for one in value for word in _written(one)]
    if isinstance(value, bool):
        return [str(value).lower()]
    return [json.dumps(value) if isinstance(value, dict) else str(value)]
