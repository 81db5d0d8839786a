"""Cheap dropout and attention: rate, mean, gradient and seed; and that models take them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from gft.engine import cpu
from gft.engine.cpu import fast_training

CPU = torch.device("cpu")


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_rate_mean_and_independence(rate: float, dtype: torch.dtype) -> None:
    torch.manual_seed(1)
    values = torch.ones(1000, 1003, dtype=dtype, requires_grad=True)
    with fast_training(CPU):
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
    with fast_training(CPU):
        torch.manual_seed(3)
        first, second = functional.dropout(values, 0.1), functional.dropout(values, 0.1)
        torch.manual_seed(3)
        assert torch.equal(functional.dropout(values, 0.1), first)
    assert not torch.equal(first, second)


def test_where_nothing_is_dropped() -> None:
    values = torch.randn(4, 5)
    library = functional.dropout
    with fast_training(CPU):
        assert torch.equal(functional.dropout(values, 0.1, training=False), values)
        assert torch.equal(functional.dropout(values, 0.0), values)
        assert not functional.dropout(values, 1.0).any()
        assert functional.dropout(values, 0.5, inplace=True) is values
    assert functional.dropout is library


def attended(dtype: torch.dtype, mask: torch.Tensor | None, causal: bool, rate: float) -> Any:
    """Return the output and the gradients of queries, keys and values of our attention."""
    torch.manual_seed(5)
    module = torch.nn.Module()
    module.is_causal = causal
    parts = [torch.randn(3, 2, 7, 4).to(dtype).requires_grad_() for _ in range(3)]
    torch.manual_seed(6)
    with fast_training(CPU):
        attend = ALL_ATTENTION_FUNCTIONS["sdpa"]
        out, _ = attend(module, *parts, mask, dropout=rate, scaling=0.4)
    (out.float() ** 2).sum().backward()
    return out.detach(), [part.grad for part in parts], parts, attend


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("causal", [False, True])
def test_attention_is_the_librarys_but_for_its_masks(masked: bool, causal: bool) -> None:
    mask = torch.rand(3, 1, 7, 7, generator=torch.Generator().manual_seed(1)) < 0.7
    mask |= torch.eye(7, dtype=torch.bool)
    given = mask if masked else None
    # One chance in 2 ** 16 of 882 to be dropped: for this seed, none is.
    out, gradients, parts, attend = attended(torch.float64, given, causal, 1 / 2**cpu.BITS)
    assert attend is cpu.attention
    for part in parts:
        part.grad = None
    expected = functional.scaled_dot_product_attention(
        *parts, attn_mask=given, scale=0.4, is_causal=causal and not masked
    )
    (expected**2).sum().backward()
    assert torch.allclose(out, expected.transpose(1, 2), rtol=1e-3)
    for gradient, part in zip(gradients, parts, strict=True):
        assert torch.allclose(gradient, part.grad, rtol=1e-3, atol=1e-4)


def test_attention_drops_weights_at_their_rate_and_differentiates_what_it_drew() -> None:
    query, key = torch.zeros(2, 8, 50, 4), torch.zeros(2, 8, 50, 4)
    value = torch.eye(50).expand(2, 8, 50, 50).contiguous().requires_grad_()
    torch.manual_seed(2)
    with fast_training(CPU):
        out, _ = ALL_ATTENTION_FUNCTIONS["sdpa"](
            torch.nn.Module(), query, key, value, None, dropout=0.1, is_causal=False
        )
    weights = out.transpose(1, 2).detach()  # of equal scores: 1 / 50 each
    assert float((weights == 0).float().mean()) == pytest.approx(0.1, abs=0.006)
    assert float(weights.sum(-1).mean()) == pytest.approx(1, abs=0.01)
    direction = torch.randn_like(out)
    (out * direction).sum().backward()
    expected = weights.transpose(-1, -2) @ direction.transpose(1, 2)
    assert value.grad is not None
    assert torch.allclose(value.grad, expected, atol=1e-6)


def test_in_bf16_attention_stays_near_fp32() -> None:
    exact, gradients, *_ = attended(torch.float32, None, False, 0.1)
    near, rounded, *_ = attended(torch.bfloat16, None, False, 0.1)
    assert torch.allclose(near.float(), exact, atol=0.05)
    for one, other in zip(rounded, gradients, strict=True):
        assert torch.allclose(one.float(), other, atol=0.3)


def test_a_model_takes_it_only_while_it_trains(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(tiny).train()
    drawn: list[Any] = []
    mask = cpu._mask
    monkeypatch.setattr(
        cpu, "_mask", lambda shape, *args: drawn.append(shape) or mask(shape, *args)
    )
    library = ALL_ATTENTION_FUNCTIONS["sdpa"]
    with fast_training(CPU):
        model(input_ids=torch.tensor([[5, 6, 7]]))
    layers, heads = model.config.num_hidden_layers, model.config.num_attention_heads
    assert drawn.count(torch.Size([1, heads, 3, 3])) == layers  # the attention's own
    assert len(drawn) == 1 + 3 * layers + 1  # embeddings; attention and two outputs; classifier
    assert ALL_ATTENTION_FUNCTIONS["sdpa"] is library is not cpu.attention
    assert model.config._attn_implementation == "sdpa"
