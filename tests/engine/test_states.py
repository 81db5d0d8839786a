"""The mean hidden states that the effects of covariates are compared with before a training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    AutoTokenizer,
    BartConfig,
    BartForSequenceClassification,
    BertForSequenceClassification,
    T5Config,
    T5ForSequenceClassification,
)

from gft.engine.inference import Predictor
from gft.engine.placed_model import PlacedModel
from gft.engine.precision import choose_precision
from gft.engine.states import states_of
from gft.suppliers.protocol import Loaded
from gft.tasks.classify import Classify

TEXTS = ["river", "stone market garden river mark0 stone", "mark1 window", "letter " * 30]
TASK = Classify(("text",), ("y",), ("a", "b"), ("a", "b"))
SMALL: dict[str, Any] = {"vocab_size": 200, "d_model": 16, "num_labels": 2}
LAYERS: dict[str, Any] = {
    f"{part}_{name}": number
    for part in ("encoder", "decoder")
    for name, number in (("layers", 1), ("attention_heads", 2), ("ffn_dim", 16))
}


def predictor(tiny: Path, model: torch.nn.Module) -> Predictor:
    loaded = Loaded(model.eval(), AutoTokenizer.from_pretrained(tiny))
    return Predictor(TASK, PlacedModel(loaded, choose_precision("bf16", use_cpu=True)), 64)


def test_they_are_means_over_all_tokens_of_a_row(tiny: Path) -> None:
    """The fast path computes the last layer at the first token only; it is back afterwards."""
    model = BertForSequenceClassification.from_pretrained(tiny, num_labels=2)
    reader = predictor(tiny, model)
    found = states_of(reader, [{"text": TEXTS[:3]}, {"text": TEXTS[3:]}])
    assert found is not None and not reader.placed.every_position
    for text, states in zip(TEXTS, found, strict=True):
        batch = reader.processor(text, return_tensors="pt", truncation=True, max_length=64)
        with torch.no_grad():
            wanted = model.bert(**batch).last_hidden_state.mean(1)[0].numpy()
        assert np.abs(states - wanted).max() < 0.05


@pytest.mark.parametrize(
    "model",
    [
        lambda: BartForSequenceClassification(BartConfig(**SMALL, **LAYERS)),
        lambda: T5ForSequenceClassification(
            T5Config(
                **SMALL,
                d_kv=8,
                num_heads=2,
                num_layers=1,
                d_ff=16,
                decoder_start_token_id=0,
                pad_token_id=0,
                eos_token_id=3,
            )
        ),
    ],
)
def test_those_of_an_encoder_and_decoder_are_the_encoders(tiny: Path, model: Any) -> None:
    found = states_of(predictor(tiny, model()), [{"text": TEXTS}])
    assert found is not None and found.shape == (4, 16)
    assert np.isfinite(found).all() and np.ptp(found, axis=0).max() > 0


def test_a_net_without_a_base_has_none(tiny: Path) -> None:
    class Odd(torch.nn.Module):
        base_model_prefix = ""

        def __init__(self) -> None:
            super().__init__()
            self.config = BertForSequenceClassification.from_pretrained(tiny).config
            self.head = torch.nn.Linear(2, 2)

        @property
        def base_model(self) -> torch.nn.Module:
            return self

        def forward(self, **batch: torch.Tensor) -> dict[str, torch.Tensor]:
            return {"logits": torch.zeros(len(batch["input_ids"]), 2)}

    assert states_of(predictor(tiny, Odd()), [{"text": TEXTS}]) is None


def test_states_that_are_not_finite_are_none(tiny: Path) -> None:
    model = BertForSequenceClassification.from_pretrained(tiny, num_labels=2)
    with torch.no_grad():
        model.bert.embeddings.word_embeddings.weight[:] = float("nan")
    assert states_of(predictor(tiny, model), [{"text": TEXTS}]) is None
