"""Freed memory is kept for the next step, and given back after the last."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gft.engine.cpu import heap

PROGRAM = """
import resource, torch
from contextlib import nullcontext
from gft.engine.cpu.heap import freed_memory_kept

def faults(within, rounds=10):
    with within:
        for _ in range(12):  # Small pieces may lie in the way of the first ones.
            torch.ones(16_000_000)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(rounds):
            torch.ones(16_000_000)
        return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / rounds

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()

print(faults(nullcontext()), faults(freed_memory_kept()))
with freed_memory_kept():
    many = [torch.ones(1_000_000) for _ in range(50)]
    full = resident()
    del many
    kept = resident()
print(full - kept, full - resident())
"""


@pytest.mark.skipif(heap._glibc() is None, reason="only glibc can be told to keep it")
def test_a_step_takes_the_memory_of_the_one_before() -> None:
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    before, within, given_back_early, given_back = map(float, told.stdout.split())
    assert within < 1  # Each page, or 2 MB where the system hands out so much at once, is a fault.
    assert before > 20
    assert given_back_early < 20e6 and given_back > 150e6


def test_elsewhere_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert heap._glibc() is None
    with heap.freed_memory_kept():
        pass
