"""AdamW leaves out rows of a vocabulary that no batch has had, and comes to the same weights."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
import transformers

from gft.engine.cpu import tables
from gft.engine.cpu.cores import Cores
from gft.engine.cpu.split_batch import SplitBatch

VOCABULARY, STEPS = 400, 6
library = tables.adamw


def model() -> Any:
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=VOCABULARY, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=16, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    return transformers.BertForSequenceClassification(config).train()


def trained(
    net: Any, optimizer: Any, seeds: range, monkeypatch: pytest.MonkeyPatch, fast: bool = True
) -> list[int]:
    """Train for a step a seed; return how many rows of tables were updated apart."""
    split_batch, updated = SplitBatch(net, Cores(2)), []

    def spied(weights: Any, *given: Any, **named: Any) -> None:
        updated.append(len(weights[0]))
        library(weights, *given, **named)

    monkeypatch.setattr(tables, "adamw", spied)
    if fast:
        split_batch.speed_up(optimizer)
    for seed in seeds:
        chance = torch.Generator().manual_seed(seed)
        # Others come in late: the moments of those before go on.
        words = torch.randint(seed * 10, seed * 10 + 12, (4, 6), generator=chance)
        with split_batch.at_once():
            logits = net(input_ids=words).logits
        (logits * torch.randn(4, 2, generator=chance)).sum().backward()
        split_batch.clip(1.0)
        optimizer.step()
        optimizer.zero_grad()
    return updated


def adamw(net: Any, **more: Any) -> torch.optim.AdamW:
    return torch.optim.AdamW(
        net.parameters(), lr=1e-2, **{"fused": True, "weight_decay": 0.0, **more}
    )


def same(one: Any, other: Any) -> bool:
    """Say whether weights and moments are equal to the last bit."""
    (net, optimizer), (other_net, other_optimizer) = one, other
    pairs = list(zip(net.parameters(), other_net.parameters(), strict=True))
    moments = ("exp_avg", "exp_avg_sq", "step")
    return all(torch.equal(a, b) for a, b in pairs) and all(
        torch.equal(optimizer.state[a][name], other_optimizer.state[b][name])
        for a, b in pairs
        for name in moments
        if a in optimizer.state
    )


def test_weights_and_moments_are_those_of_whole_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, few = model(), model()
    of_whole, of_few = adamw(whole), adamw(few)
    assert not trained(whole, of_whole, range(STEPS), monkeypatch, fast=False)
    updated = trained(few, of_few, range(STEPS), monkeypatch)
    # The first step makes the state; each of the others has ten more rows, until they are many.
    assert len(updated) == STEPS - 1
    assert updated == sorted(updated) and 12 < updated[0] < updated[-1] <= 62
    assert same((whole, of_whole), (few, of_few))
    later = range(STEPS, STEPS + 8)
    trained(whole, of_whole, later, monkeypatch, fast=False)
    # Another optimizer takes over, as after a checkpoint, and so do other tables.
    resumed = copy.deepcopy(few)
    of_resumed = adamw(resumed)
    of_resumed.load_state_dict(copy.deepcopy(of_few.state_dict()))
    updated = trained(resumed, of_resumed, later, monkeypatch)
    limit = tables.LARGEST_SHARE * VOCABULARY
    assert updated and updated[0] > 50 and max(updated) <= limit and len(updated) < len(later)
    assert same((whole, of_whole), (resumed, of_resumed))


@pytest.mark.parametrize("more", [{"weight_decay": 0.1}, {"amsgrad": True}, {"fused": False}])
def test_where_every_row_changes_or_another_kernel_computes_all_are_passed_over(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]
) -> None:
    whole, few = model(), model()
    of_whole, of_few = adamw(whole, **more), adamw(few, **more)
    trained(whole, of_whole, range(3), monkeypatch, fast=False)
    assert trained(few, of_few, range(3), monkeypatch) == []
    assert same((whole, of_whole), (few, of_few))


def test_other_optimizers_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, few = model(), model()
    of_whole, of_few = (torch.optim.SGD(net.parameters(), lr=0.1) for net in (whole, few))
    trained(whole, of_whole, range(3), monkeypatch, fast=False)
    assert trained(few, of_few, range(3), monkeypatch) == []
    assert all(map(torch.equal, whole.parameters(), few.parameters()))
