"""Cheap dropout: rate, mean, gradient and seed."""

from __future__ import annotations

import threading
from contextvars import copy_context

import pytest
import torch
from torch.nn import functional

from gft.engine.cpu.dropout import DROPOUT, drawing_from


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_rate_mean_and_independence(rate: float, dtype: torch.dtype) -> None:
    torch.manual_seed(1)
    values = torch.ones(1000, 1003, dtype=dtype, requires_grad=True)
    with DROPOUT.installed():
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
    with DROPOUT.installed():
        torch.manual_seed(3)
        first, second = functional.dropout(values, 0.1), functional.dropout(values, 0.1)
        torch.manual_seed(3)
        assert torch.equal(functional.dropout(values, 0.1), first)
    assert not torch.equal(first, second)


def test_where_nothing_is_dropped() -> None:
    values = torch.randn(4, 5)
    library = functional.dropout
    with DROPOUT.installed():
        assert torch.equal(functional.dropout(values, 0.1, training=False), values)
        assert torch.equal(functional.dropout(values, 0.0), values)
        assert not functional.dropout(values, 1.0).any()
        assert functional.dropout(values, 0.5, inplace=True) is values
    assert functional.dropout is library


def test_a_thread_may_draw_from_a_generator_of_its_own() -> None:
    values, drawn = torch.ones(64, 65), {}

    def draw(seed: int) -> None:
        with drawing_from(torch.Generator().manual_seed(seed)):
            drawn[seed] = [functional.dropout(values, 0.1) for _ in range(20)]

    with DROPOUT.installed():
        torch.manual_seed(3)
        state = torch.get_rng_state()
        threads = [
            threading.Thread(target=copy_context().run, args=(draw, seed)) for seed in (4, 5)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert torch.equal(torch.get_rng_state(), state)
        together = dict(drawn)
        for seed in (4, 5):
            draw(seed)
            assert all(map(torch.equal, drawn[seed], together[seed]))
        torch.manual_seed(4)
        assert torch.equal(functional.dropout(values, 0.1), together[4][0])
    assert not torch.equal(together[4][0], together[5][0])
