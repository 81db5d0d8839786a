"""P: models through the commands: fitted, predicted with, scored, searched for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gft.suppliers.paddle import downloads
from gft.suppliers.paddle.config import READY
from gft.suppliers.paddle.names import built_in
from hub.mirror import Mirror
from hub.paddle import WEIGHTS, WRITTEN, copied, serve_model

SENTIMENT = READY["sentiment"]

Gft = Callable[..., Any]


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A small data set that the tiny vocabularies can spell."""
    for split, rows in (("train", 48), ("val", 16), ("test", 16)):
        lines = [f"the movie is {['bad', 'good'][n % 2]} {'!,.'[n % 3]}\t{['no', 'yes'][n % 2]}"
                 for n in range(rows)]  # fmt: skip
        (tmp_path / f"films.{split}").write_text(
            "text,label\n" + "".join('"{}",{}\n'.format(*line.split("\t")) for line in lines)
        )
    return tmp_path / "films"


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Any:
    made = Mirror()
    home = tmp_path_factory.mktemp("paddle")
    monkeypatch.setenv("GFT_PADDLE_MIRROR", made.url)
    monkeypatch.setenv("PPNLP_HOME", str(home))
    monkeypatch.setattr(downloads, "WAITS", ())
    yield made, home
    made.close()


def test_a_fit_leaves_both_forms(gft: Gft, store: Any, films: Path, tmp_path: Path) -> None:
    serve_model(*store, "ernie-1.0", "ernie_sequence")
    out = tmp_path / "out"
    words = ["--model", "P:ernie-1.0", "--data", f"C:{films}", "--eqn", "classify: label ~ text",
             "--output_dir", out, "--learning_rate", "0.03", "--num_train_epochs", "8"]  # fmt: skip
    ran = gft("fit", *words)
    assert ran.status == 0, ran.err
    record = json.loads((out / "gft.json").read_text())
    origin = {"supplier": "P", "name": "ernie-1.0", "form": "paddle"}
    assert origin.items() <= record["model"].items()
    assert {f"paddle/{one}" for one in ("config.json", WEIGHTS, "vocab.txt")} <= set(
        record["files"]
    )
    config = json.loads((out / "paddle" / "config.json").read_text())
    assert config["architectures"] == ["ErnieForSequenceClassification"]
    assert config["id2label"] == {"0": "no", "1": "yes"}
    card = (out / "README.md").read_text()
    assert "ernie-1.0" in card

    rows = {}
    for model in (f"C:{out}", f"P:{out}", f"P:{out / 'paddle'}"):
        ran = gft("predict", "--model", model, "--data", f"C:{films}", "--split", "test",
                  "--eqn", "classify: label ~ text", "--format", "jsonl")  # fmt: skip
        assert ran.status == 0, ran.err
        rows[model] = [json.loads(line)["prediction"] for line in ran.out.splitlines()]
        scored = gft("eval", "--model", model, "--data", f"C:{films}", "--split", "test",
                     "--eqn", "classify: label ~ text", "--format", "json")  # fmt: skip
        assert scored.status == 0, scored.err
        assert json.loads(scored.out)["metrics"]["accuracy"]["value"] == 1
    assert len({tuple(found) for found in rows.values()}) == 1
    assert set(rows[f"C:{out}"]) == {"no", "yes"}

    again = gft("fit", *words)
    assert "holds this program's fit already" in again.err
    onward = gft("fit", "--model", f"P:{out / 'paddle'}", "--data", f"C:{films}", "--eqn",
                 "classify: label ~ text", "--output_dir", tmp_path / "more",
                 "--num_train_epochs", "1")  # fmt: skip
    assert onward.status == 0, onward.err
    assert (tmp_path / "more" / "paddle" / WEIGHTS).is_file()


def test_lora_is_merged(gft: Gft, films: Path, tmp_path: Path) -> None:
    folder = copied("bert_sequence", tmp_path / "bert")
    words = ["--model", f"P:{folder}", "--data", f"C:{films}", "--eqn", "classify: label ~ text",
             "--output_dir", tmp_path / "out", "--peft", "lora",
             "--num_train_epochs", "1"]  # fmt: skip
    ran = gft("fit", *words)
    assert ran.status == 2
    assert "--merge_lora" in ran.errors[0]
    assert not (tmp_path / "out").exists()
    ran = gft("fit", *words, "--merge_lora")
    assert ran.status == 0, ran.err
    assert (tmp_path / "out" / "paddle" / WEIGHTS).is_file()
    assert gft("eval", "--model", f"P:{tmp_path / 'out'}", "--split", "val").status == 0


def test_a_fit_may_begin_afresh(gft: Gft, films: Path, tmp_path: Path) -> None:
    folder = copied("tinybert_sequence", tmp_path / "tinybert")
    words = ["--model", f"P:{folder}", "--data", f"C:{films}", "--eqn", "classify: label ~ text",
             "--output_dir", tmp_path / "out", "--num_train_epochs", "1"]  # fmt: skip
    assert gft("fit", *words).status == 0
    ran = gft("fit", *words, "--overwrite_output_dir")
    assert ran.status == 0, ran.err
    scored = gft("eval", "--model", f"C:{tmp_path / 'out'}", "--format", "json")
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert json.loads(scored.out)["metrics"]["loss"]["value"] == pytest.approx(
        metrics["splits"]["test"]["metrics"]["loss"]["value"], abs=1e-6
    )


