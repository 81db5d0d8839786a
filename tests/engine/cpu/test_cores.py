from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest
import torch

from gft.engine.cpu.cores import Cores


@pytest.fixture
def two_cores() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_cores")
def test_answers_come_in_the_order_of_the_batches() -> None:
    entered: list[int] = []

    @contextmanager
    def within() -> Iterator[None]:
        entered.append(threading.get_ident())
        yield

    meeting = threading.Barrier(2)

    def run(number: int) -> tuple[int, int, int]:
        if number < 2:
            meeting.wait(10)  # Passed only if two batches are in progress at once.
        time.sleep(0.01 if number % 3 == 0 else 0)
        return number * number, torch.get_num_threads(), threading.get_ident()

    found = Cores().side_by_side(run, range(20), within)
    assert [square for square, _, _ in found] == [number**2 for number in range(20)]
    assert {threads for _, threads, _ in found} == {1}
    assert {thread for _, _, thread in found} == set(entered) and len(entered) == 2
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("two_cores")
@pytest.mark.parametrize("count", [0, 1])
def test_a_single_batch_has_all_cores(count: int) -> None:
    found = Cores().side_by_side(lambda _: torch.get_num_threads(), range(count), nullcontext)
    assert found == [2] * count


@pytest.mark.usefixtures("two_cores")
def test_after_an_error_no_batch_is_begun() -> None:
    begun = []

    def run(number: int) -> None:
        begun.append(number)
        time.sleep(0.01)
        raise ValueError(f"batch {number}")

    with pytest.raises(ValueError, match="batch"):
        Cores().side_by_side(run, range(100), nullcontext)
    assert len(begun) <= 4
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("two_cores")
def test_in_turn_each_batch_has_all_cores() -> None:
    here = threading.get_ident()
    found = Cores().side_by_side(
        lambda _: (torch.get_num_threads(), threading.get_ident()), range(3), nullcontext, 1
    )
    assert found == [(2, here)] * 3
