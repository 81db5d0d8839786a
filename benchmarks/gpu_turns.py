"""Trainings in turns: some steps of one, then as many of the next, in one process.

What else a machine does disturbs all of them alike, so that neighbouring turns can be compared.
"""

from __future__ import annotations

import math
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gpu_fits import forget_peak, memory_now, synchronize
from transformers import TrainerCallback

TURN = 8
"""Steps of a turn."""
SURE = 0.95
ENOUGH = 6
"""So many rounds can be as sure as that."""
Train = Callable[[Any], Any]
"""Trains as many steps as were agreed on, and calls back."""


@dataclass
class Arm:
    """One of the trainings: when it may compute, how long its turns took, and its memory in GB.

    `first_seconds` are those of the first turns, in which everything is loaded and tuned.
    """

    train: Train
    may: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    thread: threading.Thread | None = None
    begun: float = 0.0
    seconds: list[float] = field(default_factory=list)
    first_seconds: float = 0.0
    others: float = 0.0
    peak: float = 0.0


class Turns:
    """Runs trainings in turns of `TURN` steps, the first of them in the thread that asks.

    The first `uncounted` rounds do not count.
    """

    def __init__(self, arms: dict[str, Train], uncounted: int) -> None:
        self.arms = {name: Arm(train) for name, train in arms.items()}
        self.uncounted = uncounted
        self.order = list(self.arms)
        self.problem: BaseException | None = None

    def run(self) -> dict[str, Arm]:
        """Return the arms after all turns. Raises what any of the trainings raises."""
        first = self.arms[self.order[0]]
        first.train(Turn(self, self.order[0]))
        for arm in self.arms.values():
            arm.may.release()
        for arm in self.arms.values():
            if arm.thread is not None:
                arm.thread.join()
            arm.first_seconds = sum(arm.seconds[: self.uncounted])
            arm.seconds = arm.seconds[self.uncounted :]
        return self.arms

    def begin(self, name: str) -> None:
        """Begin a turn."""
        arm = self.arms[name]
        synchronize()
        forget_peak()
        arm.begun = time.perf_counter()

    def end(self, name: str) -> None:
        """End a turn, and wait until it is this training's again; after its last one too."""
        arm = self.arms[name]
        synchronize()
        arm.seconds.append(time.perf_counter() - arm.begun)
        arm.peak = max(arm.peak, memory_now(peak=True) - arm.others)
        own = memory_now() - arm.others
        place = (self.order.index(name) + 1) % len(self.order)
        after = self.arms[self.order[place]]
        if place and after.thread is None:
            after.thread = threading.Thread(
                target=self._in_a_thread, args=(self.order[place],), daemon=True
            )
            after.thread.start()
        else:
            after.may.release()
        arm.may.acquire()
        if self.problem is not None:
            raise RuntimeError(f"another training failed: {self.problem}") from self.problem
        arm.others = memory_now() - own
        self.begin(name)

    def _in_a_thread(self, name: str) -> None:
        arm = self.arms[name]
        arm.others = memory_now()
        try:
            arm.train(Turn(self, name))
        except BaseException as raised:
            self.problem = self.problem or raised
            self.arms[self.order[0]].may.release()


class Turn(TrainerCallback):  # type: ignore[misc]  # transformers is untyped
    """Lets a training compute in turns."""

    def __init__(self, turns: Turns, name: str) -> None:
        self.turns, self.name = turns, name

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Begin the first turn."""
        self.turns.begin(self.name)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Let the others compute after every few steps."""
        if state.global_step % TURN == 0:
            self.turns.end(self.name)


def beside(arms: dict[str, Arm], one: str, other: str) -> dict[str, Any]:
    """Return how many times as fast one is: the median over rounds, its interval, and whether it
    is decided who is faster.
    """
    rounds = zip(arms[one].seconds, arms[other].seconds, strict=True)
    ratios = sorted(theirs / ours for ours, theirs in rounds)
    low, high = interval(ratios)
    return {
        "times_as_fast": round(statistics.median(ratios), 3),
        "interval": f"{low:.2f} to {high:.2f}",
        "decided": len(ratios) >= ENOUGH and not low <= 1 <= high,
        "rounds": len(ratios),
    }


def interval(values: list[float]) -> tuple[float, float]:
    """Return what the median of all values there could be lies between; these are sorted.

    Each lies above it as likely as below, so ranks tell: with 95 %, less with fewer than `ENOUGH`.
    """
    count, below, outside = len(values), 0.0, 0
    while (below := below + math.comb(count, outside) / 2**count) <= (1 - SURE) / 2:
        outside += 1
    place = max(0, outside - 1)
    return values[place], values[count - 1 - place]
