"""P: models against PaddleNLP's own outputs, and both forms of what is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

import gft
from gft.errors import UserError
from gft.language.program import Options
from gft.language.spec import Spec
from gft.request import ModelRequest
from gft.suppliers.local import Local
from gft.suppliers.paddle.model import PaddleModel
from gft.suppliers.paddle.pdparams import read_pdparams
from gft.suppliers.paddle.supplier import Paddle
from gft.suppliers.protocol import Loaded
from hub.paddle import SAID, WEIGHTS, WRITTEN, copied, head_of

MODELS: dict[str, Any] = SAID["models"]
TRAINED = [
    "bert_sequence_pool", "ernie_sequence_task", "ernie_tokens", "ernie_spans_untyped",
    "ernie_gram_tokens", "skep_sequence", "roberta_tokens_pairs", "tinybert_sequence",
    "electra_sequence_relu", "bart_sequence_scale", "bart_spans",
]  # fmt: skip
"""One of each family, with what is peculiar to it."""
ELSEWHERE = [
    ("tinybert_spans", "token-classification", "BertForTokenClassification"),
    ("tinybert_spans", "sequence-classification", "BertForSequenceClassification"),
    ("skep_tokens", "question-answering", "BertForQuestionAnswering"),
]
"""Heads that PaddleNLP has no class for in the family."""


def opened(folder: Path, **given: Any) -> PaddleModel:
    source = Paddle().model(Spec("P", str(folder)), Options(given))
    assert isinstance(source, PaddleModel)
    return source


def answers(loaded: Loaded, said: dict[str, Any]) -> list[torch.Tensor]:
    inputs = {name: torch.tensor(value) for name, value in said.items() if name != "outputs"}
    with torch.no_grad():
        found: Any = loaded.model.eval()(**inputs)
    return [found.logits] if "logits" in found else [found.start_logits, found.end_logits]


def same(found: list[torch.Tensor], wanted: list[torch.Tensor], tolerance: float = 0.0) -> bool:
    pairs = zip(found, wanted, strict=True)
    return all(torch.allclose(one, other, rtol=0, atol=tolerance) for one, other in pairs)


@pytest.mark.parametrize("name", MODELS)
def test_outputs_are_those_of_paddlenlp(name: str, tmp_path: Path) -> None:
    source = opened(copied(name, tmp_path / name))
    assert source.weight_bytes() == (WRITTEN / name / WEIGHTS).stat().st_size
    loaded = source.load(ModelRequest(head_of(name)))
    assert loaded.new_weights == ()
    wanted = [torch.tensor(one) for one in MODELS[name]["outputs"]]
    assert same(answers(loaded, MODELS[name]), wanted, 1e-5)


@pytest.mark.parametrize("name", TRAINED)
def test_both_forms_after_a_step_of_training(name: str, tmp_path: Path) -> None:
    head, said = head_of(name), MODELS[name]
    source = opened(copied(name, tmp_path / name))
    loaded = source.load(ModelRequest(head))
    before = answers(loaded, said)
    step(loaded, said)
    after = answers(loaded, said)
    assert not same(after, before, 1e-3)
    (tmp_path / "out").mkdir()
    source.write(loaded, tmp_path / "out")

    config = json.loads((tmp_path / "out" / "paddle" / "config.json").read_text())
    assert config["model_type"] == source.family.name
    names = read_pdparams(tmp_path / "out" / "paddle" / WEIGHTS, name)
    assert set(names) <= set(read_pdparams(WRITTEN / name / WEIGHTS, name))
    assert config.get("type_vocab_size") == source.paddle.config.get("type_vocab_size")
    for folder in (tmp_path / "out", tmp_path / "out" / "paddle"):
        again = opened(folder).load(ModelRequest(head))
        assert again.new_weights == ()
        assert same(answers(again, said), after, 1e-6)
    local = Local().model(Spec("C", str(tmp_path / "out")), Options({})).load(ModelRequest(head))
    assert same(answers(local, said), after, 1e-6)
    texts = ["The movie is good", "rain, badly 我爱"]
    assert local.processor(texts).data == loaded.processor(texts).data
    assert local.processor(*texts).data == loaded.processor(*texts).data


def step(loaded: Loaded, said: dict[str, Any]) -> None:
    """Change every weight that takes part."""
    model: Any = loaded.model.eval()
    inputs = {name: torch.tensor(value) for name, value in said.items() if name != "outputs"}
    found = model(**inputs)
    outputs = [found.logits] if "logits" in found else [found.start_logits, found.end_logits]
    torch.manual_seed(0)
    loss: Any = sum(((one - torch.randn_like(one)) ** 2).mean() for one in outputs)
    loss.backward()
    torch.optim.AdamW(model.parameters(), lr=0.05).step()


def test_the_folder_is_an_ordinary_one(tmp_path: Path) -> None:
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    source = opened(copied("ernie_tokens", tmp_path / "ernie"))
    loaded = source.load(ModelRequest("token-classification"))
    (tmp_path / "out").mkdir()
    source.write(loaded, tmp_path / "out")
    model = AutoModelForTokenClassification.from_pretrained(tmp_path / "out")
    assert type(model).__name__ == "ErnieForTokenClassification"
    said = MODELS["ernie_tokens"]
    assert same(answers(Loaded(model, None), said), answers(loaded, said))
    read = AutoTokenizer.from_pretrained(tmp_path / "out")
    assert read("The movies")["input_ids"] == [2, 9, 10, 19, 3]


@pytest.mark.parametrize(("name", "head", "written"), ELSEWHERE)
def test_a_head_that_the_family_lacks_is_written_as_berts(
    name: str, head: str, written: str, tmp_path: Path
) -> None:
    source = opened(copied(name, tmp_path / name))
    loaded = source.load(ModelRequest(head, outputs=2))
    assert loaded.new_weights
    (tmp_path / "out").mkdir()
    source.write(loaded, tmp_path / "out")
    config = json.loads((tmp_path / "out" / "paddle" / "config.json").read_text())
    assert config["architectures"] == [written]
    again = opened(tmp_path / "out" / "paddle").load(ModelRequest(head))
    assert again.new_weights == ()
    assert same(answers(again, MODELS[name]), answers(loaded, MODELS[name]), 1e-6)


def test_a_head_for_other_labels(tmp_path: Path) -> None:
    source = opened(copied("bert_sequence", tmp_path / "bert"))
    loaded = source.load(ModelRequest("sequence-classification", labels=("a", "b")))
    assert loaded.new_weights == ("classifier.bias", "classifier.weight")
    loaded = opened(tmp_path / "bert").load(ModelRequest("question-answering"))
    assert loaded.new_weights == ("qa_outputs.bias", "qa_outputs.weight")
    with pytest.raises(UserError, match="the heads sequence-classification, token-classif"):
        opened(tmp_path / "bert").load(ModelRequest("causal"))


class TestOlderConfigurations:
    """`model_config.json`, which nests the arguments of classes."""

    def older(self, name: str, folder: Path, *arguments: object) -> Path:
        copied(name, folder)
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").unlink()
        made = config.pop("architectures")[0]
        for field in ("model_type", "paddlenlp_version", "id2label", "label2id"):
            config.pop(field, None)
        inner = {**config, "init_class": f"{made.partition('For')[0]}Model"}
        outer: dict[str, Any] = {"init_args": [inner, *arguments], "init_class": made}
        if not arguments and "Question" not in made:
            outer["num_classes"] = 3
        (folder / "model_config.json").write_text(json.dumps(outer))
        return folder

    @pytest.mark.parametrize(
        ("name", "arguments"),
        [("ernie_sequence", ()), ("ernie_sequence", (3,)), ("ernie_gram_tokens", (3, 0.1)),
         ("skep_sequence", ()), ("bert_spans", ()), ("electra_sequence", (3,)),
         ("roberta_sequence", ()), ("bart_sequence", (3,)), ("tinybert_sequence", ())],
    )  # fmt: skip
    def test_the_same_outputs(self, name: str, arguments: Any, tmp_path: Path) -> None:
        loaded = opened(self.older(name, tmp_path / name, *arguments)).load(
            ModelRequest(head_of(name))
        )
        assert loaded.new_weights == ()
        wanted = [torch.tensor(one) for one in MODELS[name]["outputs"]]
        assert same(answers(loaded, MODELS[name]), wanted, 1e-5)


MISTAKES = {
    "nothing": ("no folder", {}),
    "no configuration": ("no config.json or model_config.json in", {"config.json": None}),
    "no json": ("config.json cannot be read", {"config.json": "{"}),
    "a list": ("holds a list, expected an object", {"config.json": "[]"}),
    "another family": (
        "is of the family gpt; of PaddleNLP's families gft reads bert, ernie,",
        {"config.json": '{"model_type": "gpt"}'},
    ),
    "ernie-doc": (
        "needs memories of the text before",
        {"config.json": '{"architectures": ["ErnieDocForSequenceClassification"]}'},
    ),
    "ernie-gen": (
        "only generates text",
        {"config.json": '{"model_type": "ernie", "architectures": ["ErnieForGeneration"]}'},
    ),
    "relative positions": (
        "relative positions",
        {"config.json": '{"model_type": "ernie_gram", "rel_pos_size": 512}'},
    ),
    "no family": ("of no family", {"config.json": "{}"}),
    "strange sizes": (
        "does not make a bert model",
        {"config.json": '{"model_type": "bert", "hidden_size": "many"}'},
    ),
    "no weights": ("has no model_state.pdparams; it holds", {WEIGHTS: None}),
    "half a vocabulary": ("vocab.txt lacks [UNK]", {"vocab.txt": "[PAD]\n[CLS]\n[SEP]\n[MASK]\n"}),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes(case: str, tmp_path: Path) -> None:
    expected, changes = MISTAKES[case]
    folder = tmp_path / "model"
    if case != "nothing":
        copied("bert_sequence", folder)
    for name, text in changes.items():
        (folder / name).unlink()
        if text is not None:
            (folder / name).write_text(text)
    with pytest.raises(UserError) as caught:
        opened(folder).load(ModelRequest("sequence-classification"))
    [message] = caught.value.messages
    assert expected in message
    assert "\n" not in message


def test_without_a_tokenizer_there_is_still_the_network(tmp_path: Path) -> None:
    name = "bart_sequence"
    folder = copied(name, tmp_path / name)
    (folder / "merges.txt").unlink()
    fit = gft.load(f"P:{folder}")
    wanted = [torch.tensor(one) for one in MODELS[name]["outputs"]]
    assert same(answers(Loaded(fit.model, None), MODELS[name]), wanted, 1e-5)
    (tmp_path / "out").mkdir()
    fit.opened.source.write(Loaded(fit.model, None), tmp_path / "out")
    for form in (f"C:{tmp_path / 'out'}", f"P:{tmp_path / 'out' / 'paddle'}"):
        again = gft.load(form)
        assert same(answers(Loaded(again.model, None), MODELS[name]), wanted, 1e-5)
        with pytest.raises(UserError, match=r"name (a tokenizer|one) with tok"):
            again.predict(["the movie"])
    (folder / WEIGHTS).unlink()
    with pytest.raises(UserError, match="nor vocab"):
        gft.load(f"P:{folder}").predict(["the movie"])


def test_transformers_form_is_named(tmp_path: Path, tiny: Path) -> None:
    with pytest.raises(UserError, match="it is in transformers' form: write H:PATH"):
        opened(tiny).load(ModelRequest("sequence-classification"))
