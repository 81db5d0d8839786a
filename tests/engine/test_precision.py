from __future__ import annotations

from pathlib import Path

import pytest
import torch

from gft.engine.cpu.casts import Casts
from gft.engine.precision import choose_precision, last_layers


def test_it_is_what_the_processor_can() -> None:
    chosen = choose_precision("auto", use_cpu=True)
    able = torch.cpu.get_capabilities()
    fast = bool(able.get("amx_bf16") or able.get("avx512_bf16"))
    assert chosen.name == ("bf16" if fast else "fp32")
    assert choose_precision("fp32", use_cpu=True).name == "fp32"


def test_a_program_for_a_gpu_runs_without_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert choose_precision("fp16", use_cpu=True) == choose_precision("auto", use_cpu=True)
    [said] = capsys.readouterr().err.splitlines()
    assert "note: --precision fp16 needs a GPU, and there is none: computing in " in said


def test_logits_have_all_their_digits(tiny: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_pretrained(tiny, num_labels=3).eval()
    exact = choose_precision("fp32", use_cpu=True)
    fast = choose_precision("bf16", use_cpu=True)
    ids = torch.arange(5, 69).reshape(8, 8)
    with torch.inference_mode():
        exact.place(model)
        wanted = model(input_ids=ids).logits
        fast.place(model)
        assert [layer.out_features for layer in last_layers(model)] == [3]
        with fast.autocast():
            found = model(input_ids=ids).logits
    assert found.dtype == torch.float32
    assert not torch.equal(found, found.bfloat16().float())
    assert torch.allclose(found, wanted, atol=0.02)


def test_weights_are_cast_once_and_again_when_they_change(tiny: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_pretrained(tiny, num_labels=3).eval()
    fast = choose_precision("bf16", use_cpu=True)
    fast.place(model)
    casts = Casts(model, fast.dtype())
    ids = torch.arange(5, 69).reshape(8, 8)

    def logits() -> torch.Tensor:
        with torch.inference_mode(), fast.autocast():
            return model(input_ids=ids).logits

    cast_each_time = logits()
    with torch.no_grad():
        exact = model(input_ids=ids).logits
    layer = model.bert.encoder.layer[0].intermediate.dense
    with casts.in_use():
        assert torch.equal(logits(), cast_each_time)
        with torch.no_grad():  # Called by itself a model computes in its own format.
            assert torch.equal(model(input_ids=ids).logits, exact)
        assert layer.weight.dtype == torch.float32
        kept = layer.forward.cast
        assert torch.equal(logits(), cast_each_time)
    with casts.in_use():
        assert torch.equal(logits(), cast_each_time) and layer.forward.cast is kept
        model(input_ids=ids).logits.sum().backward()
        assert layer.weight.grad is not None
        with torch.no_grad():
            layer.weight += 1
        assert not torch.equal(logits(), cast_each_time)
    assert "forward" not in vars(layer)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(1, 1, 24), (3, 7, 24), (5, 24)])
def test_weights_laid_out_beforehand_give_the_same_products(
    bias: bool, shape: tuple[int, ...]
) -> None:
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(24, 40, bias=bias))
    inputs = torch.randn(shape)
    fast = choose_precision("bf16", use_cpu=True)
    with torch.inference_mode(), fast.autocast():
        wanted = model(inputs)
        with Casts(model, fast.dtype()).in_use():
            found = model(inputs)
            arranged = model[0].forward.cast[1]
    assert found.shape == wanted.shape and found.dtype == wanted.dtype == torch.bfloat16
    assert torch.allclose(found, wanted, atol=0.02)
    assert arranged.is_mkldnn is bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
