"""Batches side by side: a batch for each core instead of all cores for one batch.

Cores that share a small batch wait for each other at the end of every operation; cores with
batches of their own do not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue
from typing import TypeVar

import torch

B = TypeVar("B")
R = TypeVar("R")

AT_ONCE = 8
"""Batches in progress at most: Python itself runs on one core."""
_THREADS = ThreadPoolExecutor(AT_ONCE, "gft")
"""Kept, since a library of products prepares for each thread anew: a twelfth of a training."""


def side_by_side(
    run: Callable[[B], R],
    batches: Sequence[B],
    within: Callable[[], AbstractContextManager[object]],
    at_once: int = AT_ONCE,
) -> list[R]:
    """Return what `run` returns for each batch, in their order, computed on all cores of a CPU.

    With 1 `at_once` they come in turn, and each has all cores. `within` makes what a thread has to
    be in for it (autocast, inference mode). An error of one batch is raised when the batches in
    progress are done; no other is begun.
    """
    cores = torch.get_num_threads()
    workers = min(cores, at_once, len(batches))
    if workers < 2:
        with within():
            return [run(batch) for batch in batches]
    waiting: SimpleQueue[int] = SimpleQueue()
    for number in range(len(batches)):
        waiting.put(number)
    found: dict[int, R] = {}

    def work() -> None:
        torch.set_num_threads(cores // workers)
        with within():
            while (number := _next(waiting)) is not None:
                found[number] = run(batches[number])

    working = [_THREADS.submit(work) for _ in range(workers)]
    try:
        for worker in working:
            worker.result()
    finally:
        while _next(waiting) is not None:
            pass
        wait(working)
        torch.set_num_threads(cores)
    return [found[number] for number in range(len(batches))]


def _next(waiting: SimpleQueue[int]) -> int | None:
    try:
        return waiting.get_nowait()
    except Empty:
        return None
