"""The model card of a pushed fit: metadata for the hub, how to load it, and its limitations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gft.language.spec import Spec
from gft.report.card import model_card
from gft.results.scored import called
from gft.tasks.protocol import Task

UNKNOWN = "unknown"
_LIBRARIES = ("transformers", "peft", "gft")


def pushed_card(
    record: Mapping[str, Any],
    metrics: Mapping[str, Any],
    spec: Spec,
    base: Mapping[str, Any],
    task: Task,
    tags: Sequence[str],
) -> str:
    """Return the README.md of a fit that is pushed to `spec`; `record` is the public one.

    `base` is the metadata of the base model, with `license` and `language` as the card shows them.
    """
    import yaml

    written = model_card(record, metrics)
    head, _, body = written.removeprefix("---\n").partition("\n---\n")
    known = yaml.safe_load(head)
    library = str(known["library_name"])
    found: dict[str, Any] = {"license": base.get("license") or UNKNOWN}
    if base.get("language"):
        found["language"] = base["language"]
    if record["model"].get("repository"):
        found["base_model"] = record["model"]["repository"]
    if record["data"].get("repository"):
        found["datasets"] = [record["data"]["repository"]]
    found["library_name"] = library
    if tags:
        found["pipeline_tag"] = tags[0]
    found["tags"] = ["gft", task.name]
    found["model-index"] = [{"name": spec.key.rpartition("/")[2], "results": _results(
        record, metrics, tags[0] if tags else task.name)}]  # fmt: skip
    text = yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=1000)
    parts = [
        f"---\n{text}---\n",
        body.strip(),
        _loading(spec, record, library),
        _limitations(record),
    ]
    return "\n".join(parts) + "\n"


def _results(
    record: Mapping[str, Any], metrics: Mapping[str, Any], task_type: str
) -> list[dict[str, Any]]:
    data = record["data"]
    results: list[dict[str, Any]] = []
    for role, split in metrics.get("splits", {}).items():
        scores = [
            {
                "type": name,
                "value": round(float(one["value"]), 6),
                "name": f"{called(name, one)}{_interval(one)}{_biased(split)}",
            }
            for name, one in split["metrics"].items()
            if one.get("value") is not None and float(one["value"]) == float(one["value"])
        ]
        if scores:
            about: dict[str, Any] = {
                "name": str(data["name"]),
                "type": str(data.get("repository", data["name"])),
            }
            results.append(
                {
                    "task": {"type": task_type},
                    "dataset": {**about, "split": str(data["splits"].get(role) or role)},
                    "metrics": scores,
                }
            )
    return results


def _interval(score: Mapping[str, Any]) -> str:
    low, high = score.get("low"), score.get("high")
    if low is None or high is None:
        return ""
    return f" (95 % interval {low:.4f} to {high:.4f})"


def _biased(split: Mapping[str, Any]) -> str:
    if split.get("optimistic"):
        return ", not held out"
    return ", chose the epoch" if split.get("chose_the_epoch") else ""


def _loading(spec: Spec, record: Mapping[str, Any], library: str) -> str:
    """Return how to use the model, with gft and without it."""
    inputs = "|".join(f"{one} ..." for one in dict.fromkeys(record["task"]["inputs"]))
    lines = [
        "\n## How to use it\n",
        "With gft, which reads columns, lengths and labels in the same way as the fit:\n",
        f"```sh\necho '{inputs}' | gft_predict --model {spec}\n```\n",
    ]
    if library != "gft" and "how_to_load" not in record["model"]:
        architecture = record["model"]["architecture"]
        without = "" if library == "transformers" else " (with peft installed)"
        lines.append(
            f"Without gft{without}:\n\n```python\n"
            f"from transformers import AutoTokenizer, {architecture}\n\n"
            f'model = {architecture}.from_pretrained("{spec.key}")\n'
            f'tokenizer = AutoTokenizer.from_pretrained("{spec.key}")\n```'
        )
    return "\n".join(lines)


def _limitations(record: Mapping[str, Any]) -> str:
    rows = record["data"].get("rows", {}).get("train", 0)
    return (
        "\n## Limitations\n\n"
        f"The scores hold for rows like those of {record['data']['name']}; the model was trained "
        f"on {rows:,} of them. Nothing was measured for other sources, times, languages or groups: "
        "score the model on rows of your own (`gft_eval`) before you rely on it. It repeats biases "
        "of its data and its base model, and its predictions can be wrong. Do not use it for "
        "decisions about people that nobody reviews."
    )
