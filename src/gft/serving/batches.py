"""Rows of requests that come together are predicted together, by one thread."""

from __future__ import annotations

import contextvars
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any

from gft.covariates.unknown import UnknownCells
from gft.errors import UserError, counted
from gft.language.program import Options
from gft.serving.counters import Counters
from gft.serving.models import Served
from gft.serving.refused import Refused

if TYPE_CHECKING:
    from gft.engine.inference import Predicting, Predictions
    from gft.tasks.protocol import Task

LARGEST = 512
"""Rows that are predicted together at most."""
QUIET_SECONDS, LONGEST_SECONDS = 0.002, 0.006
"""Others are waited for until nobody came for so long, and at most so long in all."""
ASSUMED_SPEED = 100.0
"""Rows a second, before any is known."""
INHERITED = 0.7
"""How much of the speed that is known stays after another batch."""


@dataclass(frozen=True)
class Job:
    """Some rows of one request, and the answers they get: one a row, as JSON."""

    served: Served
    columns: Mapping[str, Sequence[Any]]
    count: int
    first: int
    """The number of the first row in the request, from 1 on."""
    options: Options
    answers: Future[list[dict[str, Any]]] = field(default_factory=Future)

    def goes_with(self, other: Job) -> bool:
        """Say whether two jobs are answered by the same model, asked in the same way."""
        return self.served is other.served and self.options.given == other.options.given


