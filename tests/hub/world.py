"""The hub of the tests, filled: `python -m hub.world` in `tests` serves it by hand."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from hub import datasets, media, models
from hub.server import Hub, Repo

BERTS = ("bert-base-cased", "bert-base-uncased", "bert-base-multilingual-cased",
         "bert-base-multilingual-uncased")  # fmt: skip
MNLI = ("contradiction", "neutral", "entailment")
READY = {
    "someone/mnli": MNLI,
    "someone/generic": ("LABEL_0", "LABEL_1"),
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english": ("NEGATIVE", "POSITIVE"),
}
"""Classifiers that were fitted, with their labels."""

SAID: dict[str, dict[str, Any]] = {
    "someone/mnli": {
        "card": {"datasets": ["nyu-mll/glue"], "license": "mit", "language": "en"},
        "tags": ("bert", "text-classification", "dataset:nyu-mll/glue", "license:mit"),
        "pipeline_tag": "text-classification",
        "downloads": 900,
    },
    "someone/generic": {
        "tags": ("bert", "text-classification", "dataset:glue"),
        "pipeline_tag": "text-classification",
        "downloads": 1200,
    },
}
"""What the hub says of models: cards speak of a data set by its old name or its present one."""


def fill(hub: Hub, made: Path) -> Hub:
    """Fill a hub with every tiny model and data set; `made` is a folder for the models."""
    files = models.files_of(models.bert(made / "bert", positions=512))
    for name in BERTS:
        hub.repos["models"][f"google-bert/{name}"] = Repo({"main": files})
        hub.aliases["models"][name] = f"google-bert/{name}"
    for name, labels in READY.items():
        folder = models.bert(made / name, labels, seed=3)
        hub.repos["models"][name] = Repo({"main": models.files_of(folder)}, **SAID.get(name, {}))
    bart = models.files_of(models.bart(made / "bart"))
    hub.repos["models"]["eugenesiow/bart-paraphrase"] = Repo({"main": bart})
    hub.repos["datasets"].update(datasets.repositories())
    hub.aliases["datasets"].update(datasets.TODAY)
    media.add_to(hub, made)
    return hub


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        hub = fill(Hub(), Path(folder))
        print(f"export HF_ENDPOINT={hub.url} HF_HOME=$(mktemp -d)", flush=True)
        while True:
            time.sleep(3600)
