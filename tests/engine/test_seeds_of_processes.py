"""What a step seeds and counts is what the libraries would have, without their detours."""

from __future__ import annotations

import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer

from gft.engine.seeds import seed_devices, seed_processor
from gft.engine.trainer import GftTrainer


def test_seeds_draw_what_those_of_torch_draw() -> None:
    torch.manual_seed(2**62 + 5)
    expected = torch.rand(3)
    for seed in (seed_processor, seed_devices):
        seed(2**62 + 5)
        assert torch.initial_seed() == 2**62 + 5  # A step that is done again asks for it.
        assert torch.equal(torch.rand(3), expected)


def test_operations_are_those_that_the_library_counts() -> None:
    trainer = object.__new__(GftTrainer)
    config = BertConfig(
        num_hidden_layers=1, hidden_size=8, num_attention_heads=2, intermediate_size=8,
        vocab_size=20,
    )  # fmt: skip
    trainer.model, trainer.operations = BertForSequenceClassification(config), None
    for rows, length in ((2, 7), (3, 5)):
        batch = {"input_ids": torch.zeros(rows, length, dtype=torch.long)}
        counted = trainer.floating_point_ops(batch)
        assert counted == Trainer.floating_point_ops(trainer, batch) > 0
    assert trainer.floating_point_ops({"sound": torch.zeros(2)}) == 0
