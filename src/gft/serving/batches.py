"""Dynamic batching: one thread predicts the rows of simultaneous requests together."""

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
"""The largest number of rows in a batch."""
QUIET_SECONDS, LONGEST_SECONDS = 0.002, 0.006
"""A batch waits for more rows until none came for the first time, and at most the second."""
ASSUMED_SPEED = 100.0
"""Rows per second, before any are measured."""
INHERITED = 0.7
"""The weight of the previous speed in the moving average."""


@dataclass(frozen=True)
class Job:
    """Some rows of one request, and their answers: one per row, as JSON."""

    served: Served
    columns: Mapping[str, Sequence[Any]]
    count: int
    first: int
    """The number of the first row in the request, from 1."""
    options: Options
    answers: Future[list[dict[str, Any]]] = field(default_factory=Future)

    def goes_with(self, other: Job) -> bool:
        """Say whether two jobs are for the same model, with the same options."""
        return self.served is other.served and self.options.given == other.options.given


class RowQueue:
    """The queue of waiting rows, at most `most`, and the thread that predicts them."""

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
        """The number of waiting rows."""
        return self._waiting

    def add(self, jobs: Sequence[Job]) -> None:
        """Queue the jobs of one request. Raises `Refused` if too many rows wait already."""
        rows = sum(job.count for job in jobs)
        with self._changed:
            if self._closed:
                raise Refused(503, "the server is stopping", {"Retry-After": "1"})
            if self._waiting and self._waiting + rows > self.most:
                seconds = max(1, round(self._waiting / self._speed))
                raise Refused(
                    503,
                    f"{counted(self._waiting, 'row')} are waiting; retry in "
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
        """Drop the jobs that still wait: nobody waits for their answers any more."""
        nobody = {id(job) for job in jobs}
        with self._changed:
            left = [job for job in self._jobs if id(job) not in nobody]
            self._waiting -= sum(job.count for job in self._jobs if id(job) in nobody)
            self._jobs = deque(left)
        for job in jobs:
            job.answers.cancel()

    def close(self) -> None:
        """Take no more jobs; waiting jobs are still answered."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _work(self) -> None:
        while batch := self._next():
            started, rows = time.monotonic(), 0
            try:
                rows = _answered(batch, self._counters)
            except Exception as problem:  # The thread goes on, whatever it was.
                for job in batch:
                    if not job.answers.done():
                        job.answers.set_exception(problem)
            if rows:
                found = rows / max(1e-6, time.monotonic() - started)
                self._speed = INHERITED * self._speed + (1 - INHERITED) * found

    def _next(self) -> list[Job]:
        """Return the next batch of jobs; empty when the queue is closed and done."""
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
                if self._jobs:  # The client may have gone meanwhile.
                    return self._taken()

    def _ready(self) -> int:
        """Return the number of waiting rows that can be predicted with the first ones."""
        first = self._jobs[0]
        return sum(job.count for job in self._jobs if job.goes_with(first))

    def _taken(self) -> list[Job]:
        """Take the first job, and as many compatible ones as fit into a batch."""
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


def _answered(batch: Sequence[Job], counters: Counters) -> int:
    """Answer the jobs of a batch; return how many rows were predicted."""
    jobs = [job for job in batch if job.answers.set_running_or_notify_cancel()]
    if not jobs:
        return 0
    predictor = jobs[0].served.with_scores(jobs[0].options)
    sound = []
    for job in jobs:
        try:
            task = predictor.task
            task.check_rows(predictor.processor, job.columns, job.first, "row")
            sound.append(job)
        except Exception as problem:
            job.answers.set_exception(_for_client(problem))
    if not sound:
        return 0
    try:
        _answer(predictor, sound, counters)
    except Exception as problem:
        if len(sound) == 1:
            sound[0].answers.set_exception(_for_client(problem))
            return 0
        for job in sound:  # One bad job must not fail the others.
            try:
                _answer(predictor, [job], counters)
            except Exception as own:
                job.answers.set_exception(_for_client(own))
    return sum(job.count for job in sound)


def _for_client(problem: Exception) -> Exception:
    """Return a problem as the client sees it: a refusal if it is the client's mistake."""
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
    """Return the prediction of each row with its scores and notes, as JSON."""
    task, rows = predictor.task, len(found.values)
    answers = []
    for n in range(rows):
        value = found.values[n]
        scores = None if found.scores is None else found.scores[n]
        answer = {task.answer: task.in_json(value, scores)}
        answers.append(answer | task.details(value, scores, options))
    for n, row_notes in _notes_of_rows(task, columns, rows).items():
        answers[n]["notes"] = row_notes
    return answers


def _notes_of_rows(
    task: Task, columns: Mapping[str, Sequence[Any]], rows: int
) -> dict[int, list[str]]:
    """Return notes on rows with cells that train does not have, by row index."""
    if not task.unknown_cells(columns):
        return {}
    found = {}
    for n in range(rows):
        unknown = UnknownCells()
        unknown.add(task.unknown_cells({name: [cells[n]] for name, cells in columns.items()}))
        found[n] = unknown.messages()
    return {n: row_notes for n, row_notes in found.items() if row_notes}
