"""Long texts in windows: one loss and one prediction a row, in fit, eval and predict."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from torch.nn import functional

import gft as gft_package
from gft.engine.inference import Predictor
from gft.engine.memory import MicroBatches
from gft.engine.placed_model import PlacedModel
from gft.engine.precision import choose_precision
from gft.language.program import Options
from gft.suppliers.protocol import Loaded
from gft.tasks.classify import Classify
from gft.tasks.classify_several import ClassifySeveral
from gft.tasks.long_texts import LongTexts
from gft.tasks.regress import Regress

LENGTH = 16
NEUTRAL = ["river", "stone", "market", "garden", "letter", "window"]


def long_text(number: int, sign: str, words: int = 40, place: int = -8) -> str:
    """Return a text of neutral words with a sign at a place."""
    found = [NEUTRAL[(number + n * n) % len(NEUTRAL)] for n in range(words)]
    return " ".join([*found[:place], sign, *found[place:]])


TEXTS = ["river", long_text(1, "mark0"), "mark1 window", long_text(2, "mark1", 25)]


@pytest.fixture(scope="module")
def loaded(tiny: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_pretrained(tiny).eval()
    return model, AutoTokenizer.from_pretrained(tiny)


def classifier(**more: Any) -> Classify:
    return Classify(("text",), ("y",), ("a", "b"), ("a", "b"), windows=True, **more)


def by_hand(task: LongTexts, loaded: tuple[Any, Any]) -> list[torch.Tensor]:
    """Return the logits of each window of each of the texts, one window at a time."""
    model, tokenizer = loaded
    found = []
    for feature in task.encode(tokenizer, {"text": TEXTS}, LENGTH).features:
        ids = torch.tensor(feature["input_ids"]).view(feature["windows"][0], -1)
        found.append(torch.cat([model(input_ids=window[None])["logits"] for window in ids]))
    assert [len(logits) > 1 for logits in found] == [False, True, False, True]
    return found


def joined(logits: torch.Tensor) -> torch.Tensor:
    """Return the logits of a row from those of its windows, shape (windows, classes)."""
    return logits.exp().mean(0).log()


def batch_of(task: LongTexts, loaded: tuple[Any, Any], golds: list[Any]) -> Any:
    features = task.encode(loaded[1], {"text": TEXTS}, LENGTH, golds).features
    return task.collate(loaded[1], features, training=True)


def test_one_loss_for_all_windows_of_a_row(loaded: tuple[Any, Any]) -> None:
    golds, weights = [0, 1, 1, 0], (3.0, 1.0)
    task = classifier(smoothing=0.1, weights=weights)
    rows = torch.stack([joined(logits) for logits in by_hand(task, loaded)])
    wanted = functional.cross_entropy(
        rows, torch.tensor(golds), torch.tensor(weights), label_smoothing=0.1
    )
    found = task.loss(loaded[0], batch_of(task, loaded, golds))
    assert torch.allclose(found, wanted, atol=1e-6)

    several = ClassifySeveral(
        ("text",), ("y",), ("a", "b"), ("a", "b"), windows=True, weights=weights
    )
    labels = [(0,), (), (0, 1), (1,)]
    wanted = functional.binary_cross_entropy_with_logits(
        rows, torch.tensor([[1.0, 0], [0, 0], [1, 1], [0, 1]]), pos_weight=torch.tensor(weights)
    )
    found = several.loss(loaded[0], batch_of(several, loaded, labels))
    assert torch.allclose(found, wanted, atol=1e-6)

    regress = Regress(("text",), ("y", "z"), ("y", "z"), windows=True)
    numbers = [[1.0, 2.0], [0.0, -1.0], [0.5, 0.5], [3.0, 0.0]]
    means = torch.stack([logits.mean(0) for logits in by_hand(regress, loaded)])
    wanted = functional.mse_loss(means, torch.tensor(numbers))
    found = regress.loss(loaded[0], batch_of(regress, loaded, numbers))
    assert torch.allclose(found, wanted, atol=1e-6)


def test_a_batch_in_parts_learns_the_same(loaded: tuple[Any, Any]) -> None:
    model, task = loaded[0], classifier()
    batch = batch_of(task, loaded, [0, 1, 1, 0])

    def gradients(rows: int | None) -> list[torch.Tensor]:
        def part(of: Any) -> torch.Tensor:
            loss = task.loss(model, of) * (task.weight(of) / task.weight(batch))
            torch.autograd.backward(loss)
            return loss.detach()

        model.zero_grad()
        MicroBatches(rows, model.zero_grad, 4, task.shortened_by).run(batch, 0, part)
        return [weight.grad.clone() for weight in model.parameters() if weight.grad is not None]

    whole = gradients(None)
    assert any(one.abs().max() > 1e-3 for one in whole)
    for rows in (1, 3):
        assert all(
            torch.allclose(one, other, atol=1e-6)
            for one, other in zip(gradients(rows), whole, strict=True)
        )
    model.zero_grad()


@pytest.mark.parametrize("at_once", [16_384, 40])
def test_a_row_does_not_depend_on_its_batch(
    loaded: tuple[Any, Any], at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gft.tasks.long_texts.AT_ONCE", at_once)
    task = classifier()
    placed = PlacedModel(Loaded(*loaded), choose_precision("fp32", use_cpu=True))
    wanted = torch.stack([joined(logits) for logits in by_hand(task, loaded)]).softmax(-1)
    for size in (1, 3, None):
        found = Predictor(task, placed, LENGTH, size).rows({"text": TEXTS})
        assert np.allclose(found.scores, wanted.detach().numpy(), atol=1e-6)
        assert len(found.values) == len(TEXTS) and found.unread.rows == 0


def test_what_is_asked_for_and_what_a_folder_keeps() -> None:
    task = Classify(("text",), ("y",), ("a", "b"), ("a", "b"))
    asked = task.configured(Options({"windows": True, "doc_stride": 9, "max_windows": 4}))
    assert (asked.windows, asked.doc_stride, asked.max_windows) == (True, 9, 4)
    assert Classify.restore(asked.saved()) == asked
    assert not asked.configured(Options({"windows": False})).windows
    assert task.aligned(asked)[0].max_windows == 4
    older = {name: value for name, value in task.saved().items() if "window" not in name}
    assert Classify.restore(older) == task
    assert (task.shortened_by, asked.shortened_by) == ("--max_length", "--max_windows")
    assert "longer than 4 windows of 16 tokens" in asked.too_long(16)
    assert "two texts of more than half of 16" in replace(asked, max_windows=None).too_long(16)
    assert "truncated there (--windows reads all of a text)" in task.too_long(16)


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Long texts that say at their end what they are: mark0 is red, mark1 blue."""
    folder = tmp_path_factory.mktemp("letters")
    for split, rows in (("train", 64), ("val", 10), ("test", 30)):
        lines = ["text,colour"]
        lines += [f"{long_text(n, f'mark{n % 2}')},{['red', 'blue'][n % 2]}" for n in range(rows)]
        (folder / f"letters.{split}").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "letters"


