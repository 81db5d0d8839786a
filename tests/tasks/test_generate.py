"""Texts from texts: models of both kinds learn to reverse numbers, and what a user can ask."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import torch

from gft.functions.rows import unescape
from gft.language.program import Options
from gft.tasks.generate import Generate
from gft.tasks.generate_causal import GenerateCausal
from hub import decoders, models, writers

Gft = Callable[..., Any]
EQUATION = "generate: target ~ source"


@pytest.fixture(scope="module")
def back(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Numbers, and the same from the back."""
    return writers.reversals(tmp_path_factory.mktemp("back"))


@pytest.fixture(scope="module", params=[("bart", 5), ("gpt2", 3)], ids=["seq2seq", "causal"])
def fitted(request: Any, back: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of each kind that has learned to write numbers from the back."""
    import gft

    name, epochs = request.param
    folder = tmp_path_factory.mktemp(name)
    model = getattr(writers, name)(folder / "model")
    gft.fit(model=f"C:{model}", data=f"C:{back}", eqn=EQUATION, output_dir=str(folder / "out"),
            num_train_epochs=epochs, learning_rate=3e-3, per_device_train_batch_size=32,
            max_new_tokens=6, lr_scheduler_type="cosine")  # fmt: skip
    return folder / "out"


def say(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    text = "".join(f"{line}\n" for line in lines)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_it_learns_to_reverse(
    fitted: Path, back: Path, gft: Gft, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = json.loads((fitted / "metrics.json").read_text())
    assert metrics["figure_of_merit"] == "chrf"
    scores = metrics["splits"]["test"]["metrics"]
    assert list(scores) == ["chrf", "bleu", "rougeL"]
    rows = pyarrow.parquet.read_table(fitted / "predictions.parquet").to_pylist()
    rows = [row for row in rows if row["role"] == "test"]
    right = sum(row["prediction"] == row["gold"] for row in rows) / len(rows)
    assert right > 0.9
    assert scores["rougeL"]["value"] == pytest.approx(right)

    ran = gft("eval", "--model", f"C:{fitted}", "--format", "json")
    assert json.loads(ran.out)["metrics"]["chrf"] == pytest.approx(scores["chrf"]), ran.err

    ran = gft("predict", "--model", f"C:{fitted}", "--data", f"C:{back}", "--split", "test")
    lines = [line.split("\t") for line in ran.out.splitlines()]
    assert [line[1:] for line in lines] == [[row["gold"], row["prediction"]] for row in rows]
    say(monkeypatch, *(line[0] for line in lines[:7]))
    ran = gft("predict", "--model", f"C:{fitted}", "--per_device_eval_batch_size", 3)
    assert [line.split("\t") for line in ran.out.splitlines()] == [
        [line[0], line[2]] for line in lines[:7]
    ]


def test_several_sequences_and_python(
    fitted: Path, gft: Gft, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gft as library

    say(monkeypatch, "123", "4567")
    ran = gft("predict", "--model", f"C:{fitted}", "--num_return_sequences", 3)
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert [(row[0], len(set(row[1:]))) for row in rows] == [("123", 3), ("4567", 3)], ran.err
    say(monkeypatch, "123")
    ran = gft("predict", "--model", f"C:{fitted}", "--num_beams", 2, "--format", "jsonl")
    assert json.loads(ran.out) == {"source": "123", "prediction": rows[0][1]}
    model = library.load(f"C:{fitted}")
    assert len(model.predict(["123", "4567", ""])) == 3
    assert model.predict([]) == []
    ran = gft("predict", "--model", f"C:{fitted}", "--num_beams", 2, "--num_return_sequences", 3)
    assert ran.status == 2
    assert ran.errors == [
        "gft_predict: error: --num_return_sequences 3: a search over --num_beams 2 returns no "
        "more than that; leave it out, or give 3 or more"
    ]


def test_a_row_alone_is_as_among_others(fitted: Path) -> None:
    import gft as library

    model = library.load(f"C:{fitted}")
    texts = ["12", "3456", "789", "01"]
    assert model.predict(texts) == [model.predict([text])[0] for text in texts]


def test_the_loss_of_a_causal_model_is_that_of_the_target(tmp_path: Path) -> None:
    from transformers import AutoTokenizer, GPT2LMHeadModel

    folder = writers.gpt2(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.padding_side = "left"
    model = GPT2LMHeadModel.from_pretrained(folder).eval()
    task = GenerateCausal(("source",), ("target",))
    rows = {"source": ["12", "3456"]}
    features = task.encode(tokenizer, rows, 32, ["21", "6543"]).features
    batch = task.collate(tokenizer, features)
    assert batch["labels"].tolist() == [
        [-100, -100, -100, 6, 5, 2, -100, -100, -100, -100],
        [-100, -100, -100, -100, -100, 10, 9, 8, 7, 2],
    ]
    logits = model(batch["input_ids"]).logits.log_softmax(-1)
    labels = batch["labels"]
    chosen = [
        -logits[row, place - 1, labels[row, place]]
        for row, place in (labels != -100).nonzero().tolist()
    ]
    expected = torch.stack(chosen).mean()
    assert torch.isclose(task.loss(model, batch), expected)
    smoothed = GenerateCausal(("source",), ("target",), smoothing=1e-9)
    assert torch.isclose(smoothed.loss(model, batch), expected)
    prompts = task.collate(tokenizer, [{"input_ids": one["input_ids"]} for one in features])
    assert prompts["attention_mask"].tolist() == [[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]]


def test_long_prompts_leave_room_for_the_text(tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(writers.gpt2(tmp_path))
    task = GenerateCausal(("source",), ("target",))
    encoded = task.encode(tokenizer, {"source": ["1" * 50, "2"]}, 32, ["3" * 50, "4"])
    assert [lost > 0 for lost in encoded.lost] == [True, False]
    first = encoded.features[0]
    assert len(first["input_ids"]) == 16 and len(first["labels"]) == 16
    assert first["labels"][-1] == tokenizer.eos_token_id


def test_a_prefix_and_several_columns(tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(writers.gpt2(tmp_path / "g"))
    task = GenerateCausal(("a", "b"), ("c",), source_prefix="9 ")
    [one] = task.encode(tokenizer, {"a": ["1"], "b": ["2"]}, 32).features
    assert tokenizer.decode(one["input_ids"]) == "9 1\n2\n"
    tokenizer = AutoTokenizer.from_pretrained(writers.bart(tmp_path / "t"))
    [one] = Generate(("a", "b"), ("c",), source_prefix="9 ").encode(
        tokenizer, {"a": ["1"], "b": ["2"]}, 32
    ).features  # fmt: skip
    assert tokenizer.decode(one["input_ids"]) == "9 1</s>2</s>"


@pytest.mark.parametrize("kind", decoders.KINDS)
def test_a_model_of_the_hub_goes_on_from_a_text(
    kind: str, gft: Gft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = decoders.KINDS[kind](tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(model)
    ids = torch.tensor([tokenizer("river")["input_ids"]])
    raw = AutoModelForCausalLM.from_pretrained(model)
    found = raw.generate(ids, max_new_tokens=4, do_sample=False)[0, ids.shape[1] :]
    say(monkeypatch, "river", "")
    ran = gft("predict", "--model", f"C:{model}", "--task", "text-generation",
              "--max_new_tokens", 4)  # fmt: skip
    assert ran.status == 0, ran.err
    expected = tokenizer.decode(found, skip_special_tokens=True).strip()
    lines = ran.out.split("\n")
    text, written = lines[0].split("\t")
    assert (text, unescape(written)) == ("river", expected)
    assert len(lines) == 3


def test_names_of_the_task_have_models_and_recipes(capsys: pytest.CaptureFixture[str]) -> None:
    names = ("generate", "text_generation", "summarization", "mt", "translation_en_to_fr")
    models_of = {name: Generate.default_for(name) for name in names}
    assert len(set(models_of.values())) == 4
    assert models_of["mt"] == models_of["translation_en_to_fr"] == "google-t5/t5-base"
    recipes = {f"translation_en_to_{one}": {"prefix": f"to {one}: ", "num_beams": 4}
               for one in ("fr", "de")} | {"summarization": {"prefix": "sum: "}}  # fmt: skip
    task = Generate(("a",), ("b",), recipes=recipes)

    def prefix(**options: object) -> str:
        return task.configured(Options(options)).source_prefix

    assert prefix(task="translation_en_to_fr") == "to fr: "
    assert prefix(task="H:summarization") == "sum: " and not prefix(task="generate")
    assert not capsys.readouterr().err
    assert prefix(task="MT") == "to de: "
    assert "MT does translation_en_to_de" in capsys.readouterr().err
    assert prefix(task="MT", source_prefix="x: ") == "x: "
    assert not capsys.readouterr().err


def test_mistakes(gft: Gft, tiny: Path, back: Path, tmp_path: Path) -> None:
    def errors(model: Path, equation: str, *more: object) -> list[str]:
        ran = gft("fit", "--model", f"C:{model}", "--data", f"C:{back}", "--eqn", equation,
                  "--output_dir", tmp_path / "out", *more)  # fmt: skip
        assert ran.status == 2 and not (tmp_path / "out").exists()
        return [line.partition(": error: ")[2] for line in ran.errors]

    [wrong] = errors(tiny, EQUATION)
    assert wrong.startswith("generate needs a sequence-to-sequence model of texts (such as T5")
    assert wrong.endswith("this model was made as BertForPreTraining")
    writer = writers.bart(tmp_path / "t5")
    [wrong] = errors(writer, "generate: source + target ~ source")
    assert wrong == "generate takes one column on the left of '~', found source and target"
    [wrong] = errors(writer, "generate: target ~ sauce")
    assert "no column 'sauce'" in wrong and "source" in wrong
    [wrong] = errors(writer, EQUATION, "--metric", "H:accuracy")
    assert "measures classes" in wrong and "chrf" in wrong
    assert errors(writer, "classify: target ~ source")


def test_dry_run_and_cat_data(gft: Gft, back: Path, tmp_path: Path) -> None:
    writer = models.bart(tmp_path / "bart")
    ran = gft("fit", "--model", f"C:{writer}", "--data", f"C:{back}", "--eqn", EQUATION,
              "--output_dir", tmp_path / "out", "--max_new_tokens", 4, "--dry_run")  # fmt: skip
    assert ran.status == 0 and not (tmp_path / "out").exists(), ran.err
    ran = gft("cat_data", "--data", f"C:{back}", "--split", "val", "--eqn", EQUATION)
    first = ran.out.splitlines()[0].split("\t")
    assert first[0] == first[1][::-1]
