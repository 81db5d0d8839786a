"""The progress of a training: events, and a bar on a terminal or in a notebook."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from transformers import TrainerCallback

from gft import events, processes

REDRAWN = 0.2
"""Seconds between two updates in a notebook."""


class Progress(TrainerCallback):  # type: ignore[misc]  # transformers is untyped
    """Emits an event for each step and each evaluation on val."""

    def __init__(self, rows_per_step: int) -> None:
        self.rows_per_step = rows_per_step
        self.started = 0.0
        self.first_step = 0
        self.logged: dict[str, float] = {}

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Emit the first step."""
        self.started, self.first_step = time.monotonic(), state.global_step
        self._emit(state)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Remember the last loss and learning rate."""
        self.logged.update(logs or {})

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Emit a step."""
        self._emit(state)

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any
    ) -> None:
        """Emit the metrics of an evaluation."""
        metrics = {
            name.removeprefix("eval_"): float(value)
            for name, value in (metrics or {}).items()
            if name != "eval_runtime"
        }
        loss = self.logged.get("loss")
        if processes.is_first():
            events.emit(
                events.Evaluated(
                    state.global_step, state.epoch, state.num_train_epochs, loss, metrics
                )
            )

    def _emit(self, state: Any) -> None:
        if not processes.is_first():
            return
        done = state.global_step - self.first_step
        seconds = max(time.monotonic() - self.started, 1e-6)
        events.emit(
            events.Step(
                state.global_step,
                state.max_steps,
                float(state.epoch or 0),
                self.logged.get("loss"),
                self.logged.get("learning_rate"),
                done * self.rows_per_step / seconds if done else None,
            )
        )


@contextmanager
def bar(wanted: bool) -> Iterator[None]:
    """Show a progress bar within the block, on a terminal or in a notebook, if events are shown."""
    if not (wanted and events.are_shown()):
        yield
    elif in_notebook():
        with events.also_to(NotebookBar()):
            yield
    elif sys.stderr.isatty():
        on_terminal = Bar()
        with events.also_to(on_terminal), on_terminal.progress:
            yield
    else:
        yield


def in_notebook() -> bool:
    """Say whether the code runs in a notebook. Nothing is imported to find out."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def _status(event: events.Step) -> str:
    loss = "" if event.loss is None else f"loss {event.loss:.4f}"
    speed = "" if event.rows_per_second is None else f"  {event.rows_per_second:.0f} rows/s"
    return loss + speed


class NotebookBar:
    """A subscriber that shows a progress bar in a notebook and updates it there."""

    def __init__(self) -> None:
        self.handle: Any = None
        self.drawn = 0.0
        self.started = time.monotonic()

    def __call__(self, event: events.Event) -> None:
        """Update the bar, a few times a second."""
        if not isinstance(event, events.Step):
            return
        now = time.monotonic()
        if self.handle is not None and event.step < event.steps and now - self.drawn < REDRAWN:
            return
        self.drawn = now
        from IPython.display import HTML, display

        seconds = (now - self.started) * (event.steps - event.step) / max(event.step, 1)
        left = f"  {math.ceil(seconds)} s left" if 0 < event.step < event.steps else ""
        status = f"{event.step:,} of {event.steps:,} steps  {_status(event)}{left}"
        shown = HTML(
            f'<progress value="{event.step}" max="{event.steps}"></progress> '
            f'<span style="white-space: pre">{status}</span>'
        )
        if self.handle is None:
            self.handle = display(shown, display_id=True)
        else:
            self.handle.update(shown)


class Bar:
    """A subscriber that shows steps, loss, rows per second and the time left."""

    def __init__(self) -> None:
        from rich import progress
        from rich.console import Console

        self.progress = progress.Progress(
            progress.TextColumn("fit"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TextColumn("{task.fields[status]}"),
            progress.TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
            transient=True,
        )
        self.bar: progress.TaskID | None = None

    def __call__(self, event: events.Event) -> None:
        """Update the bar."""
        if not isinstance(event, events.Step):
            return
        if self.bar is None:
            self.bar = self.progress.add_task("fit", total=event.steps, status="")
        self.progress.update(self.bar, completed=event.step, status=_status(event))
