"""Configurations that would break a training, or mislead, are made fit or refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gft.language.program import Options
from gft.language.spec import Spec
from gft.model.predictors import longest
from gft.request import ModelRequest
from gft.suppliers.files import LocalFiles
from gft.suppliers.transformers_model import TransformersSource
from gft.tasks.classify import Classify
from gft.tasks.classify_tokens import ClassifyTokens
from gft.tasks.regress import Regress
from hub import models, writers

Gft = Callable[..., Any]


def changed(folder: Path, **fields: Any) -> Path:
    """Write fields into the configuration of a model; None takes one away."""
    file = folder / "config.json"
    config = {**json.loads(file.read_text()), **fields}
    file.write_text(json.dumps({name: one for name, one in config.items() if one is not None}))
    return folder


def source_of(folder: Path) -> TransformersSource:
    return TransformersSource(Spec("C", str(folder)), LocalFiles(folder, {}), Options({}))


def test_outputs_that_nobody_reads(tmp_path: Path) -> None:
    folder = changed(
        models.bert(tmp_path / "model", ("a", "b")),
        output_attentions=True, output_hidden_states=True, return_dict=False,
    )  # fmt: skip
    source = source_of(folder)
    loaded = source.load(ModelRequest("sequence-classification"))
    batch = loaded.processor(["good", "bad"], padding=True, return_tensors="pt")
    assert list(loaded.model(**batch)) == ["logits"]
    out = tmp_path / "out"
    out.mkdir()
    source.write(loaded, out)
    written = json.loads((out / "config.json").read_text())
    assert not written.get("output_attentions") and not written.get("output_hidden_states")
    again = source_of(out).load(ModelRequest("sequence-classification"))
    assert list(again.model(**batch)) == ["logits"]


def test_a_number_of_labels_without_names(tmp_path: Path, gft: Gft) -> None:
    five = tuple(f"LABEL_{n}" for n in range(5))
    config = {"architectures": ["BertForSequenceClassification"], "num_labels": 5}
    for kind, architecture in ((Classify, "Sequence"), (ClassifyTokens, "Token")):
        task = kind.of_model(
            config | {"architectures": [f"BertFor{architecture}Classification"]}, None
        )
        assert task is not None and task.labels == five
    assert Regress.of_model(config, None) is None
    assert Regress.of_model(config | {"num_labels": 1}, None) is not None
    assert Classify.of_model(config | {"num_labels": 1}, None) is None
    assert Classify.of_model(config | {"num_labels": "many"}, None).labels == five[:2]  # type: ignore[union-attr]

    folder = changed(models.bert(tmp_path / "model", "abcde"), num_labels=5, id2label=None,
                     label2id=None)  # fmt: skip
    texts = tmp_path / "texts.txt"
    texts.write_text("text\ngood\n")
    ran = gft("predict", "--model", f"C:{folder}", "--data", f"C:{texts}", "--eqn",
              "classify: label ~ text", "--return_all_scores", "--format", "jsonl")  # fmt: skip
    assert ran.status == 0, ran.err
    assert sorted(json.loads(ran.out)["scores"]) == list(five)


@pytest.mark.parametrize("kind", ["ibert", "luke", "mluke", "xmod", "esm", "roberta", "lilt"])
def test_positions_that_begin_after_padding(kind: str) -> None:
    config = {"model_type": kind, "max_position_embeddings": 514, "pad_token_id": 1}
    assert longest(None, object(), config) == 512
    assert longest(None, object(), config | {"max_position_embeddings": 130}) == 128
    del config["pad_token_id"]
    assert longest(None, object(), config | {"max_position_embeddings": 130}) == 128
    assert longest(None, object(), {"model_type": "bert", "max_position_embeddings": 128}) == 128


@pytest.mark.parametrize("kind", ["XLNet", "XLM", "Flaubert"])
def test_heads_of_another_form(kind: str, gft: Gft, tmp_path: Path) -> None:
    folder = models.bert(tmp_path / "model")
    (folder / "model.safetensors").unlink()
    changed(folder, model_type=kind.lower(), architectures=[f"{kind}ForQuestionAnswering"])
    ran = gft("predict", "--model", f"C:{folder}", "--task", "QA")
    assert ran.status == 2
    assert ran.errors == [
        f"gft_predict: error: {kind}ForQuestionAnswering has a head of its own form, which "
        "classify_spans does not read; fit the model first: gft_fit gives it the head of "
        f"{kind}ForQuestionAnsweringSimple"
    ]


def test_what_texts_begin_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import torch
    from transformers import T5Config, T5ForConditionalGeneration

    folder = writers.bart(tmp_path / "t5")
    config = T5Config(
        vocab_size=len(writers.TOKENS), d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2,
        pad_token_id=0, eos_token_id=2,
    )  # fmt: skip
    T5ForConditionalGeneration(config).save_pretrained(folder)
    for name in ("config.json", "generation_config.json"):
        settings = json.loads((folder / name).read_text())
        settings.pop("decoder_start_token_id", None)
        (folder / name).write_text(json.dumps(settings))
    loaded = source_of(folder).load(ModelRequest("seq2seq"))
    told = "does not say what texts begin with (decoder_start_token_id): <pad> is taken"
    assert told in capsys.readouterr().err
    model: Any = loaded.model
    assert model.config.decoder_start_token_id == 0
    assert torch.isfinite(model(**loaded.processor(["12"], return_tensors="pt"),
                                labels=torch.tensor([[5, 4, 2]]))["loss"])  # fmt: skip
    written = model.generate(**loaded.processor(["12"], return_tensors="pt"), max_new_tokens=2)
    assert written[0, 0] == 0

    other = changed(writers.bart(tmp_path / "bart"), decoder_start_token_id=None)
    settings = json.loads((other / "generation_config.json").read_text())
    (other / "generation_config.json").write_text(
        json.dumps(settings | {"decoder_start_token_id": 1})
    )
    model = source_of(other).load(ModelRequest("seq2seq")).model
    assert model.config.decoder_start_token_id in (1, 2)
