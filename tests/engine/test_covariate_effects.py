"""The covariates' part of a net: the same as in numpy, a part of training, and no part of files."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertForSequenceClassification

from gft.covariates.effects import Effects
from gft.engine.effects import (
    PART,
    RATES,
    apart,
    attach,
    effects_of,
    give_own_rate,
    part_of,
)
from gft.metrics.protocol import Array
from gft.tasks.classify import Classify
from gft.tasks.regress import Regress

TASK = Classify(("text",), ("y",), ("a", "b", "c"))
IDS = torch.arange(24).reshape(4, 6) + 5
NUMBERS = torch.linspace(-30, 30, 20).reshape(4, 5)


@pytest.fixture
def net(tiny: Path) -> BertForSequenceClassification:
    torch.manual_seed(0)
    return BertForSequenceClassification.from_pretrained(tiny, num_labels=3).eval()


@pytest.fixture
def effects() -> Effects:
    weights = np.linspace(-2, 3, 15, dtype=np.float32).reshape(3, 5)
    return Effects(weights, np.array([0.5, -0.1, 0, 0.2, -1], np.float32))


def logits(net: torch.nn.Module, **more: torch.Tensor) -> Array:
    with torch.inference_mode():
        found: Array = TASK.run(net, {"input_ids": IDS, **more})["logits"].float().numpy()
    return found


def test_torch_and_numpy_agree(net: BertForSequenceClassification, effects: Effects) -> None:
    alone = logits(net)
    attach(net, effects, [0.5, 4.0, -2.0], [1.0, 250.0, 0.5])
    expected = effects.apply(alone, NUMBERS.numpy())
    assert np.abs(expected - alone).max() > 1
    assert logits(net, covariates=NUMBERS) == pytest.approx(expected, rel=1e-5, abs=1e-5)
    found = effects_of(net)
    assert found is not None and found.weights == pytest.approx(effects.weights, abs=1e-5)
    assert (found.gain == effects.gain).all()
    # At the reference values, and without any, it is the net alone.
    assert (logits(net, covariates=torch.zeros(4, 5)) == alone).all()
    assert (logits(net) == alone).all()


def test_effects_are_in_fp32_whatever_the_net_is(
    net: BertForSequenceClassification, effects: Effects
) -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        alone = logits(net)
        attach(net, effects)
        found = logits(net, covariates=NUMBERS)
    assert found == pytest.approx(effects.apply(alone, NUMBERS.numpy()), rel=1e-6, abs=1e-5)


def test_windows_are_joined_before_effects(
    net: BertForSequenceClassification, effects: Effects, monkeypatch: pytest.MonkeyPatch
) -> None:
    attach(net, effects)
    both = {"input_ids": IDS.reshape(2, 2, 6), "windows": torch.tensor([2, 1])}
    alone = logits(net, **both)
    expected = effects.apply(alone, NUMBERS[:2].numpy())
    for at_once in (100, 6):  # all windows together, and each by itself
        monkeypatch.setattr("gft.tasks.long_texts.AT_ONCE", at_once)
        found = logits(net, **both, covariates=NUMBERS[:2])
        assert found == pytest.approx(expected, abs=1e-5)


def test_the_net_is_written_as_ever(
    net: BertForSequenceClassification, effects: Effects, tmp_path: Path
) -> None:
    own, alone = type(net), logits(net)
    attach(net, effects)
    copied, moved = copy.deepcopy(net), logits(net, covariates=NUMBERS)
    with apart(net):
        assert type(net) is own and part_of(net) is None
        net.save_pretrained(tmp_path)
    assert (logits(net, covariates=NUMBERS) == moved).all()
    read, info = own.from_pretrained(tmp_path, output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"]
    assert (logits(read.eval()) == alone).all()
    part = part_of(copied)
    assert part is not None
    for weights in part.parameters():
        torch.nn.init.zeros_(weights)
    assert (logits(copied, covariates=NUMBERS) == alone).all()
    assert (logits(net, covariates=NUMBERS) == moved).all()


def test_effects_have_a_rate_and_a_decay_of_their_own(
    net: BertForSequenceClassification, effects: Effects
) -> None:
    attach(net, effects)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-5, weight_decay=0.5)
    give_own_rate(optimizer, net)
    *groups, weights, gain = optimizer.param_groups
    for name, own in (("weights", weights), ("gain", gain)):
        assert own["params"] == [net.get_parameter(f"{PART}.{name}")]
        assert (own["lr"], own["weight_decay"]) == RATES[name]
    assert [(one["lr"], one["weight_decay"]) for one in groups] == [(1e-5, 0.5)]
    every = sum(len(one["params"]) for one in optimizer.param_groups)
    assert every == len(list(net.parameters()))


def test_outputs_of_regressions_have_their_own_units() -> None:
    task = Regress(("text",), ("price", "same"), ("price", "same"))
    found = task.middles_and_spreads([[1000.0, 2.0], [3000.0, 2.0]])
    assert found == ([2000.0, 2.0], [1000.0, 1.0])
    assert TASK.middles_and_spreads([0, 2, 1]) == ([0.0] * 3, [1.0] * 3)
