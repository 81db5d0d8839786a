"""The tasks that only predict: rows out of tiny models, as the pipelines of transformers say."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hub import unfitted
from hub.media import picture
from hub.models import bert

Gft = Callable[..., Any]
Make = Callable[[str], Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Make a model of `hub.unfitted` at its first use."""
    there: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in there:
            there[name] = getattr(unfitted, name)(tmp_path_factory.mktemp(name))
        return there[name]

    return make


@pytest.fixture
def predict(gft: Gft, monkeypatch: pytest.MonkeyPatch) -> Gft:
    """Run gft_predict on lines of standard input."""

    def run(task: str, model: Path, lines: list[str], *words: object) -> Any:
        stream = io.TextIOWrapper(io.BytesIO("".join(f"{one}\n" for one in lines).encode()))
        monkeypatch.setattr("sys.stdin", stream)
        return gft("predict", "--task", task, "--model", f"H:{model}", *words)

    return run


@pytest.fixture
def red(tmp_path: Path) -> Path:
    """A red image."""
    (tmp_path / "red.png").write_bytes(picture("red"))
    return tmp_path / "red.png"


def rows(out: str) -> Iterator[list[str]]:
    for line in out.splitlines():
        yield line.split("\t")


def test_a_vector_is_the_mean_of_what_the_pipeline_says(predict: Gft, tiny: Path) -> None:
    from transformers import pipeline

    texts = ["river stone", "market", "river market stone river"]
    ran = predict("feature-extraction", tiny, texts)
    assert ran.status == 0, ran.err
    tokens = pipeline("feature-extraction", model=str(tiny))
    for (text, vector), expected in zip(rows(ran.out), texts, strict=True):
        assert text == expected
        mean = np.mean(tokens(text)[0], axis=0)
        assert np.allclose([float(number) for number in vector.split()], mean, atol=1e-5)


def test_alike_texts(predict: Gft, tiny: Path) -> None:
    ran = predict("sentence-similarity", tiny, ["river|river", "river|stone market"], "--format",
                  "jsonl")  # fmt: skip
    same, other = map(json.loads, ran.out.splitlines())
    assert same == {"sentence1": "river", "sentence2": "river", "similarity": 1.0}
    assert other["similarity"] < 1


def test_the_first_of_several_texts_is_compared_with_each(predict: Gft, tiny: Path) -> None:
    ran = predict("sentence-similarity", tiny, ["river|river|stone market|market", "a|b|c|a"],
                  "--format", "jsonl")  # fmt: skip
    first, second = map(json.loads, ran.out.splitlines())
    assert list(first) == ["sentence1", "sentence2", "sentence3", "sentence4", "similarity"]
    assert first["similarity"][0] == 1 > max(first["similarity"][1:])
    assert second["similarity"][2] == 1
    ran = predict("sentence-similarity", tiny, ["a|b|c", "a|b"])
    assert ran.status == 2 and "line 2: expected 3 inputs" in ran.err


def test_data_gold_and_columns(gft: Gft, tiny: Path, colours: Path) -> None:
    words = ("--model", f"H:{tiny}", "--data", f"C:{colours}", "--split", "val")
    ran = gft("predict", "--eqn", "feature_extraction: colour ~ text", *words)
    assert [row[1] for row in rows(ran.out)][:4] == ["red", "blue"] * 2
    ran = gft("predict", "--task", "sentence_similarity", *words)
    assert ran.status == 2
    assert "reads sentence1 and sentence2, and colours has the columns text, colour" in ran.err
    ran = gft("predict", "--eqn", "sentence_similarity: size ~ text + colour", *words)
    assert len(next(rows(ran.out))) == 3


@pytest.mark.parametrize("more", [[], ["--return_all_scores"]])
def test_labels_without_training(predict: Gft, made: Make, more: list[str]) -> None:
    from transformers import pipeline

    ran = predict("zero-shot-classification", made("nli"), ["river stone", "market"], "--labels",
                  "river,stone", "road", *more)  # fmt: skip
    compare = pipeline("zero-shot-classification", model=str(made("nli")))
    for text, *fields in rows(ran.out):
        found = compare(text, candidate_labels=["river", "stone", "road"])
        pairs = list(zip(found["labels"], found["scores"], strict=True))[: 3 if more else 1]
        assert fields == [part for label, score in pairs for part in (label, f"{score:.4f}")]


def test_labels_of_images(predict: Gft, made: Make, red: Path) -> None:
    ran = predict("zero-shot-image-classification", made("clip"), [str(red)], "--labels", "red",
                  "blue", "--top_k", 2)  # fmt: skip
    ((_, first, score, second, other),) = rows(ran.out)
    assert {first, second} == {"red", "blue"}
    assert float(score) >= float(other)
    assert float(score) + float(other) == pytest.approx(1, abs=2e-4)


