"""`--keep`: columns of the data beside the predictions, as the data has them; gold values too."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from hub import unfitted

Gft = Callable[..., Any]

CELLS = ["plain", "a\ttab", "a\nline", "cr\rhere", 'say "hi"', "NA", "", "  x  ", "007", "\u2764"]


@pytest.fixture(scope="module")
def fitted(tiny: Path, colours: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import gft

    out = tmp_path_factory.mktemp("fitted") / "out"
    gft.fit(model=f"C:{tiny}", data=f"C:{colours}", eqn="classify: colour ~ text",
            output_dir=str(out), num_train_epochs=1)  # fmt: skip
    return out


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with columns of every type, and columns called as predictions are."""
    rows = [
        {"id": n, "score": 0.5, "text": f"river mark{n % 2}", "author": author, "ok": n % 2 == 0,
         "colour": ["red", "blue", None][n % 3], "tags": ["a b", str(n)]}
        for n, author in enumerate(CELLS)
    ]  # fmt: skip
    file = tmp_path_factory.mktemp("notes") / "notes.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def test_every_format(fitted: Path, notes: Path, gft: Gft, tmp_path: Path) -> None:
    words = ("predict", "--model", f"C:{fitted}", "--data", f"C:{notes}", "--keep", "id,author")
    source = [json.loads(line) for line in notes.open(encoding="utf-8")]

    rows = [json.loads(line) for line in gft(*words, "--format", "jsonl").out.splitlines()]
    assert list(rows[0]) == ["id", "author", "text", "colour", "prediction", "score"]
    for name in ("id", "author", "text", "colour"):
        assert [row[name] for row in rows] == [row[name] for row in source]

    for form, mark in (("csv", ","), ("tsv", "\t")):
        file = tmp_path / f"out.{form}"
        file.write_text(gft(*words, "--format", form).out, "utf-8", newline="")
        frame = pd.read_csv(file, sep=mark, na_filter=False, dtype={"author": str})
        assert list(frame) == list(rows[0])
        assert frame["id"].tolist() == [*range(len(CELLS))]
        assert frame["author"].tolist() == CELLS
        assert frame["prediction"].tolist() == [row["prediction"] for row in rows]

    plain = gft(*words).out.splitlines()
    without = gft(*words[:-2]).out.splitlines()
    for number, (line, bare) in enumerate(zip(plain, without, strict=True)):
        assert line.startswith(f"{bare}\t{number}\t")
    assert plain[1].endswith("\t1\ta\\ttab") and plain[2].endswith("\t2\ta\\nline")


