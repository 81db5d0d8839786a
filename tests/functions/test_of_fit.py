"""What a fit drew is read from its folder by eval, predict and cat_data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

Gft = Callable[..., Any]
COLOURS = ("amber", "blue", "cyan")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "data"
    folder.mkdir()
    for split, count in (("train", 60), ("train_matched", 90), ("test", 9)):
        rows = [
            {"text": f"river mark{n % 3} {split} {n}",
             "colour": COLOURS[n % 3] if n % 5 or split == "test" else None}
            for n in range(count)
        ]  # fmt: skip
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="module")
def fitted(tiny: Path, data: Path) -> Path:
    """A fit whose splits are not the usual ones, of a model with the classes in another order."""
    import gft

    out = data.parent / "out"
    common = {"data": f"C:{data}", "eqn": "classify: colour ~ text", "num_train_epochs": 1}
    first = data.parent / "first"
    gft.fit(model=f"C:{tiny}", output_dir=str(first), **common)
    config = json.loads((first / "config.json").read_text())
    config["id2label"] = dict(enumerate(reversed(COLOURS)))
    config["label2id"] = {label: n for n, label in enumerate(reversed(COLOURS))}
    (first / "config.json").write_text(json.dumps(config))
    for name in ("gft.json", "gft_manifest.json", "partition.parquet"):
        (first / name).unlink()
    splits = "train_matched,__select_from_train__,test"
    gft.fit(model=f"C:{first}", output_dir=str(out), splits=splits, **common)
    return out


def numbers(folder: Path, role: str) -> list[int]:
    rows = pyarrow.parquet.read_table(folder / "partition.parquet").to_pylist()
    return [row["row"] for row in rows if row["role"] == role]


def test_the_record_of_which_row_is_where(fitted: Path) -> None:
    table = pyarrow.parquet.read_table(fitted / "partition.parquet")
    found = {}
    for row in table.to_pylist():
        found.setdefault((row["role"], row["split"]), []).append(row["row"])
    labelled = {n for n in range(90) if n % 5}
    assert set(found["train", "train_matched"]) | set(found["val", "train_matched"]) == labelled
    assert not set(found["train", "train_matched"]) & set(found["val", "train_matched"])
    assert found["test", "test"] == list(range(9))
    record = json.loads((fitted / "gft.json").read_text())
    assert "partition.parquet" in record["files"]
    rows = pyarrow.parquet.read_table(fitted / "predictions.parquet")
    assert rows.column_names[:6] == ["role", "split", "row", "fold", "gold", "prediction"]
    val = [row for row in rows.to_pylist() if row["role"] == "val"]
    assert {row["split"] for row in val} == {"train_matched"}
    assert [row["row"] for row in val] == found["val", "train_matched"]
    assert rows["fold"].null_count == len(rows)


@pytest.mark.parametrize("named", [True, False])
def test_eval_scores_what_fit_drew(fitted: Path, data: Path, gft: Gft, named: bool) -> None:
    words = ["--model", f"C:{fitted}", "--split", "val", "--format", "json"]
    ran = gft("eval", *words, *(["--data", f"C:{data}"] if named else []))
    assert ran.status == 0, ran.err
    kept = json.loads((fitted / "metrics.json").read_text())["splits"]["val"]
    found = json.loads(ran.out)
    assert (found["rows"], found["metrics"]) == (kept["rows"], kept["metrics"])
    assert f"val is what gft_fit drew: {kept['rows']} rows" in ran.err


def test_predict_and_cat_data_read_the_same_rows(fitted: Path, data: Path, gft: Gft) -> None:
    texts = [json.loads(line)["text"] for line in (data / "train_matched.jsonl").open()]
    drawn = [texts[n] for n in numbers(fitted, "val")]
    ran = gft("predict", "--model", f"C:{fitted}", "--data", f"C:{data}", "--split", "val")
    assert [line.split("\t")[0] for line in ran.out.splitlines()] == drawn, ran.err
    for words in ((), ("--data", f"C:{data}")):
        ran = gft("cat_data", "--model", f"C:{fitted}", *words, "--split", "val",
                  "--eqn", "classify: colour ~ text")  # fmt: skip
        assert [line.split("\t")[0] for line in ran.out.splitlines()] == drawn, ran.err
    whole = gft("cat_data", "--model", f"C:{fitted}", "--split", "train_matched")
    assert len(whole.out.splitlines()) == 90


def test_data_that_has_changed_is_drawn_anew(
    fitted: Path, data: Path, gft: Gft, tmp_path: Path
) -> None:
    lines = (data / "train_matched.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "train.jsonl").write_text("".join(lines[:50]))
    words = ("--model", f"C:{fitted}", "--data", f"C:{tmp_path}", "--split", "val")
    ran = gft("eval", *words, "--format", "json")
    assert json.loads(ran.out)["rows"] == 4
    assert "is not the data that the model was fitted to" in ran.err
    predicted = gft("predict", *words)
    assert len(predicted.out.splitlines()) == 4
    assert "it may know some of these rows" in predicted.err


def test_a_model_that_nobody_fitted_here_has_no_rows(tiny: Path, data: Path, gft: Gft) -> None:
    ran = gft("cat_data", "--model", f"C:{tiny}", "--data", f"C:{data}", "--split", "test")
    assert ran.status == 0 and len(ran.out.splitlines()) == 9
    assert "is not a folder that gft_fit wrote; it has no effect" in ran.err
