"""What gft_summary says of data sets, models, tasks and folders."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gft as gft_package
from gft.registry import tasks
from hub.media import wav2vec2
from hub.models import bert
from hub.server import Hub


def cells(text: str, first: str) -> list[str]:
    """Return what follows the line of a table or of facts that begins with `first`."""
    line = next(one for one in text.splitlines() if one.startswith(first))
    return line.removeprefix(first).lstrip(":").split()


class TestData:
    def test_columns_lengths_and_counts(self, gft: Callable[..., Any], colours: Path) -> None:
        out = gft("summary", "--data", f"C:{colours}").out
        assert "Rows: train 64, val 24, test 20" in out
        assert cells(out, "colour")[:3] == ["text", "2", "different"]
        assert "river mark0 river" in out
        assert ["text", "3", "3", "3"] in [line.split() for line in out.splitlines()]
        assert cells(out, "red ") == ["32", "12", "10"]

    def test_tokens_and_the_share_over_the_limit(
        self, gft: Callable[..., Any], tiny: Path, tmp_path: Path
    ) -> None:
        texts = ["river " * 10] * 15 + ["river " * 200] * 5
        rows = [f"{text.strip()},{n % 2}" for n, text in enumerate(texts)]
        (tmp_path / "long.csv").write_text("\n".join(["text,label", *rows]) + "\n")
        told = gft("summary", "--data", tmp_path / "long.csv", "--model", f"C:{tiny}",
                   "--format", "json")  # fmt: skip
        found = json.loads(told.out)["data"]
        column = found["columns"][0]
        assert column["words"] == {"median": 10, "most": 200, "longest": 200}
        assert column["tokens"] == {"median": 12, "most": 202, "longest": 202}
        assert (column["over_limit"], found["limit"]) == (0.25, 128)
        table = gft("summary", "--data", tmp_path / "long.csv", "--model", f"C:{tiny}").out
        assert "over 128" in table
        assert "25.0 %" in table

    def test_no_weight_is_asked_for(self, hub: Hub, gft: Callable[..., Any]) -> None:
        before = len(hub.weights_requested())
        ran = gft("summary", "--model", "H:bert-base-cased", "--data", "H:glue,qqp")
        assert ran.status == 0
        assert ran.err == ""
        assert len(hub.weights_requested()) == before

    def test_many_classes_are_cut_and_it_is_said(self, hub: Hub, gft: Callable[..., Any]) -> None:
        out = gft("summary", "--data", "H:banking77").out
        assert "and 65 more classes" in out

    def test_in_memory(self) -> None:
        told = gft_package.summary({"text": ["a b", "c d"] * 3, "label": ["x", "y"] * 3})
        assert "Rows: train 6" in told

    def test_names_are_checked(self, gft: Callable[..., Any], colours: Path) -> None:
        ran = gft("summary", "--data", f"C:{colours}", "--eqn", "classify: color ~ text",
                  "--splits", "train,dev")  # fmt: skip
        assert ran.status == 2
        assert len(ran.errors) == 2
        assert "did you mean 'colour'?" in ran.errors[0]
        assert "no split 'dev'" in ran.errors[1]


class TestModel:
    def test_of_the_hub(self, hub: Hub, gft: Callable[..., Any]) -> None:
        out = gft("summary", "--model", "H:someone/mnli").out
        assert cells(out, "Architecture") == ["BertForSequenceClassification"]
        assert cells(out, "Labels") == ["contradiction,", "neutral", "and", "entailment"]
        assert cells(out, "Can do") == ["classify"]
        can = {name.strip(",") for name in cells(out, "Can be fitted to")}
        assert {"classify", "regress"} <= can
        assert cells(out, "Trained on") == ["nyu-mll/glue"]
        assert cells(out, "Licence") == ["mit"]
        assert cells(out, "Downloads")[0] == "900"
        assert cells(out, "Likes") == ["3"]

    def test_parameters_are_those_of_the_model(
        self, hub: Hub, gft: Callable[..., Any], tiny: Path
    ) -> None:
        from transformers import AutoModelForPreTraining

        model = AutoModelForPreTraining.from_pretrained(tiny)
        count = sum(weight.numel() for weight in model.parameters())
        more = (512 - model.config.max_position_embeddings) * model.config.hidden_size
        for spec, parameters in ((f"C:{tiny}", count), ("H:bert-base-cased", count + more)):
            ran = gft("summary", "--model", spec, "--format", "json")
            assert json.loads(ran.out)["model"]["parameters"] == parameters

    def test_without_safetensors_they_are_counted_on_a_skeleton(
        self, gft: Callable[..., Any], tmp_path: Path
    ) -> None:
        folder = bert(tmp_path / "bert")
        asked = ("summary", "--model", f"C:{folder}", "--format", "json")
        stored = json.loads(gft(*asked).out)["model"]
        (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
        counted = json.loads(gft(*asked).out)["model"]
        assert counted["parameters"] == stored["parameters"]

    def test_a_card_in_a_folder(self, gft: Callable[..., Any], tmp_path: Path) -> None:
        folder = bert(tmp_path / "bert")
        card = "---\nlicense: apache-2.0\ndatasets: [imdb, sst2]\nlanguage: en\n---\n# A model\n"
        (folder / "README.md").write_text(card)
        out = gft("summary", folder).out
        assert cells(out, "Licence") == ["apache-2.0"]
        assert cells(out, "Trained on") == ["imdb", "and", "sst2"]
        (folder / "README.md").write_text("---\nlicense: [broken\n---\n")
        assert gft("summary", folder).status == 0

    def test_a_pre_trained_one(self, gft: Callable[..., Any], tiny: Path, tmp_path: Path) -> None:
        out = gft("summary", tiny).out
        assert cells(out, "Can do") == ["fill_mask"]
        assert cells(out, "Labels") == ["none"]
        out = gft("summary", wav2vec2(tmp_path / "wav2vec2")).out
        assert "no task of gft's yet: fit it first" in out

    def test_a_seq2seq_one_has_no_labels(self, hub: Hub, gft: Callable[..., Any]) -> None:
        out = gft("summary", "--model", "H:eugenesiow/bart-paraphrase").out
        assert cells(out, "Labels") == ["none"]

    def test_what_the_cache_remembers(
        self, hub: Hub, shell: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("HF_HOME", str(tmp_path))
        online = shell("summary", "--model", "H:someone/mnli")
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        offline = shell("summary", "--model", "H:someone/mnli")
        assert offline.out == online.out
        assert offline.status == 0

    def test_a_word_that_is_no_model(self, hub: Hub, gft: Callable[..., Any]) -> None:
        ran = gft("summary", "glue")
        assert ran.status == 2
        assert "of a data set: gft_summary --data glue" in ran.errors[0]


class TestTask:
    @pytest.mark.parametrize("name", ["classify", "H:text-classification", "Classify-Classic"])
    def test_spellings(self, name: str, gft: Callable[..., Any]) -> None:
        out = gft("summary", "--task", name).out
        assert "classify: the class of each row" in out
        assert "sentiment-analysis" in out
        assert "H:bert-base-cased" in out
        assert "accuracy, f1, loss" in out

    def test_unknown(self, gft: Callable[..., Any]) -> None:
        ran = gft("summary", "--task", "clasify")
        assert ran.status == 2
        assert "did you mean 'classify'?" in ran.errors[0]

    @pytest.mark.parametrize("name", tasks())
    def test_every_task_says_what_it_is(self, name: str, gft: Callable[..., Any]) -> None:
        told = json.loads(gft("summary", "--task", name, "--format", "json").out)["task"]
        assert all(told[key] for key in ("left", "right", "head", "metrics"))
        assert f"'{name}: " in told["example"]


class TestFolder:
    def test_several_words_and_json(
        self, gft: Callable[..., Any], tiny: Path, colours: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        gft_package.fit(model=f"C:{tiny}", data=f"C:{colours}", eqn="classify: colour ~ text",
                        output_dir=str(out), num_train_epochs=1)  # fmt: skip
        ran = gft("summary", out, tiny, "--format", "json")
        fitted, model = json.loads(ran.out)
        assert fitted["fit"]["task"]["labels"] == ["blue", "red"]
        assert "accuracy" in fitted["fit"]["metrics"]["splits"]["val"]["metrics"]
        assert model["model"]["architectures"] == ["BertForPreTraining"]


def test_formats(gft: Callable[..., Any], colours: Path) -> None:
    for form in ("csv", "jsonl", "tsv"):
        ran = gft("summary", "--data", f"C:{colours}", "--format", form)
        assert ran.status == 2
        assert f"--format {form}" in ran.errors[0]


def test_arguments_without_effect_are_noted(gft: Callable[..., Any], tiny: Path) -> None:
    ran = gft("summary", tiny, "--topn", "3", "--eqn", "classify: a ~ b")
    assert ran.status == 0
    assert "--topn has no effect without a search" in ran.err
    assert "--eqn has no effect without --data" in ran.err


def test_help_fits_on_two_screens(gft: Callable[..., Any]) -> None:
    out = gft("summary", "--help").out
    assert len(out.splitlines()) <= 48
    assert "tab-separated: name, downloads" in out
