"""Attention in plain products: the library's, but for masks of dropout, and who takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from gft.engine.cpu import attention, dropout
from gft.engine.cpu.attention import our_attention
from gft.engine.cpu.dropout import BITS
from gft.engine.placed_model import PlacedModel
from gft.engine.precision import choose_precision
from gft.suppliers.protocol import Loaded


def attended(dtype: torch.dtype, mask: torch.Tensor | None, causal: bool, rate: float) -> Any:
    """Return the output and the gradients of queries, keys and values of our attention."""
    torch.manual_seed(5)
    module = torch.nn.Module()
    module.is_causal = causal
    parts = [torch.randn(3, 2, 7, 4).to(dtype).requires_grad_() for _ in range(3)]
    torch.manual_seed(6)
    with our_attention():
        out, _ = ALL_ATTENTION_FUNCTIONS["sdpa"](module, *parts, mask, dropout=rate, scaling=0.4)
        called = attention.ATTENTION.is_installed()
    (out.float() ** 2).sum().backward()
    return out.detach(), [part.grad for part in parts], parts, called


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("causal", [False, True])
def test_attention_is_the_librarys_but_for_its_masks(masked: bool, causal: bool) -> None:
    mask = torch.rand(3, 1, 7, 7, generator=torch.Generator().manual_seed(1)) < 0.7
    mask |= torch.eye(7, dtype=torch.bool)
    given = mask if masked else None
    # One chance in 2 ** 16 of 882 to be dropped: for this seed, none is.
    out, gradients, parts, called = attended(torch.float64, given, causal, 1 / 2**BITS)
    assert called
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
    with our_attention():
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


@pytest.mark.parametrize("masked", ["no", "padding", "pairs", "bias", "bias of queries", "causal"])
@pytest.mark.parametrize("shape", [(6, 4, 5, 8), (2, 3, 60, 16), (3, 2, 1, 4), (2, 2, 16, 4)])
def test_predictions_in_bf16_are_the_librarys(shape: tuple[int, ...], masked: str) -> None:
    torch.manual_seed(4)
    batch, _, length, _ = shape
    parts = [torch.randn(shape) for _ in range(3)]
    given: torch.Tensor | None = None
    if masked == "pairs":
        given = torch.rand(batch, 1, length, length) < 0.7
        given |= torch.eye(length, dtype=torch.bool)
    elif masked == "padding":
        given = (torch.arange(length) < torch.tensor([[length], [1], [2], [3]] * 2)[:batch])[
            :, None, None
        ]
    elif masked == "bias":
        given = torch.randn(1, shape[1], length, length)
    elif masked == "bias of queries":
        given = torch.randn(1, shape[1], length, 1)
    causal = masked == "causal"
    exact = functional.scaled_dot_product_attention(
        *parts, attn_mask=given, scale=0.3, is_causal=causal
    )
    calls: list[torch.Size] = []
    products = attention._weights
    with (
        pytest.MonkeyPatch.context() as patch,
        torch.inference_mode(),
        torch.autocast("cpu", torch.bfloat16),
        our_attention(),
    ):
        patch.setattr(
            attention, "_weights", lambda *given: calls.append(given[0].shape) or products(*given)
        )
        out, _ = ALL_ATTENTION_FUNCTIONS["sdpa"](
            torch.nn.Module(), *parts, given, scaling=0.3, is_causal=causal
        )
    queries = {1: 1, 5: 8, 16: 16, 60: 60}[length]
    assert calls == [torch.Size([*shape[:2], queries, shape[3]])]
    assert out.dtype == torch.bfloat16 and out.is_contiguous()
    assert torch.allclose(out.float(), exact.transpose(1, 2), atol=0.03)


@pytest.mark.parametrize("size", [40.0, -40.0, 200.0])
@pytest.mark.parametrize("masked", [False, True])
def test_scores_far_from_zero_are_softmaxed_with_their_maximum(size: float, masked: bool) -> None:
    torch.manual_seed(7)
    key, value = torch.randn(2, 2, 6, 4), torch.randn(2, 2, 6, 4)
    query = torch.randn(2, 2, 6, 4) * 0.1
    key[..., 0], query[..., 0] = size, 10.0
    seen = torch.ones(2, 1, 6, 6, dtype=torch.bool)
    seen[:, :, :, 4:] = not masked
    out, total = attention._weights(query, key, seen, None)
    assert torch.equal(total, torch.ones_like(total))
    scores = (query @ key.transpose(-1, -2)).masked_fill(~seen, -torch.inf)
    assert torch.allclose(out, scores.softmax(-1), atol=1e-4)
    assert torch.isfinite(out @ value).all()


def test_a_score_of_no_number_stays_one() -> None:
    query = torch.full((1, 1, 3, 2), torch.nan)
    out, total = attention._weights(query, torch.ones(1, 1, 3, 2), None, None)
    assert (out / total).isnan().all()


def test_long_texts_and_what_is_not_in_half_precision_are_the_librarys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(attention, "_weights", None)
    with torch.inference_mode(), our_attention():
        attend = ALL_ATTENTION_FUNCTIONS["sdpa"]
        short = [torch.randn(1, 1, 3, 4)] * 3
        long = [torch.randn(1, 1, attention.LONGEST + 1, 4)] * 3
        attend(torch.nn.Module(), *short, None, is_causal=False)
        with torch.autocast("cpu", torch.bfloat16):
            attend(torch.nn.Module(), *long, None, is_causal=False)
            with pytest.raises(TypeError):
                attend(torch.nn.Module(), *short, None, is_causal=False)


def test_a_bias_that_is_trained_gets_its_gradient() -> None:
    parts = [torch.randn(2, 2, 5, 4, requires_grad=True) for _ in range(3)]
    bias = torch.randn(1, 2, 5, 5, requires_grad=True)
    with our_attention():
        attend = ALL_ATTENTION_FUNCTIONS["sdpa"]
        out, _ = attend(torch.nn.Module(), *parts, bias, dropout=0.1, is_causal=False)
    out.sum().backward()
    assert bias.grad is not None and bias.grad.abs().sum() > 0


def test_a_model_takes_it_only_while_it_trains(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(tiny).train()
    drawn: list[Any] = []
    mask = dropout.dropout_mask
    for module in (dropout, attention):
        monkeypatch.setattr(
            module,
            "dropout_mask",
            lambda shape, *args: drawn.append(shape) or mask(shape, *args),
        )
    library = ALL_ATTENTION_FUNCTIONS["sdpa"]
    placed = PlacedModel(Loaded(model, None), choose_precision("fp32", use_cpu=True))
    with placed.training():
        model(input_ids=torch.tensor([[5, 6, 7]]))
    layers, heads = model.config.num_hidden_layers, model.config.num_attention_heads
    own = [shape for shape in drawn if len(shape) == 4]  # of attention: the last layer's is short
    assert own == [torch.Size([1, heads, 4, 4])] * (layers - 1) + [torch.Size([1, heads, 1, 4])]
    assert len(drawn) == 1 + 3 * layers + 1  # embeddings; attention and two outputs; classifier
    assert ALL_ATTENTION_FUNCTIONS["sdpa"] is library is not attention.attention
    assert model.config._attn_implementation == "sdpa"