@pytest.fixture(scope="module")
def fitted(tiny: Path, letters: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("fitted") / "out"
    gft_package.fit(model=f"C:{tiny}", data=f"C:{letters}", eqn="classify: colour ~ text",
                    output_dir=str(out), windows=True, max_length=LENGTH, doc_stride=2,
                    num_train_epochs=14, learning_rate=2e-3)  # fmt: skip
    return out


def test_a_late_sign_is_learned_and_rows_stay_rows(fitted: Path) -> None:
    metrics = json.loads((fitted / "metrics.json").read_text())
    record = json.loads((fitted / "gft.json").read_text())
    assert metrics["splits"]["test"]["rows"] == 30 and metrics["rows"] == 14 * 64
    assert metrics["splits"]["test"]["metrics"]["accuracy"]["value"] == 1.0
    assert record["training"]["steps"] == 14 * 8
    assert record["task"]["windows"] is True and record["task"]["doc_stride"] == 2
    assert record["data"]["truncated"] == {"train": 0, "val": 0, "test": 0}
    predictions = pq.read_table(fitted / "predictions.parquet")
    assert sorted(predictions["row"].to_pylist()) == sorted([*range(10), *range(30)])


def test_eval_and_predict_read_as_fit_did(fitted: Path, letters: Path, gft: Any) -> None:
    ran = gft("eval", "--model", f"C:{fitted}", "--format", "json")
    [found] = json.loads(ran.out) if ran.out.startswith("[") else [json.loads(ran.out)]
    assert found["rows"] == 30 and found["rows_truncated"] == 0
    assert found["metrics"]["accuracy"]["value"] == 1.0
    ran = gft("eval", "--model", f"C:{fitted}", "--format", "json", "--max_windows", "2")
    assert "30 of 30 rows of test are longer than 2 windows of 16 tokens: " in ran.err
    [found] = json.loads(ran.out) if ran.out.startswith("[") else [json.loads(ran.out)]
    assert found["rows_truncated"] == 30 and found["tokens_truncated"] == 13 / 43
    ran = gft("predict", "--model", f"C:{fitted}", "--data", f"C:{letters}", "--format", "csv")
    table = list(csv.DictReader(io.StringIO(ran.out)))
    assert [row["prediction"] for row in table] == ["red", "blue"] * 15
    ran = gft("predict", "--model", f"C:{fitted}", "--data", f"C:{letters}", "--windows", "false")
    assert "30 rows are longer than 16 tokens and truncated there" in ran.err
    predicted = gft_package.load(f"C:{fitted}").predict([long_text(5, "mark1"), "mark0"])
    assert predicted == ["blue", "red"]


def test_a_fit_says_what_it_truncates(tiny: Path, letters: Path, gft: Any, tmp_path: Path) -> None:
    given = ("fit", "--model", f"C:{tiny}", "--data", f"C:{letters}", "--eqn",
             "classify: colour ~ text", "--max_length", LENGTH, "--output_dir", tmp_path / "out",
             "--preprocessing_only")  # fmt: skip
    ran = gft(*given)
    told = "64 of 64 rows of train are longer than 16 tokens and truncated there"
    assert f"{told} (--windows reads all of a text): 62.8 % of all tokens are not read" in ran.err
    assert "62.8 % of all tokens lost" in ran.out
    ran = gft(*given, "--windows", "--max_windows", "2")
    assert "64 of 64 rows of train are longer than 2 windows of 16 tokens: " in ran.err
    assert "not read" not in gft(*given, "--windows").err
