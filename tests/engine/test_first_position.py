"""A last layer that computes its first position alone gives the same logits and gradients."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers

from gft.engine.first_position import READ_THE_FIRST, first_position_only


def tiny_model(name: str) -> Any:
    kind = getattr(transformers, name)
    torch.manual_seed(1)
    return kind(
        kind.config_class(
            vocab_size=50, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
            intermediate_size=32, max_position_embeddings=40, num_labels=3, embedding_size=16,
            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        )
    )  # fmt: skip


def batch() -> dict[str, torch.Tensor]:
    mask = torch.ones(4, 9, dtype=torch.int64)
    mask[1, 5:] = mask[3, 2:] = 0
    words = torch.randint(5, 50, (4, 9), generator=torch.Generator().manual_seed(2))
    return {"input_ids": words, "attention_mask": mask}


@pytest.mark.parametrize("name", sorted(READ_THE_FIRST))
def test_logits_and_gradients_are_the_same(name: str) -> None:
    model, rows = tiny_model(name).train(), batch()
    seen: list[torch.Size] = []
    model.base_model.encoder.layer[-1].output.dense.register_forward_hook(
        lambda module, inputs, output: seen.append(output.shape)
    )
    found = []
    for short in (False, True):
        model.zero_grad()
        if short:
            with first_position_only(model):
                logits = model(**rows).logits
        else:
            logits = model(**rows).logits
        (logits * torch.arange(12.0).view(4, 3)).sum().backward()
        found.append((logits.detach(), {n: p.grad for n, p in model.named_parameters()}))
    (whole, gradients), (short_logits, short_gradients) = found
    assert seen == [(4, 9, 16), (4, 1, 16)]
    assert torch.allclose(whole, short_logits, atol=1e-6)
    for weight, gradient in gradients.items():
        other = short_gradients[weight]
        if gradient is None or other is None:
            assert gradient is other
        else:
            assert torch.allclose(gradient, other, atol=1e-4), weight
    assert model(**rows, output_hidden_states=True).hidden_states[-1].shape == (4, 9, 16)


def test_without_padding() -> None:
    model, rows = tiny_model("BertForSequenceClassification").eval(), batch()
    del rows["attention_mask"]
    with torch.inference_mode():
        whole = model(**rows).logits
        with first_position_only(model):
            assert torch.allclose(model(**rows).logits, whole, atol=1e-6)


@pytest.mark.parametrize("name", ["BertForTokenClassification", "GPT2ForSequenceClassification"])
def test_other_models_stay_as_they_are(name: str) -> None:
    kind = getattr(transformers, name)
    model = (
        kind(kind.config_class(vocab_size=20, pad_token_id=0))
        if "GPT2" in name
        else tiny_model(name)
    )
    before = [vars(module).get("forward") for module in model.modules()]
    with first_position_only(model):
        assert [vars(module).get("forward") for module in model.modules()] == before
