"""What one sees of a fit: a bar on a terminal, a line per evaluation elsewhere."""

from __future__ import annotations

import math
import sys
import time
from typing import Any

from transformers import TrainerCallback

from gft import notes


class Lines(TrainerCallback):  # type: ignore[misc]  # the library is untyped
    """One line on standard error for each evaluation."""

    def __init__(self, merit: str) -> None:
        self.merit = merit
        self.loss: float | None = None

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Remember the last loss."""
        self.loss = (logs or {}).get("loss", self.loss)

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any
    ) -> None:
        """Say how good the model is now."""
        figures = ", ".join(
            f"{name.removeprefix('eval_')} {value:.4f}"
            for name, value in (metrics or {}).items()
            if name != "eval_runtime" and not math.isnan(value)
        )
        loss = f"train loss {self.loss:.4f}, " if self.loss is not None else ""
        notes.say(f"epoch {state.epoch:.3g} of {state.num_train_epochs:.3g}: {loss}val {figures}")


class Bar(TrainerCallback):  # type: ignore[misc]  # the library is untyped
    """A progress bar: steps, loss, rows per second and the time that is left."""

    def __init__(self, rows_per_step: int) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self.rows_per_step = rows_per_step
        self.progress = Progress(
            TextColumn("fit"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[told]}"),
            TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
            transient=True,
        )
        self.started = self.first_step = 0.0
        self.loss = ""

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Draw the bar."""
        self.started, self.first_step = time.monotonic(), state.global_step
        self.bar = self.progress.add_task("fit", total=state.max_steps, told="")
        self.progress.update(self.bar, completed=state.global_step)
        self.progress.start()

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Take the loss."""
        if logs and "loss" in logs:
            self.loss = f"loss {logs['loss']:.4f}"

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Move on."""
        rows = (state.global_step - self.first_step) * self.rows_per_step
        speed = rows / max(time.monotonic() - self.started, 1e-6)
        told = f"{self.loss}  {speed:.0f} rows/s"
        self.progress.update(self.bar, completed=state.global_step, told=told)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Take the bar away."""
        self.progress.stop()


def progress_callbacks(merit: str, rows_per_step: int, wanted: bool) -> list[TrainerCallback]:
    """Return what shows progress here: a bar only on a terminal."""
    callbacks: list[TrainerCallback] = [Lines(merit)]
    if wanted and sys.stderr.isatty():
        callbacks.append(Bar(rows_per_step))
    return callbacks
