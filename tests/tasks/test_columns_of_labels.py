"""A column of 0 and 1 for each label: what a cell may be, and what a missing one counts for."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
import torch
from sklearn.metrics import f1_score

from gft.cells.reading import read_columns
from gft.data.table import DataSet, Rows
from gft.errors import UserError
from gft.language.equation import parse_equation
from gft.language.program import Options
from gft.metrics.intervals import values_with_intervals
from gft.metrics.table import find
from gft.tasks.classify import Classify
from gft.tasks.classify_several import ClassifySeveral
from ran import Ran

EQUATION = parse_equation("classify: joy + fear + anger ~ x")
UNKNOWN = (~1, 0)
GIVEN: dict[str, list[Any]] = {
    "joy": [1, 0, None, 1, -1], "fear": ["yes", "NO", "", "true", None],
    "anger": [0.0, 1.0, 1.0, None, None],
}  # fmt: skip


def bound(given: dict[str, list[Any]], classes: dict[str, list[str]] | None = None) -> Any:
    rows = Rows(pa.table({"x": ["a"] * len(given["joy"]), **given}), classes)
    data = read_columns(EQUATION, DataSet("d", {"train": rows}), Classify, Options({})).data
    task = Classify.bind(EQUATION, data, {"train": data.splits["train"]})
    return task, data.splits["train"]


def test_gold_values_say_what_is_not_known() -> None:
    task, rows = bound(GIVEN)
    assert isinstance(task, ClassifySeveral) and task.labels == ("joy", "fear", "anger")
    golds = task.golds_of(rows)
    assert golds.known.tolist() == [True] * 4 + [False]
    assert list(golds.values) == [(0, 1), (2,), (2, ~0, ~1), (0, 1, ~2)]
    assert [task.value(gold, None) for gold in golds.values][2:] == [["anger"], ["joy", "fear"]]
    assert task.target.described(golds.values, task.labels) == {"joy": 2, "fear": 2, "anger": 2}
    assert task.balanced(golds.values) == [1 / 2, 1 / 2, 1 / 2]
    restored = Classify.restore(json.loads(json.dumps(task.saved())))
    assert restored == replace(task, asked_weights=None) and restored.outputs == EQUATION.left


def test_named_classes_are_yes_or_no_by_their_names() -> None:
    task, rows = bound({"joy": [1, 0], "fear": [0, 1], "anger": [0, 0]}, {"joy": ["yes", "no"]})
    assert list(task.golds_of(rows).values) == [(), (0, 1)]


def test_another_value_is_named_with_its_row() -> None:
    told = r"column 'fear' of d holds 'x' in row 2 of train; several columns on the left of"
    with pytest.raises(UserError, match=told):
        bound({"joy": [1, 0], "fear": ["1", "x"], "anger": [1, 0]})
    with pytest.raises(UserError, match=r"holds '2' in row 1 of train.*'classify: joy ~ x'"):
        bound({"joy": [2, 0], "fear": [1, 0], "anger": [1, 0]})


def test_the_loss_is_that_of_what_is_known() -> None:
    task, rows = bound(GIVEN)
    golds = task.golds_of(rows).values
    logits, labels = torch.randn(4, 3), task.label_tensor(golds)
    loss = task.loss(lambda **_: {"logits": logits}, {"labels": labels})
    known = ~labels.isnan()
    each = torch.nn.functional.binary_cross_entropy_with_logits(logits[known], labels[known])
    assert loss.item() == pytest.approx(each.item())
    logits.requires_grad_()
    task.loss(lambda **_: {"logits": logits}, {"labels": labels}).backward()
    assert bool((logits.grad[~known] == 0).all()) and bool((logits.grad[known] != 0).all())


def test_metrics_count_what_is_known() -> None:
    task, rows = bound(GIVEN)
    golds = task.golds_of(rows).values
    scores = np.array([[0.9, 0.2, 0.6], [0.2, 0.3, 0.7], [0.9, 0.9, 0.9], [0.8, 0.1, 0.7]])
    scored = task.scored(golds, scores > 0.5, scores)
    names = ("f1_micro", "f1_macro", "subset_accuracy", "hamming_loss", "loss")
    metrics = [find(name, None, task.target) for name in names]
    found = {one.name: one for one in values_with_intervals(metrics, scored)}
    gold = np.array([[1, 1, 0], [0, 0, 1], [0, 0, 1], [1, 1, 0]])
    known = np.array([[1, 1, 1], [1, 1, 1], [0, 0, 1], [1, 1, 0]], dtype=bool)
    said = (scores > 0.5) & known
    assert found["f1_micro"].value == pytest.approx(f1_score(gold, said, average="micro"))
    assert found["f1_macro"].value == pytest.approx(f1_score(gold, said, average="macro"))
    assert found["subset_accuracy"].value == 0.5  # Of the two rows that know all labels.
    assert found["subset_accuracy"].low == pytest.approx(0.0945, abs=1e-3)  # Wilson's, of two.
    assert found["hamming_loss"].value == pytest.approx((2 / 3 + 0 + 0 + 1 / 2) / 4)
    off = -np.log(np.where(gold, scores, 1 - scores))
    wanted = np.mean([off[n][known[n]].mean() for n in range(4)])
    assert found["loss"].value == pytest.approx(wanted)
    sure, right = task.target.confidence(scored)
    assert len(sure) == known.sum() and right.sum() == (gold & known).sum()
    assert task.target.per_class(scored)["joy"]["support"] == 2
    assert task.target.belief([golds[2]], scores[2:3]) == pytest.approx(0.9)
    doubt = task.target.doubt(task.target.belief(golds, scores))
    assert doubt == pytest.approx(np.where(known, off, 0).max(1))
    order = ("anger", "joy", "fear")
    turned = task.target.in_order_of(scored, order)
    assert turned.known.tolist() == known[:, [2, 0, 1]].tolist()


def test_baselines_learn_what_is_known() -> None:
    from gft.baselines.constant import of_several
    from gft.baselines.learners import LogisticOfEach

    task, rows = bound(GIVEN)
    golds = task.golds_of(rows).values
    _, chances = of_several(task.labels, golds).predict({}, golds)
    assert chances[0].tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3])
    features = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    weights = LogisticOfEach().fit(features, golds, 3)
    assert weights is not None
    assert (weights.scores(features)[:2] > 0.5).tolist() == [[1, 1, 0], [0, 0, 1]]


@pytest.fixture(scope="module")
def topics(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files of the same rows: a column for each of two topics, and lists of them."""
    folder = tmp_path_factory.mktemp("topics")
    rows = []
    for n in range(64):
        river, stone = n & 1, n >> 1 & 1
        text = " ".join(["river"] * river * 4 + ["stone"] * stone * 4) or "letter"
        rows.append((f"{text} {n}", river, stone))
    with (folder / "columns.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("text", "river", "stone"), *rows])
    with (folder / "gaps.csv").open("w", newline="") as file:
        gaps = [(text, "" if n % 4 else river, "" if n == 0 else bool(stone))
                for n, (text, river, stone) in enumerate(rows)]  # fmt: skip
        csv.writer(file).writerows([("text", "river", "stone"), *gaps])
    lines = [
        json.dumps({"text": text, "labels": ["Stone"] * stone + ["river"] * river})
        for text, river, stone in rows
    ]
    (folder / "lists.jsonl").write_text("\n".join(lines))
    return folder


def test_fit_eval_and_predict(
    gft: Callable[..., Ran], tiny: Path, topics: Path, tmp_path: Path
) -> None:
    out, eqn = tmp_path / "out", "classify: river + stone ~ text"
    done = gft("fit", "--model", f"C:{tiny}", "--data", topics / "gaps.csv", "--eqn", eqn,
               "--num_train_epochs", 1, "--output_dir", out, "--splits", "train,train")  # fmt: skip
    assert done.status == 0 and json.loads((out / "gft.json").read_text())["task"]["several"]
    rows = pyarrow.parquet.read_table(out / "predictions.parquet").to_pylist()
    assert {label for row in rows for label in row["gold"]} <= {"river", "stone"}
    columns, lists = (
        gft("eval", "--model", f"C:{out}", "--data", topics / file, "--eqn", equation,
            "--format", "json")
        for file, equation in (("columns.csv", eqn), ("lists.jsonl", "classify: labels ~ text"))
    )  # fmt: skip
    both = [json.loads(one.out)["metrics"] for one in (columns, lists)]
    assert both[0] == both[1] and both[0]["f1_micro"]["value"] is not None
    done = gft("predict", "--model", f"C:{out}", "--data", topics / "gaps.csv", "--split", "train")
    golds = [line.split("\t")[1] for line in done.out.splitlines()]
    file = tmp_path / "odd.csv"
    file.write_text("text,river,stone\nriver,1,often\nstone,0,1\n")
    odd = gft("predict", "--model", f"C:{out}", "--data", file)
    assert odd.status == 0 and "column 'stone' of odd.csv holds 'often' in row 1" in odd.err
    assert golds[:4] == ["", "", "stone", "stone"]


def test_the_summary_counts_labels(gft: Callable[..., Ran], topics: Path) -> None:
    words = ("--data", topics / "gaps.csv", "--eqn", "classify: river + stone ~ text")
    warnings = json.loads(gft("summary", *words, "--format", "json").out)["warnings"]
    assert not [one for one in warnings if one["kind"] in ("no label", "uneven", "rare")]
