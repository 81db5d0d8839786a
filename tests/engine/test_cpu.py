"""Cheap dropout: its rate, its mean, its gradient, its seed; and that models take it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional

from gft.engine.cpu import cheap_dropout, plain_attention

CPU = torch.device("cpu")


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_rate_mean_and_independence(rate: float, dtype: torch.dtype) -> None:
    torch.manual_seed(1)
    values = torch.ones(1000, 1003, dtype=dtype, requires_grad=True)
    with cheap_dropout(CPU):
        out = functional.dropout(values, rate)
    kept = (out != 0).float()
    # A million draws: the standard error of the rate is at most 0.0005.
    assert float(kept.mean()) == pytest.approx(1 - rate, abs=0.002)
    assert float(out.detach().float().mean()) == pytest.approx(1, rel=0.02 if rate > 0.5 else 0.006)
    for one, other in (
        (kept[1:], kept[:-1]),
        (kept[:, 1:], kept[:, :-1]),
        (kept[:, 4:], kept[:, :-4]),
    ):
        both = torch.corrcoef(torch.stack([one.flatten(), other.flatten()]))[0, 1]
        assert abs(float(both)) < 0.005
    out.backward(torch.ones_like(out))
    assert values.grad is not None
    assert torch.equal(values.grad, out.detach())


def test_a_seed_makes_the_same_masks_and_others_are_others() -> None:
    values = torch.ones(64, 65)
    with cheap_dropout(CPU):
        torch.manual_seed(3)
        first, second = functional.dropout(values, 0.1), functional.dropout(values, 0.1)
        torch.manual_seed(3)
        assert torch.equal(functional.dropout(values, 0.1), first)
    assert not torch.equal(first, second)


def test_where_nothing_is_dropped() -> None:
    values = torch.randn(4, 5)
    library = functional.dropout
    with cheap_dropout(CPU):
        assert torch.equal(functional.dropout(values, 0.1, training=False), values)
        assert torch.equal(functional.dropout(values, 0.0), values)
        assert not functional.dropout(values, 1.0).any()
        assert functional.dropout(values, 0.5, inplace=True) is values
    assert functional.dropout is library


def test_a_model_takes_it(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import AutoModelForSequenceClassification

    from gft.engine import cpu

    model = AutoModelForSequenceClassification.from_pretrained(tiny).train()
    plain_attention(model, CPU)
    assert model.config._attn_implementation == "eager"
    drawn: list[Any] = []
    apply = cpu._Dropout.apply
    monkeypatch.setattr(
        cpu._Dropout, "apply", lambda values, p: drawn.append(values.shape) or apply(values, p)
    )
    with cheap_dropout(CPU):
        model(input_ids=torch.tensor([[5, 6, 7]]))
    layers, heads = model.config.num_hidden_layers, model.config.num_attention_heads
    assert drawn.count(torch.Size([1, heads, 3, 3])) == layers  # the attention's own
    assert len(drawn) == 1 + 3 * layers + 1  # embeddings; attention and two outputs; classifier
