"""Decoders as classifiers: padding, pairs, empty rows, and the same answers outside of gft."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gft.engine.inference import Predictor
from gft.engine.placed_model import PlacedModel
from gft.engine.precision import choose_precision
from gft.inputs.text import encode_texts
from gft.language.program import Options
from gft.language.spec import Spec
from gft.request import ModelRequest
from gft.suppliers.local import Local
from gft.suppliers.protocol import Loaded
from gft.tasks.classify import Classify
from hub.decoders import END, KINDS

LABELS = ("a", "b", "c")
TEXTS = ["river", "stone market garden river mark0", f"letter {END}", f"{END}", "", "window </s>",
         "letter " * 30]  # fmt: skip


@pytest.fixture(scope="module")
def decoders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("decoders")
    return {name: make(folder / name) for name, make in KINDS.items()}


def load(folder: Path) -> Loaded:
    import torch

    torch.manual_seed(0)
    source = Local().model(Spec("C", str(folder)), Options({}))
    loaded = source.load(ModelRequest("sequence-classification", labels=LABELS))
    loaded.model.eval()
    return loaded


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_does_not_depend_on_its_batch(kind: str, decoders: dict[str, Path]) -> None:
    loaded = load(decoders[kind])
    config: Any = loaded.model.config
    assert loaded.processor.padding_side == "right"
    assert config.pad_token_id == loaded.processor.pad_token_id
    task = Classify(("text",), ("y",), LABELS, LABELS)
    exact = PlacedModel(loaded, choose_precision("fp32", use_cpu=True))
    scores = []
    for size in (len(TEXTS), 1):
        predictor = Predictor(task, exact, 40, batch_size=size)
        found = predictor.rows({"text": TEXTS})
        assert isinstance(found.scores, np.ndarray)
        scores.append(found.scores)
    assert np.isfinite(scores[0]).all()
    assert np.allclose(scores[0], scores[1], atol=1e-5)
    assert len({tuple(row.round(6)) for row in scores[0]}) >= len(TEXTS) - 2


@pytest.mark.parametrize(
    ("kind", "columns", "text"),
    [
        ("gpt2", 2, "river\nstone market"),
        ("gpt2", 3, "river\nstone market\nletter"),
        ("qwen2", 2, "river\nstone market"),
        ("qwen2", 3, "river\nstone market\nletter"),
        ("llama", 2, "<s> river <s> stone market"),
        ("llama", 3, "<s> river <s> stone market <s> letter"),
    ],
)
def test_something_stands_between_columns(
    kind: str, columns: int, text: str, decoders: dict[str, Path]
) -> None:
    tokenizer = load(decoders[kind]).processor
    inputs = [["river"], ["stone market"], ["letter"]][:columns]
    ids = encode_texts(tokenizer, inputs, 60).features[0]["input_ids"]
    if kind == "llama":
        assert " ".join(tokenizer.convert_ids_to_tokens(ids)) == text
    else:
        assert tokenizer.decode(ids) == text


def test_both_texts_of_a_pair_survive_a_cut(decoders: dict[str, Path]) -> None:
    tokenizer = load(decoders["gpt2"]).processor
    encoded = encode_texts(tokenizer, [["river " * 9, "a"], ["stone " * 9, "b"]], 21)
    assert [lost > 0 for lost in encoded.lost] == [True, False]
    first, _, second = tokenizer.decode(encoded.features[0]["input_ids"]).partition("\n")
    assert len(encoded.features[0]["input_ids"]) == 21
    assert first.startswith("river") and second.startswith("stone")


def test_a_padding_token_the_model_does_not_know_is_not_used(
    decoders: dict[str, Path], tmp_path: Path
) -> None:
    tokenizer = load(decoders["llama"]).processor
    tokenizer.add_special_tokens({"pad_token": "[more]"})
    tokenizer.save_pretrained(tmp_path)
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((decoders["llama"] / name).read_bytes())
    loaded = load(tmp_path)
    assert loaded.processor.pad_token == "</s>"
    config: Any = loaded.model.config
    assert config.pad_token_id == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_fitted_decoder_answers_the_same_without_gft(
    kind: str, decoders: dict[str, Path], colours: Path, gft: Callable[..., Any], tmp_path: Path
) -> None:
    ran = gft(
        "fit", "--model", f"C:{decoders[kind]}", "--data", f"C:{colours}", "--eqn",
        "classify: colour ~ text", "--output_dir", tmp_path / "out", "--num_train_epochs", 1,
        "--precision", "fp32", "--learning_rate", "5e-3",
    )  # fmt: skip
    assert ran.status == 0, ran.err
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    texts = ["river mark0 river", "stone mark1", "market mark0 market mark1 market"]
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "out").eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    with torch.inference_mode():
        batch = tokenizer(texts, return_tensors="pt", padding=True)
        outside = model(**batch).logits.softmax(-1).numpy()
    import gft as library

    fitted = library.load(f"C:{tmp_path / 'out'}", precision="fp32")
    inside = fitted.predictor.rows({"text": texts}).scores
    assert np.allclose(inside, outside, atol=1e-5)