@pytest.mark.parametrize("form", ["csv", "columns", "rows"])
def test_tables(predict: Gft, made: Make, tmp_path: Path, form: str) -> None:
    table = '{"name": ["river", "stone"], "size": ["3", "4"]}'
    if form == "csv":
        (tmp_path / "t.csv").write_text("name,size\nriver,3\nstone,4\n")
        table = str(tmp_path / "t.csv")
    if form == "rows":
        table = '[{"name": "river", "size": 3}, {"name": "stone", "size": 4}]'
    ran = predict("table-question-answering", made("tapas"), [f"river ?|{table}"], "--format",
                  "jsonl")  # fmt: skip
    answer = json.loads(ran.out)
    assert set(answer["prediction"]) <= {"river", "stone", "3", "4"}
    assert answer["aggregation"] in ("NONE", "SUM", "AVERAGE", "COUNT")
    ran = predict("table-question-answering", made("tapas"), [f"a|{table}", "b|no.csv"])
    assert ran.status == 2
    assert "line 2: no file no.csv" in ran.err


def test_things_in_images(predict: Gft, made: Make, red: Path) -> None:
    ran = predict("object-detection", made("yolos"), [str(red)])
    ((_, *things),) = rows(ran.out)
    assert len(things) == 4
    for thing in things:
        label, score, box = thing.split("|")
        assert label == "dog"
        assert 0.5 < float(score) <= 1
        assert len(box.split(",")) == 4


def test_an_image_at_an_address(
    predict: Gft, made: Make, red: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gft.inputs.addresses import FetchedFile

    monkeypatch.setattr("gft.inputs.files.fetch", lambda at: FetchedFile(at, red.read_bytes()))
    address, model = "https://pictures.example/red.png", made("yolos")
    ran = predict("object-detection", model, [address], "--fetch_urls")
    ((shown, *things),) = rows(ran.out)
    assert shown == address
    assert things == next(rows(predict("object-detection", model, [str(red)]).out))[1:]
    ran = predict("object-detection", model, [address])
    assert ran.status == 2 and "fetches it with --fetch_urls" in ran.err


def test_parts_of_images(predict: Gft, made: Make, red: Path) -> None:
    ran = predict("image-segmentation", made("segformer"), [str(red)])
    ((_, *parts),) = rows(ran.out)
    shares = [float(part.partition("|")[2]) for part in parts]
    assert sum(shares) == pytest.approx(1, abs=1e-3)
    assert shares == sorted(shares, reverse=True)


def test_a_text_about_an_image(predict: Gft, made: Make, red: Path, tmp_path: Path) -> None:
    ran = predict("image-to-text", made("captioner"), [str(red)], "--max_new_tokens", 4)
    ((_, text),) = rows(ran.out)
    assert 0 < len(text.split()) <= 4
    (tmp_path / "rubbish.png").write_bytes(b"rubbish")
    ran = predict("image-to-text", made("captioner"), [str(red), str(tmp_path / "rubbish.png")])
    assert ran.status == 2
    assert len(ran.out.splitlines()) == 1
    assert "line 2:" in ran.err


def test_speech(predict: Gft, made: Make, tmp_path: Path) -> None:
    import soundfile

    words = ("--output_dir", tmp_path / "spoken")
    ran = predict("text-to-speech", made("vits"), ["a river", "stone"], *words)
    for number, (text, place, seconds) in enumerate(rows(ran.out), 1):
        assert text in ("a river", "stone")
        assert Path(place).name == f"{number:06}.wav"
        info = soundfile.info(place)
        assert info.samplerate == 16_000
        assert info.frames / info.samplerate == pytest.approx(float(seconds), abs=0.006)
    before = (tmp_path / "spoken/000002.wav").read_bytes()
    again = predict("text-to-speech", made("vits"), ["a river"], *words)
    assert again.status == 2
    assert "already exists" in again.err
    ran = predict("text-to-speech", made("vits"), ["a river", "stone"], *words,
                  "--overwrite_output_dir")  # fmt: skip
    assert ran.status == 0
    assert (tmp_path / "spoken/000002.wav").read_bytes() == before


def test_mistakes(gft: Gft, predict: Gft, made: Make, tiny: Path, tmp_path: Path) -> None:
    for function in ("fit", "eval"):
        ran = gft(function, "--eqn", "feature_extraction: a ~ b", "--model", f"H:{tiny}")
        assert ran.status == 2
        assert "feature_extraction only predicts; use gft_predict --task" in ran.err
    ran = predict("zero-shot-classification", made("nli"), ["a"])
    assert "needs --labels with at least two classes" in ran.err
    ran = predict("zero-shot-classification", tiny, ["a"], "--labels", "x,y")
    assert "was not trained for zero_shot_classification" in ran.err
    colours = bert(tmp_path / "colours", ("red", "blue"))
    ran = predict("zero-shot-classification", colours, ["a"], "--labels", "x,y")
    assert "a label 'entailment'; the labels of this model are red and blue" in ran.err
    ran = predict("object-detection", tiny, ["a"])
    assert "is a bert model, which has no head for object_detection" in ran.err
    assert "did you mean 'summarization'" in gft("predict", "--task", "summarisation").err


def test_it_says_what_it_is(gft: Gft) -> None:
    from gft.registry import predict_only

    for name, kind in predict_only().items():
        out = gft("summary", "--task", name).out
        assert f"{name}: {kind.summary}" in " ".join(out.split())
        assert f"H:{kind.default_model}" in out
        assert f"| gft_predict --task {name}" in out
    out = gft("summary", "--task", "text-generation").out
    assert "Default model: H:openai-community/gpt2" in out
