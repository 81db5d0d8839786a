"""Programs as their authors wrote them, against the hub: columns, splits, labels, metrics."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from scipy import stats
from sklearn import metrics

from hub.datasets import SCHEMAS, rows_of
from hub.server import Hub
from programs import Row, table

FOLDER = "model.HuggingFace/language/data.HuggingFace/"
ROWS: dict[str, Row] = {
    row["path"].removeprefix(FOLDER).removesuffix(".sh"): row
    for row in table("fit_examples")
    if row["path"].startswith(FOLDER)
}
"""The rows of the table of examples, by the end of their path."""
MERIT = {"glue/cola": "matthews_correlation", "glue/stsb": "pearson"}


def words_of(row: Row, out: Path) -> list[str]:
    """Return the words of a program, without what follows its equation."""
    words = [f"--output_dir={out}"]
    for name in ("model", "data", "metric", "splits", "eqn"):
        words += [f"--{name}", row[name]] if row[name] else []
    return words


def test_the_first_command(hub: Hub, gft: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "qqp"
    ran = gft(
        "fit", "--model", "H:bert-base-cased", "--data", "H:glue,qqp", "--metric", "H:glue,qqp",
        "--output_dir", out, "--eqn", "classify: label ~ question1 + question2",
    )  # fmt: skip
    assert ran.status == 0, ran.err
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(out)
    assert model.config.id2label == {0: "not_duplicate", 1: "duplicate"}
    assert AutoTokenizer.from_pretrained(out)("river", "stone")["input_ids"]
    record = json.loads((out / "gft.json").read_text())
    assert record["data"]["repository"] == "nyu-mll/glue"
    assert record["model"]["repository"] == "google-bert/bert-base-cased"
    assert record["data"]["without_label"]["test"] == 16
    assert sorted(record["files"]) == sorted(path.name for path in out.iterdir())


@pytest.mark.parametrize("name", [name for name in ROWS if name.startswith("glue/")])
def test_glue(name: str, hub: Hub, gft: Callable[..., Any], tmp_path: Path) -> None:
    row = ROWS[name]
    config = row["data"].removeprefix("H:glue,")
    ran = gft("fit", *words_of(row, tmp_path / "out"), *shlex.split(row["arguments"]))
    assert ran.status == 0, ran.err

    record = json.loads((tmp_path / "out" / "gft.json").read_text())
    assert record["data"]["rows"] == {"train": rows_of("train"), "val": rows_of("validation")}
    names = SCHEMAS[f"glue,{config}"]["columns"]["label"]
    labels = names if isinstance(names, list) else ["label"]
    assert record["task"]["labels"] == labels
    assert record["figure_of_merit"] == MERIT.get(name, "accuracy")
    config_file = json.loads((tmp_path / "out" / "config.json").read_text())
    assert list(config_file["id2label"].values()) == labels

    found = json.loads((tmp_path / "out" / "metrics.json").read_text())["splits"]["val"]["metrics"]
    kept = pyarrow.parquet.read_table(tmp_path / "out" / "predictions.parquet").to_pydict()
    split = record["data"]["splits"]["val"]
    rows = gft(
        "predict", "--model", f"C:{tmp_path / 'out'}", "--data", f"H:glue,{config}",
        "--split", split, "--format", "jsonl",
    )  # fmt: skip
    predicted = [json.loads(line) for line in rows.out.splitlines()]
    of_one = [one[0] if isinstance(one, list) else one for one in kept["prediction"]]
    assert [str(row["prediction"]) for row in predicted] == list(map(str, of_one))
    gold = [row["label"] for row in predicted]
    mine = [row["prediction"] for row in predicted]
    expected = _scores(config, gold, mine, labels)
    assert set(found) == set(expected)
    for score, value in expected.items():
        assert found[score]["value"] == pytest.approx(value, abs=1e-9), score


def _scores(name: str, gold: list[Any], mine: list[Any], labels: list[str]) -> dict[str, float]:
    if name == "stsb":
        x, y = [float(one) for one in gold], mine
        return {"pearson": stats.pearsonr(x, y)[0], "spearmanr": stats.spearmanr(x, y)[0]}
    if name == "cola":
        return {"matthews_correlation": metrics.matthews_corrcoef(gold, mine)}
    found = {"accuracy": metrics.accuracy_score(gold, mine)}
    if name in ("mrpc", "qqp"):
        found["f1"] = metrics.f1_score(gold, mine, pos_label=labels[1])
    return found


PROGRAMS = [
    "paraphrase/paws_labeled_final", "paraphrase/paws_labeled_swap", "sentiment/amazon_polarity",
    "sentiment/amazon_reviews_multi", "sentiment/ethos", "sentiment/senti_lex/de", "sentiment/sst",
    "text_classification/banking77", "text_classification/snli",
    "text_classification/tweet_eval/tweet_eval_emoji",
]  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_other_programs(name: str, hub: Hub, gft: Callable[..., Any], tmp_path: Path) -> None:
    row = ROWS[name]
    data, equation, splits = row["data"], row["eqn"], row["splits"]
    words = [*words_of(row, tmp_path / "out"), "--num_train_epochs", "1"]
    ran = gft("fit", *words)
    assert ran.status == 0, ran.err
    record = json.loads((tmp_path / "out" / "gft.json").read_text())
    key = data.removeprefix("H:")
    columns = SCHEMAS[key]["columns"]
    named = columns[equation.split()[1]]
    if isinstance(named, list):
        assert record["task"]["labels"] == named
    if splits:
        assert record["data"]["rows"]["val"] == round(
            0.1 * (record["data"]["rows"]["val"] + record["data"]["rows"]["train"])
        )
        assert record["data"]["test_is_optimistic"] == splits.endswith("train")
    if key == "snli":
        assert record["data"]["without_label"]["train"] == 1


TAGGING = [
    ("H:wnut_17", "token-classification: ner_tags ~ tokens", "overall_f1"),
    ("H:wikiann,en", "NER: ner_tags ~ tokens", "overall_f1"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "equation", "first"), TAGGING)
def test_tagging(
    data: str, equation: str, first: str, hub: Hub, gft: Callable[..., Any], tmp_path: Path
) -> None:
    words: list[object] = ["--model", "H:bert-base-cased", "--data", data, "--eqn", equation]
    words += ["--figure_of_merit", "overall_accuracy", "--is_split_into_words"]
    words += ["--num_train_epochs", "1", "--output_dir", tmp_path / "out"]
    ran = gft("fit", *words)
    assert ran.status == 0, ran.err
    record = json.loads((tmp_path / "out" / "gft.json").read_text())
    left = equation.split()[1]
    assert record["task"]["name"] == "classify_tokens"
    assert record["task"]["labels"] == SCHEMAS[data.removeprefix("H:")]["columns"][left]["list"]
    assert record["figure_of_merit"] in ("overall_accuracy", "accuracy")
    found = json.loads((tmp_path / "out" / "metrics.json").read_text())["splits"]
    assert next(iter(found["test"]["metrics"])) == first
    assert {"val", "test"} == found.keys()
