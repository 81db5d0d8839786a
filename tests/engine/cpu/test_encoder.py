"""A last layer that computes its first position alone gives the same logits and gradients."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers

from gft.engine.cpu.encoder import READ_THE_FIRST, unpadded_encoder


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
            with unpadded_encoder(model):
                logits = model(**rows).logits
        else:
            logits = model(**rows).logits
        (logits * torch.arange(12.0).view(4, 3)).sum().backward()
        found.append((logits.detach(), {n: p.grad for n, p in model.named_parameters()}))
    (whole, gradients), (short_logits, short_gradients) = found
    assert seen == [(4, 9, 16), (4, 16)]
    assert torch.allclose(whole, short_logits, atol=1e-6)
    for weight, gradient in gradients.items():
        other = short_gradients[weight]
        if gradient is None or other is None:
            assert gradient is other
        else:
            assert torch.allclose(gradient, other, atol=1e-4), weight
    assert model(**rows, output_hidden_states=True).hidden_states[-1].shape == (4, 9, 16)


def shapes_within(model: Any, rows: dict[str, torch.Tensor]) -> list[torch.Size]:
    """Return the shapes of what goes through each layer's feed-forward network."""
    seen: list[torch.Size] = []
    hooks = [
        layer.intermediate.register_forward_hook(lambda _, given, out: seen.append(given[0].shape))
        for layer in model.base_model.encoder.layer
    ]
    with unpadded_encoder(model):
        model(**rows)
    for hook in hooks:
        hook.remove()
    return seen


def test_padding_is_left_out_up_to_a_round_number_of_tokens() -> None:
    model, rows = tiny_model("BertForSequenceClassification").eval(), batch()
    assert int(rows["attention_mask"].sum()) == 25
    assert shapes_within(model, rows) == [(32, 16), (4, 16)]
    # What stands on the left is read as the first position: nothing can be left out.
    rows = {name: tensor.flip(1) for name, tensor in rows.items()}
    assert shapes_within(model, rows) == [(36, 16), (4, 16)]
    with unpadded_encoder(model):
        lean = model(**rows).logits
    assert torch.allclose(model(**rows).logits, lean, atol=1e-6)


def test_layers_that_are_computed_again_for_their_gradient() -> None:
    model, rows = tiny_model("BertForSequenceClassification").train(), batch()
    with unpadded_encoder(model):
        model(**rows).logits.sum().backward()
        expected = {name: weight.grad for name, weight in model.named_parameters()}
        model.zero_grad()
        model.gradient_checkpointing_enable()
        calls: list[int] = []
        layer = model.base_model.encoder.layer[0]
        layer.intermediate.register_forward_hook(lambda *_: calls.append(1))
        model(**rows).logits.sum().backward()
    assert len(calls) == 2
    for name, weight in model.named_parameters():
        assert (weight.grad is None) == (expected[name] is None)
        if weight.grad is not None:
            assert torch.allclose(weight.grad, expected[name], atol=1e-6), name


def test_without_padding() -> None:
    model, rows = tiny_model("BertForSequenceClassification").eval(), batch()
    del rows["attention_mask"]
    with torch.inference_mode():
        whole = model(**rows).logits
        with unpadded_encoder(model):
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
    with unpadded_encoder(model):
        assert [vars(module).get("forward") for module in model.modules()] == before
