"""Batches side by side: one batch on each core instead of one batch on all cores.

Cores that share a small batch wait for each other at the end of every operation; cores with
batches of their own do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import TypeVar

import torch

B = TypeVar("B")
R = TypeVar("R")

AT_ONCE = 8
"""Batches in progress at most: Python itself runs on one core."""


class Cores:
    """The cores that a model is computed on: `count`, or all that `torch` uses.

    The threads are kept from batch to batch, since oneDNN prepares again for each new one: a
    twelfth of a training.
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = count or torch.get_num_threads()
        self._threads = ThreadPoolExecutor(AT_ONCE, "gft")

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Let `torch` compute on these cores within, and on as many as before afterwards."""
        before = torch.get_num_threads()
        torch.set_num_threads(self.count)
        try:
            yield
        finally:
            torch.set_num_threads(before)

    def side_by_side(
        self,
        run: Callable[[B], R],
        batches: Sequence[B],
        within: Callable[[], AbstractContextManager[object]],
        at_once: int = AT_ONCE,
    ) -> list[R]:
        """Return what `run` returns for each batch, in their order.

        With `at_once=1` they are computed one after the other, each on all cores. `within` returns
        the context that a thread needs (autocast, inference mode). An error of one batch is raised
        when the batches in progress are done; no other is started.
        """
        workers = min(self.count, at_once, len(batches))
        if workers < 2:
            with self.in_use(), within():
                return [run(batch) for batch in batches]
        waiting: SimpleQueue[int] = SimpleQueue()
        for number in range(len(batches)):
            waiting.put(number)
        found: dict[int, R] = {}

        def work() -> None:
            torch.set_num_threads(self.count // workers)
            with within():
                while (number := _next(waiting)) is not None:
                    found[number] = run(batches[number])

        with self.in_use():
            # A thread needs its caller's context, which says which functions are replaced.
            working = [self._threads.submit(copy_context().run, work) for _ in range(workers)]
            try:
                for worker in working:
                    worker.result()
            finally:
                while _next(waiting) is not None:
                    pass
                wait(working)
        return [found[number] for number in range(len(batches))]


def _next(waiting: SimpleQueue[int]) -> int | None:
    try:
        return waiting.get_nowait()
    except Empty:
        return None
