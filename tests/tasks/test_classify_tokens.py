"""A tag for each word: what is learned, written, scored, and refused."""

from __future__ import annotations

import csv
import io
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
import torch
from seqeval.metrics import accuracy_score, f1_score

from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.language.equation import parse_equation
from gft.language.program import Options
from gft.tasks.classify_tokens import ClassifyTokens, ClassifyWords

Gft = Callable[..., Any]
TAG = {"mark1": "B-PER", "mark2": "I-PER", "mark3": "B-LOC"}
EQUATION = "classify_tokens: tags ~ tokens"


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows of words in which marks are names; one row of test is long, one is empty."""
    generator = random.Random(0)
    folder = tmp_path_factory.mktemp("names") / "names"
    folder.mkdir()
    for split, count in (("train", 80), ("val", 24), ("test", 20)):
        rows = []
        for n in range(count):
            words: list[str] = []
            for _ in range(120 if (split, n) == ("test", 3) else 3):
                words += generator.choice([["river"], ["mark1", "mark2"], ["mark3"], ["mark1"]])
                words.append(generator.choice(["stone", "market", "a/b"]))
            words = [] if (split, n) == ("test", 7) else words
            rows.append({"tokens": words, "tags": [TAG.get(word, "O") for word in words]})
        text = "\n".join(map(json.dumps, rows))
        (folder / f"{split}.jsonl").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def fitted(tiny: Path, names: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import gft

    out = tmp_path_factory.mktemp("tagged") / "out"
    gft.fit(model=f"C:{tiny}", data=f"C:{names}", eqn=EQUATION, output_dir=str(out),
            num_train_epochs=6, learning_rate=5e-3, max_length=48)  # fmt: skip
    return out


def test_it_learns_and_loses_no_word_of_a_long_row(fitted: Path, names: Path) -> None:
    metrics = json.loads((fitted / "metrics.json").read_text())
    scores = metrics["splits"]["test"]["metrics"]
    assert metrics["figure_of_merit"] == "overall_f1" and scores["overall_f1"]["value"] > 0.9
    assert list(scores)[4:] == ["f1_LOC", "f1_PER"]
    rows = pyarrow.parquet.read_table(fitted / "predictions.parquet").to_pylist()
    rows = [row for row in rows if row["role"] == "test"]
    gold = [json.loads(line)["tags"] for line in (names / "test.jsonl").open()]
    assert [row["gold"] for row in rows] == [tags for tags in gold if tags]
    assert [len(row["prediction"]) for row in rows] == [len(tags) for tags in gold if tags]
    assert max(len(tags) for tags in gold) > 150
    assert len(rows[0]["score"]) == len(rows[0]["gold"])
    assert scores["overall_f1"]["value"] == f1_score(
        [row["gold"] for row in rows], [row["prediction"] for row in rows])  # fmt: skip
    assert json.loads((fitted / "gft.json").read_text())["data"]["without_label"]["test"] == 1


def test_the_folder_is_a_tagger_of_transformers(fitted: Path) -> None:
    from transformers import AutoModelForTokenClassification

    model = AutoModelForTokenClassification.from_pretrained(fitted)
    assert set(model.config.id2label.values()) == {"O", *TAG.values()}


def test_predict_and_eval_agree(fitted: Path, names: Path, gft: Gft) -> None:
    words = ("--model", f"C:{fitted}", "--data", f"C:{names}", "--split", "test")
    ran = gft("predict", *words)
    inputs = [json.loads(line)["tokens"] for line in (names / "test.jsonl").open()]
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert len(rows) == 20 and rows[7] == ["", "", ""]
    gold, predicted = [], []
    for (text, golds, field), tokens in zip(rows, inputs, strict=True):
        cells = field.split(" ") if field else []
        assert text.split() == tokens
        assert [cell.rpartition("/")[0] for cell in cells] == tokens
        assert all(0.2 < float(cell.rpartition(":")[2]) <= 1 for cell in cells)
        gold.append(golds.split())
        predicted.append([cell.rpartition("/")[2].rpartition(":")[0] for cell in cells])
    scores = json.loads(gft("eval", *words, "--format", "json").out)
    assert (scores["rows"], scores["rows_without_label"]) == (19, 1)
    assert scores["metrics"]["overall_f1"]["value"] == f1_score(gold, predicted)
    assert scores["metrics"]["overall_accuracy"]["value"] == accuracy_score(gold, predicted)


def test_forms_of_rows(fitted: Path, names: Path, gft: Gft, tmp_path: Path) -> None:
    words = ("predict", "--model", f"C:{fitted}", "--data", f"C:{names}", "--split", "val")
    rows = [json.loads(line) for line in gft(*words, "--format", "jsonl").out.splitlines()]
    source = [json.loads(line) for line in (names / "val.jsonl").open()]
    assert [{name: row[name] for name in ("tokens", "tags")} for row in rows] == source
    assert all(len(row["prediction"]) == len(row["score"]) == len(row["tags"]) for row in rows)
    table = gft(*words, "--format", "csv").out
    first = next(csv.DictReader(io.StringIO(table)))
    assert first["tokens"].split() == rows[0]["tokens"]
    assert first["prediction"].split() == rows[0]["prediction"]
    best = gft(*words, "--top_k", "2").out.splitlines()[0].split("\t")[2].split()[0]
    assert best.startswith(f"{rows[0]['tokens'][0]}/{rows[0]['prediction'][0]}:")
    assert len(best.split(":")) == 3
    every = gft(*words, "--return_all_scores").out.splitlines()[0].split("\t")[2].split()[0]
    assert len(every.split(":")) == 5 and every.split("/")[1] == best.split("/")[1]
    (tmp_path / "again.val").write_text(table)
    again = ("--model", f"C:{fitted}", "--data", f"C:{tmp_path / 'again'}", "--split", "val")
    by_text = json.loads(gft("eval", *again, "--format", "json").out)
    by_list = json.loads(gft("eval", "--model", f"C:{fitted}", "--split", "val",
                             "--format", "json").out)  # fmt: skip
    assert by_text["metrics"] == by_list["metrics"]
    shown = gft("cat_data", "--data", f"C:{names}", "--split", "val", "--eqn", EQUATION).out
    assert shown.splitlines()[0] == f"{' '.join(rows[0]['tokens'])}\t{' '.join(rows[0]['tags'])}"


def test_a_word_without_a_tag_keeps_its_place(
    fitted: Path, gft: Gft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.jsonl"
    rows = [[None, "B-PER"], ["", "O"], [None, None], None]
    lines = [json.dumps({"tokens": ["stone", "mark1"], "tags": tags}) for tags in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    written = ["stone mark1\t_ B-PER", "stone mark1\t_ O", "stone mark1\t_ _", "stone mark1\t"]
    ran = gft("cat_data", "--data", path, "--eqn", EQUATION)
    assert ran.out.splitlines() == written
    words = ("predict", "--model", f"C:{fitted}")
    ran = gft(*words, "--data", path)
    assert [line.rpartition("\t")[0] for line in ran.out.splitlines()][:3] == written[:3]
    ran = gft(*words, "--data", path, "--format", "jsonl")
    assert [json.loads(line)["tags"] for line in ran.out.splitlines()] == rows
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(written[0].encode())))
    ran = gft(*words, "--format", "jsonl")
    assert json.loads(ran.out)["tags"] == [None, "B-PER"]


def test_lines_of_standard_input(fitted: Path, gft: Gft, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "river  mark1 mark2\n\n\u200b mark3 a|b\\\\\tO B-LOC O\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    ran = gft("predict", "--model", f"C:{fitted}")
    assert ran.status == 0, ran.err
    first, empty, odd = [line.split("\t") for line in ran.out.splitlines()]
    cells = [cell.partition(":")[0] for cell in first[1].split(" ")]
    assert cells == ["river/O", "mark1/B-PER", "mark2/I-PER"]
    assert empty == ["", ""] and odd[1] == "O B-LOC O"
    assert [cell.rpartition("/")[0] for cell in odd[2].split(" ")] == ["\u200b", "mark3", "a|b\\\\"]


def test_python(fitted: Path, names: Path) -> None:
    import gft

    fit = gft.load(f"C:{fitted}")
    tags = ["B-PER", "I-PER", "O"]
    assert fit.predict([["mark1", "mark2", "river"], ["mark3"]]) == [tags, ["B-LOC"]]
    assert fit.predict(["mark1 mark2 river", ""]) == [tags, []]
    assert fit.predict({"tokens": [["mark1", "mark2", "river"]]}) == [tags]
    assert gft.predict(model=f"C:{fitted}", data=["mark3"]) == [["B-LOC"]]
    found = gft.evaluate(model=f"C:{fitted}", data=f"C:{names}", split="val",
                         metric=["H:accuracy", "H:f1,micro"])  # fmt: skip
    assert [one.name for one in found.results] == ["accuracy", "f1_micro"]
    assert found.results[0].value == found.results[1].value


def test_a_ready_made_tagger(tiny: Path, gft: Gft, tmp_path: Path) -> None:
    from transformers import AutoConfig, AutoTokenizer, BertForTokenClassification

    config = AutoConfig.from_pretrained(tiny)
    config.id2label = {0: "NOUN", 1: "VERB", 2: "X"}
    BertForTokenClassification(config).save_pretrained(tmp_path / "tagger")
    AutoTokenizer.from_pretrained(tiny).save_pretrained(tmp_path / "tagger")
    rows = {"words": [["a", "b"], ["c"]], "pos": ["X NOUN", "VERB"]}
    lines = (json.dumps({name: cells[n] for name, cells in rows.items()}) for n in range(2))
    (tmp_path / "test.jsonl").write_text("\n".join(lines))
    words = ("--model", f"C:{tmp_path / 'tagger'}", "--data", f"C:{tmp_path}")
    ran = gft("eval", *words, "--eqn", "pos-tagging: pos ~ words", "--format", "tsv")
    assert [line.split("\t")[0] for line in ran.out.splitlines()] == ["accuracy", "f1_macro"]
    ran = gft("predict", *words, "--eqn", "t: pos ~ words", "--format", "jsonl")
    assert json.loads(ran.out.splitlines()[0])["pos"] == ["X", "NOUN"]


def test_a_word_has_the_same_tag_in_a_window(fitted: Path) -> None:
    import gft

    fit = gft.load(f"C:{fitted}", max_length=16)
    words = ["river", "mark1", "mark2", "stone", "mark3"] * 12
    assert fit.predict([words]) == [[TAG.get(word, "O") for word in words]]
    assert len(fit.task.encode(fit.predictor.processor, {"tokens": [words]}, 16).features) > 4


def test_labels_meet_by_name(fitted: Path, names: Path, gft: Gft, tmp_path: Path) -> None:
    order = ["I-PER", "O", "B-LOC", "B-PER", "B-ORG"]
    rows = [json.loads(line) for line in (names / "val.jsonl").open()]
    import datasets

    features = datasets.Features(
        {"tokens": datasets.List(datasets.Value("string")),
         "tags": datasets.List(datasets.ClassLabel(names=order))})  # fmt: skip

    def saved(labels: list[str]) -> str:
        features["tags"] = datasets.List(datasets.ClassLabel(names=labels))
        tags = [[labels.index(tag) for tag in row["tags"]] for row in rows]
        columns = {"tokens": [row["tokens"] for row in rows], "tags": tags}
        split = datasets.Dataset.from_dict(columns, features=features)
        place = tmp_path / f"{len(labels)}"
        datasets.DatasetDict({"validation": split}).save_to_disk(str(place))
        return f"C:{place}"

    words = ("--model", f"C:{fitted}", "--format", "json", "--split", "validation", "--data")
    mine = json.loads(gft("eval", *words[:4], "--split", "val").out)
    ran = gft("eval", *words, saved(order[:4]))
    assert ran.status == 0 and json.loads(ran.out)["metrics"] == mine["metrics"]
    [warned] = [line for line in ran.err.splitlines() if "warning" in line]
    assert "are nearly in the fit's train" in warned
    wrong = gft("eval", *words, saved(order))
    assert wrong.status == 2
    assert "the model lacks B-ORG; map them with --label_map" in wrong.errors[0]
    left_out = gft("eval", *words, saved(order), "--label_map", "B-ORG=")
    assert json.loads(left_out.out)["metrics"] == mine["metrics"]
    assert "B-LOC, B-PER, I-PER and O" in wrong.errors[0]


MISTAKES = {
    "lengths": ([(["a", "b"], ["O", "B-X"]), (["a", "b", "c"], ["O"])], EQUATION,
                ["row 2 of train: 'tokens' has 3 words and 'tags' has 1 tag;"]),
    "no column": ([(["a"], ["O"])], "ner: tag ~ words",
                  ["no column 'tag' in", "no column 'words' in"]),
    "numbers": ([(1, ["O"]), (2, ["O"])], EQUATION,
                ["column 'tokens' of x holds integer values"]),
    "two columns": ([(["a"], ["O"])], "classify_tokens: tags ~ tokens + tags",
                    ["one column of words on the right of '~', found tokens and tags"]),
    "one tag": ([(["a"], ["O"]), (["b"], ["O"])], EQUATION, ["has one tag only (O)"]),
    "no tag": ([(["a"], []), (["b"], [])], EQUATION, ["has no tag in any row"]),
    "objects": ([([["a"]], ["O"]), ([["b"]], ["B-X"])], EQUATION,
                ["'tokens' of x holds lists of list values; classify_tokens needs words"]),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes(case: str, tiny: Path, gft: Gft, tmp_path: Path) -> None:
    rows, equation, expected = MISTAKES[case]
    (tmp_path / "x").mkdir()
    text = "\n".join(json.dumps({"tokens": words, "tags": tags}) for words, tags in rows)
    for split in ("train", "val"):
        (tmp_path / "x" / f"{split}.jsonl").write_text(text)
    ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{tmp_path / 'x'}", "--eqn", equation,
              "--output_dir", tmp_path / "out")  # fmt: skip
    assert ran.status == 2
    for message in expected:
        assert any(message in line for line in ran.errors), ran.err
    assert "Traceback" not in ran.err and not (tmp_path / "out").exists()


def bound(tags: list[Any], words: list[Any] | None = None) -> tuple[Any, Rows]:
    import pyarrow as pa

    given = words or [["a"] * len(one or []) for one in tags]
    rows = Rows(pa.table({"tokens": given, "tags": pa.array(tags)}))
    task = ClassifyTokens.bind(
        parse_equation(EQUATION), DataSet("d", {"train": rows}), {"train": rows})  # fmt: skip
    return task, rows


def test_tags_of_all_kinds() -> None:
    task, _ = bound([["B-X", "O"], ["O", None], None])
    assert type(task) is ClassifyTokens and task.labels == ("B-X", "O")
    golds = task.golds({"tags": [["O", None], [], None, [None], ["B-X", "O"]]})
    assert [None if gold is None else gold.tolist() for gold in golds] == [
        [1, -100], None, None, None, [0, 1]]  # fmt: skip
    task, _ = bound([[10, 9, 2], [-100, 9, 2]])
    assert isinstance(task, ClassifyWords) and task.labels == ("2", "9", "10")
    assert task.metrics == ("accuracy", "f1_macro")
    task, _ = bound(["NN VB", "NN"], ["a b", "c"])
    assert task.labels == ("NN", "VB")
    with pytest.raises(UserError, match=r"row 2 of train: 'tokens' has 2 words .* 1 tag;"):
        bound(["NN VB", "NN"], ["a b", "c d"])


def test_the_loss_counts_each_word_once() -> None:
    task, rows = bound([["B-X", "O", "O", "O"]])
    logits = torch.zeros(1, 4, 2)
    batch = {"labels": torch.tensor([[-100, 0, 1, -100]])}
    loss = task.loss(lambda **_: {"logits": logits}, batch)
    assert loss.item() == pytest.approx(np.log(2))
    golds = task.golds_of(rows).values
    weighted = task.configured(Options({"class_weight": ["balanced"]})).learned(rows, golds)
    assert weighted.weights == pytest.approx((2.0, 2 / 3))
    logits[0, 1, 0] = 1.0
    loss = weighted.loss(lambda **_: {"logits": logits}, batch)
    of_b = -torch.log_softmax(logits[0, 1], -1)[0].item()
    assert loss.item() == pytest.approx((2 * of_b + 2 / 3 * np.log(2)) / (2 + 2 / 3))
    nothing = {"labels": torch.full((1, 4), -100)}
    assert task.loss(lambda **_: {"logits": logits}, nothing).item() == 0.0
