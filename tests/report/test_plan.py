"""What a fit would do, in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gft.engine.profile import Profile
from gft.inputs.features import Unread
from gft.report.plan import Plan

PLAN = Plan(
    model="H:bert", architecture="Bert", data="d", task="classify", equation="classify: y ~ x",
    labels=("a", "b"), rows={"train": 1200, "val": 30}, left_out={"train": 2, "val": 1},
    unread={"train": Unread(4, 30, 1200)}, too_long="longer than 64 tokens", epochs=1.0, batch=32,
    steps=38, precision="bf16", device="cpu", reason="the processor has it",
    figure_of_merit="accuracy", folder=Path("out"),
    state="fresh", weight_bytes=4_000_000, disk_bytes=None, whole=True,
    profile=Profile(38, 200.0, 40.0, 2_000_000_000, 1_000),
)  # fmt: skip


def test_a_plan_in_words() -> None:
    assert str(PLAN).splitlines() == [
        "Data:      d: train 1,200, val 30 rows; 3 without a label left out; 4 longer "
        "than 64 tokens, 2.5 % of all tokens lost",
        "Task:      classify: y ~ x (a and b)",
        "Model:     H:bert (Bert), 1,000 parameters",
        "Training:  38 steps of 32 rows: 1 epoch, the best by accuracy is kept",
        "Precision: bf16 on cpu: the processor has it",
        "Time:      about 4 minutes (measured on a few batches with random weights)",
        "Memory:    about 2.0 GB",
        "Folder:    out: a new fit",
        "Files:     the model and its tokenizer (4 MB), metrics.json, predictions.parquet, "
        "partition.parquet, history.csv, README.md, report.html and gft.json; at most three "
        "checkpoints meanwhile",
    ]


def test_several_seeds_an_adapter_and_what_was_not_measured() -> None:
    text = str(replace(PLAN, seeds=3, whole=False, profile=None, state="unfinished", epochs=2))
    assert "2 epochs, the best by accuracy is kept; with 3 seeds" in text
    assert "Time:" not in text and "Memory:" not in text
    assert "the adapter and the tokenizer, metrics.json" in text
    assert "out: resumes from its last checkpoint" in text


@pytest.mark.parametrize("seconds, told", [
    (0.1, "1 second"), (40, "40 seconds"), (720, "12 minutes"), (12600, "3.5 hours"),
])  # fmt: skip
def test_times_as_one_says_them(seconds: float, told: str) -> None:
    assert f"about {told} (" in str(replace(PLAN, profile=Profile(1, seconds, 0, None, 1)))
