"""The model card, and the command in it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

from gft.report.card import command, lora_text, model_card
from gft.report.tables import limits
from gft.results.fitted import read_metrics


def record_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "gft.json").read_text(encoding="utf-8"))
    return found


def test_the_card_has_what_hubs_read_and_every_metric(fitted: tuple[Path, set[int]]) -> None:
    folder, record = fitted[0], record_of(fitted[0])
    card = (folder / "README.md").read_text(encoding="utf-8")
    metadata = card.split("---\n")[1].splitlines()
    assert metadata[0] == "library_name: transformers"
    assert f"base_model: {json.dumps(record['model']['spec'])}" in metadata
    assert metadata[-2:] == ["- gft", "- classify"]
    metrics = read_metrics(folder)
    assert model_card(record, metrics) == card
    for split in metrics["splits"].values():
        for name, one in split["metrics"].items():
            assert f"| {name} | {one['value']:.4f} | {limits(one)} |" in card
    assert "## val (chose the epoch: optimistically biased)" in card
    few = "only 6 rows of <b>: this interval is unreliable"
    metrics["splits"]["test"]["metrics"]["accuracy"]["caveat"] = few
    marked = model_card(record, metrics)
    assert " (!) |" in marked and marked.count("(!) test: only 6 rows of &lt;b&gt;: ") == 1
    assert "<script>" not in card


def test_an_adapter_says_what_it_is_for(fitted: tuple[Path, set[int]]) -> None:
    record = record_of(fitted[0])
    lora = {"r": 8, "target_modules": ["query", "value"], "merged": False, "base": "them/bert",
            "revision": "abc"}  # fmt: skip
    record["model"]["lora"] = lora
    card = model_card(record, read_metrics(fitted[0]))
    assert "library_name: peft" in card
    assert "(LoRA of rank 8 on query and value)" in card
    assert ".from_pretrained('them/bert', revision='abc', config=config)" in card
    assert lora_text({"lora": {**lora, "merged": True}}).endswith(", merged)")
    assert lora_text({}) == ""


def test_the_command_is_quoted_and_without_defaults() -> None:
    program = {
        "function": "fit", "model": "H:bert", "data": "C:my data", "eqn": "classify: y ~ x",
        "metric": ["H:f1,macro", "H:accuracy"], "splits": ["a", "b"],
        "arguments": {"learning_rate": 1e-3, "seed": 42, "output_dir": "o", "weight_decay": 0.1,
                      "class_weight": ["a b=2", "c=1"], "gradient_checkpointing": True},
    }  # fmt: skip
    words = shlex.split(command(program).replace("\\\n", ""))
    assert words == [
        "gft_fit", "--model", "H:bert", "--data", "C:my data", "--eqn", "classify: y ~ x",
        "--metric", "H:f1,macro", "H:accuracy", "--splits", "a,b", "--learning_rate", "0.001",
        "--weight_decay", "0.1", "--class_weight", "a b=2", "c=1",
        "--gradient_checkpointing", "true",
    ]  # fmt: skip
