"""One MNLI model of the hub on the same rows from both suppliers, each with an order of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gft import load_data
from gft.suppliers.paddle import downloads
from gft.suppliers.paddle import table as paddle_table
from hub import models
from hub.mirror import Mirror
from hub.paddle import DataStore
from hub.server import Hub, Repo

CAPITALS = ("CONTRADICTION", "NEUTRAL", "ENTAILMENT")
ORDERS = {
    "H:glue,mnli": ("entailment", "neutral", "contradiction"),
    "P:glue,mnli": ("contradiction", "entailment", "neutral"),
}
EQUATIONS = {
    "H:glue,mnli": "classify: label ~ premise + hypothesis",
    "P:glue,mnli": "classify: labels ~ sentence1 + sentence2",
}
SPLITS = {"H:glue,mnli": "validation_matched", "P:glue,mnli": "dev_matched"}
PLACES = {"train": (8, 9, 11), "dev": (8, 9, 15)}


@pytest.fixture
def both(
    hub: Hub, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The hub's rows of MNLI in PaddleNLP's store too."""
    home, mirror = tmp_path_factory.mktemp("paddle"), Mirror()
    monkeypatch.setenv("GFT_PADDLE_MIRROR", mirror.url)
    monkeypatch.setenv("PPNLP_HOME", str(home / "home"))
    monkeypatch.setattr(downloads, "WAITS", ())
    store = DataStore(mirror, home / "home")
    monkeypatch.setattr(paddle_table, "TABLE", store.copy)
    theirs, files = load_data("H:glue,mnli").splits, {}
    for name, rows in theirs.items():
        own = name.replace("validation", "dev")
        places = PLACES.get(own.partition("_")[0], (8, 9))
        lines = ["header"]
        for premise, hypothesis, label in zip(
            *(rows.column(one) for one in ("premise", "hypothesis", "label")), strict=True
        ):
            cells = ["x"] * (max(places) + 1)
            word = "" if label is None else ORDERS["H:glue,mnli"][label]
            for place, text in zip(places, (premise, hypothesis, word), strict=False):
                cells[place] = text
            lines.append("\t".join(cells))
        files[f"MNLI/{own}.tsv"] = "\n".join(lines) + "\n"
    store.pack("glue,mnli", files)
    yield
    paddle_table._table.cache_clear()
    mirror.close()


def test_labels_are_the_same_row_by_row(
    hub: Hub, both: None, gft: Callable[..., Any], tmp_path: Path
) -> None:
    start = models.bert(tmp_path / "start", CAPITALS, seed=3)
    fitted = gft("fit", "--model", f"C:{start}", "--data", "H:glue,mnli", "--eqn",
                 EQUATIONS["H:glue,mnli"], "--splits", "train,validation_matched",
                 "--learning_rate", "0.005", "--num_train_epochs", "16",
                 "--output_dir", tmp_path / "out")  # fmt: skip
    assert fitted.status == 0, fitted.err
    kept = {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}
    files = {name: data for name, data in models.files_of(tmp_path / "out").items() if name in kept}
    config = json.loads(files["config.json"])
    assert [one.upper() for one in config["id2label"].values()] == list(CAPITALS)
    config |= {"id2label": dict(enumerate(CAPITALS)), "label2id": {}}
    files["config.json"] = json.dumps(config).encode()
    hub.repos["models"]["someone/large-mnli"] = Repo({"main": files})

    said, scores = {}, {}
    for data, order in ORDERS.items():
        words = ("--model", "H:someone/large-mnli", "--data", data, "--eqn", EQUATIONS[data],
                 "--split", SPLITS[data])  # fmt: skip
        assert next(
            iter(load_data(data).splits.values())
        ).columns[EQUATIONS[data].split()[1]].classes == order  # fmt: skip
        ran = gft("predict", *words)
        assert ran.status == 0, ran.err
        said[data] = ran.out.splitlines()
        scored = gft("eval", *words, "--format", "json")
        assert scored.status == 0, scored.err
        assert "by position" not in scored.err
        scores[data] = json.loads(scored.out)["metrics"]["accuracy"]["value"]
    mine, theirs = ([line.split("\t") for line in lines] for lines in said.values())
    assert [row[0] for row in mine] == [row[0] for row in theirs]
    assert [row[2] for row in mine] == [row[2] for row in theirs]
    assert len({row[2] for row in mine}) > 1 and {row[2] for row in mine} <= set(CAPITALS)
    assert scores["H:glue,mnli"] == scores["P:glue,mnli"] > 0.5
    right = sum(row[1].lower() == row[2].lower() for row in theirs)
    assert scores["P:glue,mnli"] == pytest.approx(right / len(theirs), abs=1e-4)
