"""What one hears and sees of a training: events, and a bar on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from transformers import TrainerCallback

from gft import events, processes


class Progress(TrainerCallback):  # type: ignore[misc]  # the library is untyped
    """Tells whoever listens of each step and each scoring of val."""

    def __init__(self, rows_per_step: int) -> None:
        self.rows_per_step = rows_per_step
        self.started = 0.0
        self.first_step = 0
        self.logged: dict[str, float] = {}

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Tell where the training begins."""
        self.started, self.first_step = time.monotonic(), state.global_step
        self._tell(state)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Remember the last loss and learning rate."""
        self.logged.update(logs or {})

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Tell of a step."""
        self._tell(state)

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any
    ) -> None:
        """Tell how good the model is now."""
        figures = {
            name.removeprefix("eval_"): float(value)
            for name, value in (metrics or {}).items()
            if name != "eval_runtime"
        }
        loss = self.logged.get("loss")
        if processes.is_first():
            events.emit(
                events.Evaluated(
                    state.global_step, state.epoch, state.num_train_epochs, loss, figures
                )
            )

    def _tell(self, state: Any) -> None:
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
def bar_on_terminal(wanted: bool) -> Iterator[None]:
    """Draw a progress bar within the block, where standard error is a terminal and shows events."""
    if not (wanted and sys.stderr.isatty() and events.are_shown()):
        yield
        return
    bar = Bar()
    with events.also_to(bar), bar.progress:
        yield


class Bar:
    """A subscriber that draws steps, loss, rows per second and the time that is left."""

    def __init__(self) -> None:
        from rich import progress
        from rich.console import Console

        self.progress = progress.Progress(
            progress.TextColumn("fit"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TextColumn("{task.fields[told]}"),
            progress.TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
            transient=True,
        )
        self.bar: progress.TaskID | None = None

    def __call__(self, event: events.Event) -> None:
        """Move on."""
        if not isinstance(event, events.Step):
            return
        loss = "" if event.loss is None else f"loss {event.loss:.4f}"
        speed = "" if event.rows_per_second is None else f"  {event.rows_per_second:.0f} rows/s"
        if self.bar is None:
            self.bar = self.progress.add_task("fit", total=event.steps, told="")
        self.progress.update(self.bar, completed=event.step, told=loss + speed)