def test_names_with_commas(fitted: Path, gft: Gft, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text('text,"a, b",c\nriver,1,2\n', "utf-8")
    for kept in (('"a, b",c',), ("a, b", "c")):
        out = gft("predict", "--model", f"C:{fitted}", "--data", f"C:{tmp_path / 'd.csv'}",
                  "--format", "jsonl", "--keep", *kept).out  # fmt: skip
        row = json.loads(out)
        assert (row["a, b"], row["c"]) == ("1", "2")


def test_all_and_names_that_clash(fitted: Path, notes: Path, gft: Gft) -> None:
    words = ("predict", "--model", f"C:{fitted}", "--data", f"C:{notes}", "--keep", "all")
    source = [json.loads(line) for line in notes.open(encoding="utf-8")]
    rows = [json.loads(line) for line in gft(*words, "--format", "jsonl").out.splitlines()]
    assert list(rows[0]) == [*source[0], "prediction", "predicted_score"]
    assert [{name: row[name] for name in source[0]} for row in rows] == source
    [first, *_] = csv.DictReader(io.StringIO(gft(*words, "--format", "csv").out))
    assert first["score"] == "0.5" and first["predicted_score"] == str(rows[0]["predicted_score"])
    assert json.loads(first["tags"]) == ["a b", "0"]


def test_what_cannot_be_kept(fitted: Path, notes: Path, gft: Gft, shell: Gft) -> None:
    words = ("predict", "--model", f"C:{fitted}")
    ran = gft(*words, "--data", f"C:{notes}", "--keep", "id,autor", "nope")
    assert ran.status == 2 and not ran.out
    assert ran.errors[0] == (
        "gft_predict: error: --keep: no column 'autor' in notes.jsonl (did you mean 'author'?); "
        "available: id, score, text, author, ok, colour and tags"
    )
    assert "no column 'nope'" in ran.errors[1]
    ran = shell(*words, "--keep", "id", stdin="river\n")
    assert ran.status == 2
    assert ran.err.strip() == (
        "gft_predict: error: --keep needs columns with names: those of --data, "
        "or of standard input with --input_format; plain lines have none"
    )


def test_classes_are_kept_by_name(fitted: Path, gft: Gft, tmp_path: Path) -> None:
    import datasets

    kinds = datasets.ClassLabel(names=["calm", "hard"])
    features = datasets.Features({"text": datasets.Value("string"), "colour": kinds, "x": kinds})
    rows = {"text": ["river", "stone", "market"], "colour": [1, 0, -1], "x": [-1, 0, 1]}
    datasets.Dataset.from_dict(rows, features).save_to_disk(tmp_path / "d")
    ran = gft("predict", "--model", f"C:{fitted}", "--data", f"C:{tmp_path / 'd'}", "--split",
              "train", "--keep", "x", "--format", "jsonl")  # fmt: skip
    found = [json.loads(line) for line in ran.out.splitlines()]
    assert [(row["x"], row["colour"]) for row in found] == [
        (None, "hard"), ("calm", "calm"), ("hard", None),
    ]  # fmt: skip


def test_a_task_that_only_predicts(gft: Gft, notes: Path, tmp_path: Path) -> None:
    model = unfitted.nli(tmp_path / "nli")
    words = ("predict", "--model", f"C:{model}", "--labels", "good,bad", "--data", f"C:{notes}",
             "--eqn", "zero_shot_classification: colour ~ text")  # fmt: skip
    ran = gft(*words, "--keep", "id,score", "--format", "jsonl")
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert list(rows[0]) == ["id", "score", "text", "colour", "prediction", "predicted_score"]
    assert [row["id"] for row in rows] == [*range(len(CELLS))]
    assert rows[2]["colour"] is None
    assert gft(*words, "--keep", "id").out.splitlines()[3].endswith("\t3")
    assert "no column 'idd'" in gft(*words, "--keep", "idd").errors[0]


def test_from_python_predictions_are_in_the_order_of_the_rows(fitted: Path) -> None:
    import gft
    from gft import events

    told: list[str] = []
    with events.to(lambda event: told.append(getattr(event, "text", ""))):
        assert len(gft.predict(model=f"C:{fitted}", data=["river"], keep="id")) == 1
    assert "keep= has no effect: predictions are a list in the order of the rows" in told


def test_gold_values_are_the_datas_own(tiny: Path, gft: Gft, tmp_path: Path) -> None:
    """Several labels are a list, numbers are numbers, and each of several has its own column."""
    import gft as python

    texts = [f"{word} {n}" for n in range(8) for word in ("river", "stone")]
    rows = {"text": texts, "kinds": [["a b", "c"], []] * 8, "x": [1, None] * 8,
            "y": [0.5, 1.0] * 8}  # fmt: skip
    (tmp_path / "d.jsonl").write_text(
        "".join(
            json.dumps({name: cells[n] for name, cells in rows.items()}) + "\n" for n in range(16)
        )
    )
    data = f"C:{tmp_path / 'd.jsonl'}"
    for eqn, names in (
        ("classify: kinds ~ text", ["kinds"]),
        ("regress: x + y ~ text", ["x", "y"]),
    ):
        out = tmp_path / eqn[:4]
        python.fit(model=f"C:{tiny}", data=data, eqn=eqn, output_dir=str(out), num_train_epochs=1)
        words = ("predict", "--model", f"C:{out}", "--data", data, "--split", "train")
        found = [json.loads(line) for line in gft(*words, "--format", "jsonl").out.splitlines()]
        for name in names:
            assert [row[name] for row in found] == rows[name]
        [first, *_] = csv.DictReader(io.StringIO(gft(*words, "--format", "csv").out))
        assert first[names[0]] == {"kinds": '["a b", "c"]', "x": "1"}[names[0]]
