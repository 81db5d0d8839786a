"""Lists of labels: any number of classes for each row."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
import torch
from sklearn.metrics import accuracy_score, f1_score

from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.language.equation import parse_equation
from gft.language.program import Options
from gft.tasks.classify import Classify
from gft.tasks.classify_several import ClassifySeveral

WORDS = ["river", "stone", "market"]


@pytest.fixture(scope="module")
def topics(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Texts of some of three words; each word is a label, and one row in eight has none."""
    folder = tmp_path_factory.mktemp("topics") / "topics"
    folder.mkdir()
    for split, count in (("train", 96), ("val", 32), ("test", 24)):
        lines = []
        for n in range(count):
            chosen = [word for bit, word in enumerate(WORDS) if n >> bit & 1]
            lines.append(json.dumps({"text": " ".join(chosen * 4) or "letter", "about": chosen}))
        (folder / f"{split}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def fitted(tiny: Path, topics: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import gft

    out = tmp_path_factory.mktemp("several") / "out"
    gft.fit(model=f"C:{tiny}", data=f"C:{topics}", eqn="classify: about ~ text",
            output_dir=str(out), num_train_epochs=60, learning_rate=2e-3)  # fmt: skip
    return out


def test_it_learns_and_its_metrics_are_scikit_learns(fitted: Path) -> None:
    metrics = json.loads((fitted / "metrics.json").read_text())
    scores = metrics["splits"]["test"]["metrics"]
    assert metrics["figure_of_merit"] == "f1_micro" and scores["f1_micro"]["value"] > 0.9
    rows = pyarrow.parquet.read_table(fitted / "predictions.parquet").to_pylist()
    rows = [row for row in rows if row["role"] == "test"]
    gold, predicted = (
        np.array([[word in row[name] for word in WORDS] for row in rows])
        for name in ("gold", "prediction")
    )
    assert scores["f1_micro"]["value"] == pytest.approx(f1_score(gold, predicted, average="micro"))
    assert scores["f1_macro"]["value"] == pytest.approx(f1_score(gold, predicted, average="macro"))
    assert scores["subset_accuracy"]["value"] == pytest.approx(accuracy_score(gold, predicted))


def test_the_folder_is_a_multi_label_model_of_transformers(fitted: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(fitted)
    assert model.config.problem_type == "multi_label_classification"
    assert set(model.config.id2label.values()) == set(WORDS)


def test_predict_writes_the_labels_that_apply(fitted: Path, shell: Callable[..., Any]) -> None:
    ran = shell("predict", "--model", f"C:{fitted}", stdin=f"{'river stone ' * 4}\nletter\n")
    both, none = ran.out.splitlines()
    assert {both.split("\t")[1], both.split("\t")[3]} == {"river", "stone"}
    assert none == "letter"
    ran = shell("predict", "--model", f"C:{fitted}", "--return_all_scores", stdin="river\n")
    assert len(ran.out.split("\t")) == 7


def test_eval_of_lists(fitted: Path, topics: Path, gft: Callable[..., Any]) -> None:
    ran = gft("eval", "--model", f"C:{fitted}", "--metric", "H:f1,weighted", "H:hamming_loss",
              "--format", "tsv")  # fmt: skip
    assert [line.split("\t")[0] for line in ran.out.splitlines()] == ["f1_weighted", "hamming_loss"]
    ran = gft("eval", "--model", f"C:{fitted}", "--metric", "H:kappa")
    assert "no metric" in ran.errors[0]


def bound(values: list[Any]) -> Any:
    import pyarrow as pa

    rows = Rows(pa.table({"x": ["a"] * len(values), "y": pa.array(values)}))
    return Classify.bind(
        parse_equation("classify: y ~ x"), DataSet("d", {"train": rows}), {"train": rows}
    ), rows


def test_labels_in_lists() -> None:
    task, _ = bound([["b", "a"], [], None, ["a", ""]])
    assert isinstance(task, ClassifySeveral) and task.labels == ("a", "b")
    assert task.golds({"y": [["b", "a"], [], None]}) == [(0, 1), (), None]
    with pytest.raises(UserError, match="lists of lists"):
        bound([[["a"]], [["b"]]])
    with pytest.raises(UserError, match="no label in any list"):
        bound([[], []])


def test_balanced_weights_count_what_is_rare() -> None:
    task, rows = bound([["a"], ["a"], ["a"], ["b"]])
    golds = task.golds_of(rows).values
    weighted = task.configured(Options({"class_weight": ["balanced"]})).learned(rows, golds)
    assert weighted.weights == pytest.approx((1 / 3, 3.0))
    logits = torch.tensor([[0.0, 0.0]])
    loss = weighted.loss(lambda **_: {"logits": logits}, {"labels": torch.tensor([[0.0, 1.0]])})
    assert loss.item() == pytest.approx((1 + 3) * np.log(2) / 2)


def test_a_number_stands_beside_the_text(tiny: Path, tmp_path: Path) -> None:
    import gft

    ages = [20 + n % 40 for n in range(80)]
    about = [["old", "here"] if age > 40 else ["here"] if age % 2 else [] for age in ages]
    rows = {"text": [f"river mark{n % 9}" for n in range(80)], "age": ages, "about": about}
    fit = gft.fit(
        model=f"C:{tiny}", data={"train": rows, "val": rows}, output_dir=str(tmp_path / "out"),
        eqn="classify: about ~ text + num(age)", num_train_epochs=1, precision="fp32",
    )  # fmt: skip
    asked = {"text": ["river"] * 2, "age": [21, 59]}
    young, old = fit.predict(asked)
    assert "old" in old and "old" not in young
