"""Predict: rows in order, in their formats, from lines and from splits, in bounded memory."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.server import Hub

Gft = Callable[..., Any]


@pytest.fixture(scope="module")
def fitted(tiny: Path, colours: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import gft

    out = tmp_path_factory.mktemp("fitted") / "out"
    gft.fit(model=f"C:{tiny}", data=f"C:{colours}", eqn="classify: colour ~ text",
            output_dir=str(out), num_train_epochs=8, learning_rate=3e-3,
            per_device_train_batch_size=4)  # fmt: skip
    return out


@pytest.fixture(scope="module")
def pairs(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import gft

    rows = {"a": ["river", "stone"] * 16, "b": ["mark0", "mark1"] * 16, "y": [0, 1] * 16}
    out = tmp_path_factory.mktemp("pairs") / "out"
    gft.fit(model=f"C:{tiny}", data=rows, eqn="classify: y ~ a + b", output_dir=str(out),
            num_train_epochs=1)  # fmt: skip
    return out


def test_lines_in_order_with_gold(fitted: Path, shell: Gft) -> None:
    lines = [f"river mark{n % 2}" + " stone" * (n % 7) for n in range(100)]
    text = "".join(f"{line}\tgold{n}\n" for n, line in enumerate(lines))
    ran = shell("predict", "--model", f"C:{fitted}", stdin=text)
    assert ran.status == 0, ran.err
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert [row[0] for row in rows] == lines
    assert [row[1] for row in rows] == [f"gold{n}" for n in range(100)]
    assert [row[2] for row in rows] == [["red", "blue"][n % 2] for n in range(100)]
    assert all(0.5 <= float(row[3]) <= 1 for row in rows)


def test_pairs_are_encoded_as_in_fit(pairs: Path, shell: Gft) -> None:
    import gft

    fit = gft.load(f"C:{pairs}")
    encoded = fit.task.encode(fit.predictor.processor, {"a": ["river"], "b": ["mark0"]}, 16)
    assert sum(encoded.features[0]["token_type_ids"]) == 2
    by_bar = shell("predict", "--model", f"C:{pairs}", stdin="river|mark0\n")
    by_tab = shell("predict", "--model", f"C:{pairs}", stdin="river\tmark0\n")
    assert by_bar.out == by_tab.out
    assert by_bar.out.startswith("river|mark0\t")
    wrong = shell("predict", "--model", f"C:{pairs}", stdin="river|mark0\nriver\n")
    assert wrong.status == 2
    assert "line 2: expected 2 inputs" in wrong.err


def test_formats(fitted: Path, colours: Path, gft: Gft) -> None:
    words = ("predict", "--model", f"C:{fitted}", "--data", f"C:{colours}", "--split", "val")
    rows = [json.loads(line) for line in gft(*words, "--format", "jsonl").out.splitlines()]
    assert list(rows[0]) == ["text", "colour", "prediction", "score"]
    table = list(csv.DictReader(io.StringIO(gft(*words, "--format", "csv").out)))
    assert [row["prediction"] for row in table] == [row["prediction"] for row in rows]
    every = gft(*words, "--return_all_scores").out.splitlines()[0].split("\t")
    assert {every[2], every[4]} == {"red", "blue"}
    assert float(every[3]) + float(every[5]) == pytest.approx(1, abs=1e-3)


def test_more_scores_in_every_format(fitted: Path, shell: Gft) -> None:
    lines = "river mark0\nriver mark1\tblue\n"

    def ran(*words: str) -> str:
        done = shell("predict", "--model", f"C:{fitted}", *words, stdin=lines)
        assert done.status == 0, done.err
        return str(done.out)

    first = json.loads(ran("--format", "jsonl", "--return_all_scores").splitlines()[0])
    assert list(first["scores"]) == ["red", "blue"]
    assert first["scores"]["red"] == first["score"] > 0.5
    best = json.loads(ran("--format", "jsonl", "--top_k", "1").splitlines()[1])
    assert best["scores"] == {"blue": best["score"]}
    # A line without gold has an empty cell where another has some.
    table = list(csv.DictReader(io.StringIO(ran("--format", "csv", "--return_all_scores"))))
    assert [row["colour"] for row in table] == ["", "blue"]
    assert float(table[1]["score_blue"]) > 0.5 > float(table[0]["score_blue"])
    assert list(table[0])[-2:] == ["score_blue", "score_red"]


def test_odd_lines(fitted: Path, shell: Gft) -> None:
    ran = shell("predict", "--model", f"C:{fitted}", stdin="\na\\tb\\\\c|d\n" + "x " * 5000 + "\n")
    assert ran.status == 0
    assert len(ran.out.splitlines()) == 3
    assert ran.out.splitlines()[1].startswith("a\\tb\\\\c|d\t")
    told = "1 row is longer than 128 tokens and truncated there (--windows reads all of a text)"
    assert f"{told}: 97.2 % of all tokens are not read" in ran.err


def test_a_closed_pipe_ends_quietly(fitted: Path) -> None:
    script = Path(sys.executable).parent / "gft_predict"
    done = subprocess.run(
        f"set -o pipefail; yes 'river mark0' | head -20000 | {script} --model C:{fitted} "
        "2>err | head -1",
        shell=True, executable="/bin/bash", capture_output=True, text=True, timeout=300,
        cwd=fitted.parent, check=False,
    )  # fmt: skip
    assert done.stdout.startswith("river mark0\t")
    assert (fitted.parent / "err").read_text() == ""


def test_python(fitted: Path, colours: Path) -> None:
    import pandas

    import gft

    fit = gft.load(f"C:{fitted}")
    texts = ["river mark0 river", "stone mark1 stone"]
    assert fit.predict(texts) == ["red", "blue"]
    assert fit.predict(pandas.DataFrame({"text": texts})) == ["red", "blue"]
    assert gft.predict(model=f"C:{fitted}", data=texts) == ["red", "blue"]
    found = gft.evaluate(model=f"C:{fitted}", data=f"C:{colours}", split="test")
    assert {one.name: one.value for one in found.results}["accuracy"] == 1.0
    assert "Call:" in fit.summary()
    assert len(gft.load_data(f"C:{colours}").splits["val"]) == 24
    assert "colour" in gft.summary(data=f"C:{colours}")
    assert fit.model.config.id2label == {0: "blue", 1: "red"}
    with pytest.raises(gft.UserError, match="a row has 2 inputs, expected 1: text"):
        fit.predict([("a", "b")])


def test_columns_of_other_libraries(fitted: Path, pairs: Path) -> None:
    import numpy
    import pandas
    import polars
    import pyarrow

    import gft

    fit, texts = gft.load(f"C:{fitted}"), ["river mark0 river", "stone mark1 stone"] * 3
    told = fit.predict(texts)
    frame = pandas.DataFrame({"text": texts}, index=[5, 5, 3, 9, 1, 0])
    for column in (
        frame["text"], frame["text"].astype("string"), frame["text"].astype("category"),
        polars.Series(texts), pyarrow.array(texts), pyarrow.chunked_array([texts]),
        numpy.array(texts), numpy.array(texts, dtype=object), polars.DataFrame({"text": texts}),
        {"text": frame["text"]}, {"text": numpy.array(texts)}, tuple(texts),
    ):  # fmt: skip
        assert fit.predict(column) == told
    assert gft.predict(model=f"C:{fitted}", data=frame["text"]) == told
    frame["prediction"] = fit.predict(frame)
    assert frame["prediction"].tolist() == told
    missing = pandas.Series(["river mark0 river", None, float("nan"), pandas.NA])
    assert fit.predict(missing)[1:] == fit.predict([""] * 3)

    of_two = gft.load(f"C:{pairs}")
    rows = [("river", "mark0"), ("stone", "mark1")]
    assert of_two.predict(numpy.array(rows)) == of_two.predict(rows)
    both = pandas.DataFrame(rows, columns=["a", "b"])
    assert of_two.predict({"a": both["a"], "b": both["b"]}) == of_two.predict(rows)
    with pytest.raises(gft.UserError, match="a row has 1 input, expected 2: a and b"):
        of_two.predict(both["a"])
    with pytest.raises(gft.UserError, match="predict takes texts, tuples or columns, not ndarray"):
        fit.predict(numpy.zeros(3))


def test_python_reads_what_the_command_reads(
    fitted: Path, colours: Path, hub: Hub, tmp_path: Path
) -> None:
    import gft

    test = gft.predict(model=f"C:{fitted}", data=f"C:{colours}")
    assert test == ["red", "blue"] * 10
    assert gft.predict(task="classify", data=["fine"])[0] in ("POSITIVE", "NEGATIVE")
    pair = gft.load("H:someone/mnli", eqn="classify: label ~ a + b")
    assert len(pair.predict([("a", "b")])) == 1
    assert len(gft.load_data(colours.with_suffix(".val")).splits["train"]) == 24
    for mistake, told in (
        ({"model": f"C:{fitted}", "data": f"C:{colours}", "split": "tset"}, "did you mean 'test'"),
        ({"task": "zero-shot-classification", "data": ["x"]}, "gft_predict --task zero_shot"),
    ):
        with pytest.raises(gft.UserError, match=told):
            gft.predict(**mistake)
    with pytest.raises(gft.UserError, match="data is of the type int"):
        gft.summary(data=42)


def test_data_in_memory_is_a_program_by_its_content(tiny: Path, tmp_path: Path) -> None:
    import polars

    import gft

    rows = {"text": ["river mark0", "stone mark1"] * 10, "y": [0.0, 2.5] * 10}
    out = str(tmp_path / "out")
    words = {"model": f"C:{tiny}", "eqn": "regress: y ~ text", "output_dir": out,
             "num_train_epochs": 1}  # fmt: skip
    first = gft.fit(data=rows, **words)
    assert len(first.predict(["river"])[0]) == 1
    gft.fit(data=polars.DataFrame(rows), **words)
    with pytest.raises(gft.UserError, match="another program"):
        gft.fit(data={**rows, "y": [1.0] * 20}, **words)


def test_the_default_model_of_a_task(hub: Hub, shell: Gft) -> None:
    ran = shell("predict", "--task", "sentiment-analysis", stdin="a fine day\n")
    assert "the model is H:distilbert/distilbert-base-uncased-finetuned-sst-2-english" in ran.err
    text, label, score = ran.out.rstrip("\n").split("\t")
    assert text == "a fine day" and label in ("NEGATIVE", "POSITIVE") and 0.5 <= float(score) <= 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "gft_predict needs --model, or a task with a default model: --task classify"),
        (["--task", "regress"], "gft_predict needs --model: there is no default one for regress"),
    ],
)
def test_no_model_and_no_default(gft: Gft, words: list[str], told: str) -> None:
    ran = gft("predict", *words)
    assert ran.status == 2 and ran.errors == [f"gft_predict: error: {told}"]


def test_a_column_keeps_its_name(tiny: Path, gft: Gft, tmp_path: Path) -> None:
    lines = ["prediction,score"] + [f"river mark{n % 2},{n % 2}" for n in range(20)]
    (tmp_path / "d.csv").write_text("\n".join(lines) + "\n")
    out = tmp_path / "out"
    data = ("--data", f"C:{tmp_path / 'd.csv'}")
    gft("fit", "--model", f"C:{tiny}", *data, "--eqn", "classify: score ~ prediction",
        "--output_dir", out, "--num_train_epochs", 1)  # fmt: skip
    ran = gft("predict", "--model", f"C:{out}", *data, "--split", "train", "--format", "jsonl")
    row = json.loads(ran.out.splitlines()[1])
    assert (row["prediction"], row["score"]) == ("river mark1", "1"), ran.err
    assert row["predicted_prediction"] in ("0", "1") and 0.5 <= row["predicted_score"] <= 1
    ran = gft("predict", "--model", f"H:{tiny}", *data, "--task", "feature-extraction", "--eqn",
              "feature_extraction: score ~ prediction", "--split", "train")  # fmt: skip
    assert ran.out.split("\t")[:2] == ["river mark0", "0"]


def test_an_argument_of_other_tasks_is_noted(fitted: Path, shell: Gft) -> None:
    ran = shell("predict", "--model", f"C:{fitted}", "--labels", "a,b", stdin="river\n")
    assert ran.status == 0 and len(ran.out.splitlines()) == 1
    assert "note: --labels belongs to zero_shot_classification and" in ran.err
    assert "it has no effect on classify" in ran.err


def test_rows_without_any_text_are_noted(tiny: Path, gft: Gft, tmp_path: Path) -> None:
    rows = "".join(f"{'' if n % 10 == 0 else 'river'},{'  ' if n % 5 == 0 else n},{n % 2}\n"
                   for n in range(30))  # fmt: skip
    (tmp_path / "d.train").write_text("a,b,y\n" + rows)
    (tmp_path / "d.val").write_text("a,b,y\nriver,,0\nstone,x,1\n")
    ran = gft("fit", "--model", f"C:{tiny}", "--data", f"C:{tmp_path / 'd'}", "--eqn",
              "classify: y ~ a + b", "--output_dir", tmp_path / "o", "--dry_run")  # fmt: skip
    assert "note: 3 of 30 rows of train have no text at all; they are kept" in ran.err
    assert "rows of val have no text" not in ran.err