class RowQueue:
    """The rows that wait, at most `most` of them, and the thread that predicts them."""

    def __init__(self, most: int, counters: Counters) -> None:
        self.most = most
        self._counters = counters
        self._jobs: deque[Job] = deque()
        self._waiting = 0
        self._speed = ASSUMED_SPEED
        self._changed = Condition()
        self._closed = False
        self._thread: Thread | None = None

    @property
    def waiting(self) -> int:
        """How many rows wait."""
        return self._waiting

    def add(self, jobs: Sequence[Job]) -> None:
        """Have the jobs of one request done. Raises `Refused` if too many rows wait already."""
        rows = sum(job.count for job in jobs)
        with self._changed:
            if self._closed:
                raise Refused(503, "the server is being stopped", {"Retry-After": "1"})
            if self._waiting and self._waiting + rows > self.most:
                seconds = max(1, round(self._waiting / self._speed))
                raise Refused(
                    503,
                    f"{counted(self._waiting, 'row')} are waiting; come again in "
                    f"{counted(seconds, 'second')}",
                    {"Retry-After": str(seconds)},
                )
            self._jobs.extend(jobs)
            self._waiting += rows
            if self._thread is None:
                run = contextvars.copy_context().run
                self._thread = Thread(target=run, args=(self._work,), name="gft-rows", daemon=True)
                self._thread.start()
            self._changed.notify()

    def forget(self, jobs: Sequence[Job]) -> None:
        """Do those of some jobs no more that wait still: nobody waits for their answers."""
        nobody = {id(job) for job in jobs}
        with self._changed:
            left = [job for job in self._jobs if id(job) not in nobody]
            self._waiting -= sum(job.count for job in self._jobs if id(job) in nobody)
            self._jobs = deque(left)
        for job in jobs:
            job.answers.cancel()

    def close(self) -> None:
        """Take no more jobs; those that wait are done."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _work(self) -> None:
        while batch := self._next():
            started, rows = time.monotonic(), 0
            try:
                rows = _done(batch, self._counters)
            except Exception as problem:  # The thread goes on, whatever it was.
                for job in batch:
                    if not job.answers.done():
                        job.answers.set_exception(problem)
            if rows:
                found = rows / max(1e-6, time.monotonic() - started)
                self._speed = INHERITED * self._speed + (1 - INHERITED) * found

    def _next(self) -> list[Job]:
        """Return the jobs that are done next, together; none when there will be no more."""
        with self._changed:
            while True:
                while not self._jobs:
                    if self._closed:
                        return []
                    self._changed.wait()
                end = time.monotonic() + LONGEST_SECONDS
                while self._jobs and not self._closed and self._ready() < LARGEST:
                    left = end - time.monotonic()
                    if left <= 0 or not self._changed.wait(min(left, QUIET_SECONDS)):
                        break
                if self._jobs:  # Whoever asked may have gone meanwhile.
                    return self._taken()

    def _ready(self) -> int:
        """Return how many of the rows that wait can be predicted with the first ones."""
        first = self._jobs[0]
        return sum(job.count for job in self._jobs if job.goes_with(first))

    def _taken(self) -> list[Job]:
        """Take the first job, and as many of those that go with it as fit into a batch."""
        first, rows = self._jobs[0], 0
        taken: list[Job] = []
        left: deque[Job] = deque()
        for job in self._jobs:
            if job.goes_with(first) and (not taken or rows + job.count <= LARGEST):
                taken.append(job)
                rows += job.count
            else:
                left.append(job)
        self._jobs = left
        self._waiting -= rows
        return taken


def _done(batch: Sequence[Job], counters: Counters) -> int:
    """Answer the jobs of a batch; return how many rows were predicted."""
    jobs = [job for job in batch if job.answers.set_running_or_notify_cancel()]
    if not jobs:
        return 0
    predictor = jobs[0].served.asked(jobs[0].options)
    sound = []
    for job in jobs:
        try:
            task = predictor.task
            task.check_rows(predictor.processor, job.columns, job.first, "row")
            sound.append(job)
        except Exception as problem:
            job.answers.set_exception(_told(problem))
    if not sound:
        return 0
    try:
        _answer(predictor, sound, counters)
    except Exception as problem:
        if len(sound) == 1:
            sound[0].answers.set_exception(_told(problem))
            return 0
        for job in sound:  # What is wrong with one is no fault of the others.
            try:
                _answer(predictor, [job], counters)
            except Exception as own:
                job.answers.set_exception(_told(own))
    return sum(job.count for job in sound)


def _told(problem: Exception) -> Exception:
    """Return what the client is told of a problem, where that is its own mistake."""
    return Refused(422, problem.messages[0]) if isinstance(problem, UserError) else problem


def _answer(predictor: Predicting, jobs: Sequence[Job], counters: Counters) -> None:
    columns = {
        name: [cell for job in jobs for cell in job.columns[name]] for name in jobs[0].columns
    }
    found = predictor.rows(columns)
    rows = sum(job.count for job in jobs)
    counters.batch(jobs[0].served.name, rows, found.unread.rows)
    answers = _answers(predictor, found, columns, jobs[0].options)
    start = 0
    for job in jobs:
        job.answers.set_result(answers[start : start + job.count])
        start += job.count


def _answers(
    predictor: Predicting,
    found: Predictions,
    columns: Mapping[str, Sequence[Any]],
    options: Options,
) -> list[dict[str, Any]]:
    """Return the prediction of each row with its scores, as JSON, and what to say of the row."""
    task, rows = predictor.task, len(found.values)
    answers = []
    for n in range(rows):
        value = found.values[n]
        scores = None if found.scores is None else found.scores[n]
        answer = {task.answer: task.value(value, scores)}
        answers.append(answer | task.details(value, scores, options))
    for n, told in _told_of_rows(task, columns, rows).items():
        answers[n]["notes"] = told
    return answers


def _told_of_rows(
    task: Task, columns: Mapping[str, Sequence[Any]], rows: int
) -> dict[int, list[str]]:
    """Return what there is to say of each row that has what train has not, by its number."""
    if not task.unknown_cells(columns):
        return {}
    found = {}
    for n in range(rows):
        unknown = UnknownCells()
        unknown.add(task.unknown_cells({name: [cells[n]] for name, cells in columns.items()}))
        found[n] = unknown.messages()
    return {n: told for n, told in found.items() if told}