class TestPaddlesTasks:
    def test_sentiment(self, gft: Gft, store: Any, films: Path) -> None:
        mirror, home = store
        entry = built_in()[SENTIMENT]
        serve_model(mirror, home, SENTIMENT, "skep_sequence")
        own = json.loads((WRITTEN / "skep_sequence" / "config.json").read_text())
        fields = {**own, **entry["config"], "num_labels": 3,
                  "id2label": {"0": "negative", "1": "positive", "2": "neither"}}  # fmt: skip
        (home / "models" / SENTIMENT / "config.json").write_text(json.dumps(fields))
        path = entry["files"][WEIGHTS].partition("bcebos.com")[2]
        mirror.put(path, (WRITTEN / "skep_sequence" / WEIGHTS).read_bytes())
        ran = gft("predict", "--task", "P:sentiment", "--data", f"C:{films}", "--split", "test")
        assert ran.status == 0, ran.err
        assert f"the model is P:{SENTIMENT}, the default for sentiment" in ran.err
        labels = {line.split("\t")[2] for line in ran.out.splitlines()}
        assert labels <= {"negative", "positive", "neither"}
        assert len(ran.out.splitlines()) == 16

    def test_questions(self, gft: Gft, store: Any) -> None:
        mirror, home = store
        name = "ernie-2.0-base-en-finetuned-squad"
        serve_model(mirror, home, name, "ernie_spans")
        path = built_in()[name]["files"][WEIGHTS].partition("bcebos.com")[2]
        mirror.put(path, (WRITTEN / "ernie_spans" / WEIGHTS).read_bytes())
        own = json.loads((WRITTEN / "ernie_spans" / "config.json").read_text())
        (home / "models" / name / "config.json").write_text(json.dumps(own))
        (home / "asked.csv").write_text("question,context\nis the movie good,the movie is good\n")
        ran = gft("predict", "--task", "P:QA", "--data", f"C:{home / 'asked.csv'}", "--eqn",
                  "classify_spans: answers ~ question + context")  # fmt: skip
        assert ran.status == 0, ran.err
        assert f"the model is P:{name}, the default for QA" in ran.err
        assert len(ran.out.splitlines()) == 1

    def test_the_summary_of_a_task_names_its_model(self, gft: Gft) -> None:
        shown = gft("summary", "--task", "P:sentiment").out
        assert f"Default model: P:{SENTIMENT} in gft_predict" in shown
        assert "Default model: none" in gft("summary", "--task", "P:ner").out
        assert "Default model: H:dslim/bert-base-NER" in gft("summary", "--task", "ner").out

    def test_labels_of_the_table(self) -> None:
        config = built_in()[SENTIMENT]["config"]
        assert config["id2label"] == {"0": "negative", "1": "positive"}

    @pytest.mark.parametrize(
        ("task", "told"),
        [
            ("P:classify", "no model of PaddleNLP's is ready for --task P:classify; name one"),
            ("P:no-such", "no task 'no-such'"),
            ("P:ner", "(PaddleNLP's Taskflow uses an ERNIE-CTM, or an LSTM with a CRF)"),
            ("P:pos_tagging", "(PaddleNLP's Taskflow uses an LSTM with a CRF)"),
        ],
    )
    def test_others_are_one_line(self, task: str, told: str, gft: Gft) -> None:
        ran = gft("predict", "--task", task)
        assert ran.status == 2
        assert len(ran.err.splitlines()) == 1
        assert told in ran.errors[0]


class TestSummary:
    def test_a_built_in_model_needs_no_network(
        self, gft: Gft, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("PPNLP_HOME", str(tmp_path))
        monkeypatch.setenv("GFT_PADDLE_MIRROR", "http://127.0.0.1:9")
        ran = gft("summary", "--model", "P:ernie-1.0", "--format", "json")
        assert ran.status == 0, ran.err
        said = json.loads(ran.out)["model"]
        assert said["parameters"] == 99866112
        assert not list(tmp_path.iterdir())

    def test_a_model_and_data(self, gft: Gft, films: Path, tmp_path: Path) -> None:
        folder = copied("ernie_gram_sequence", tmp_path / "gram")
        ran = gft("summary", "--model", f"P:{folder}", "--data", f"C:{films}")
        assert ran.status == 0, ran.err
        assert "ErnieForSequenceClassification" in ran.out
        assert "gft_fit --model" in ran.out

    def test_models_by_name(self, gft: Gft) -> None:
        lines = gft("summary", "--model", "P:__contains__SKEP").out.splitlines()
        assert lines[0] == "skep_ernie_1.0_large_ch\t\t\tskep\t"
        assert len(lines) == 4
        ran = gft("summary", "--model", "P:__contains__ernie", "--topn", "2", "--fast_mode")
        assert ran.out == "ernie-health-chinese\nernie-1.0\n"
        assert "there are more than 2 models" in ran.err
        header, _, *rows = gft("summary", "--model", "P:__contains__tinybert", "--format",
                               "table").out.splitlines()  # fmt: skip
        assert header.split() == ["model", "tags"]
        assert len(rows) == 6

    def test_data_by_name(self, gft: Gft) -> None:
        ran = gft("summary", "--data", "PaddleHub:__contains__glue,s", "--fast_mode")
        assert ran.out == "glue,sst-2\nglue,sts-b\n"
        none = gft("summary", "--data", "P:__contains__zzz")
        assert (none.status, none.out) == (0, "")
        assert "PaddleNLP has no data set with 'zzz' in the name" in none.err

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["--model", "P:__infer__", "--data", "P:chnsenticorp"], "does not say what its"),
            (["--model", "P:__infer__"], "--model H:__infer__ asks the hub"),
            (["--model", "P:__contains__bert", "--task", "classify"], "alone searches by name"),
        ],
    )
    def test_mistakes(self, words: list[str], told: str, gft: Gft) -> None:
        ran = gft("summary", *words)
        assert ran.status == 2
        assert len(ran.err.splitlines()) == 1
        assert told in ran.errors[0]
