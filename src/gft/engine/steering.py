"""When a training saves, scores and stops, and the random seed of each step."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from transformers import TrainerCallback

from gft import notes, processes
from gft.engine.interruption import Interruption
from gft.engine.sampler import EpochSampler
from gft.engine.seeds import seed_devices
from gft.errors import counted
from gft.metrics.protocol import Measure

SAVE_EVERY_SECONDS = 600.0
"""A checkpoint at least this often, so that a crash costs ten minutes at most."""


@dataclass(frozen=True)
class TrainingPlan:
    """What the trainer is to do, completely decided.

    `saved` is the checkpoint to resume from.
    """

    folder: Path
    saved: Path | None
    program: dict[str, Any]
    merit: Measure
    keep_best: bool
    patience: int | None
    seed: int
    group_by_length: bool
    shuffle: bool


class Steering(TrainerCallback):  # type: ignore[misc]  # transformers is untyped
    """Decides when to save and stop, and seeds each step.

    The random numbers of a step (dropout) depend only on the seed and the step: a resumed run
    draws the same numbers as an uninterrupted one.
    """

    def __init__(self, plan: TrainingPlan, interruption: Interruption) -> None:
        self.plan = plan
        self.interruption = interruption
        self.stopping = False
        self.saved_at = time.monotonic()

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Choose the epoch's order of rows."""
        sampler = kwargs["train_dataloader"].batch_sampler
        while not isinstance(sampler, EpochSampler):
            sampler = getattr(sampler, "batch_sampler", None) or sampler.sampler
        sampler.set_epoch(int(state.epoch or 0))
        kwargs["train_dataloader"].dataset.epoch = sampler.epoch

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Seed the step."""
        seed = (self.plan.seed * 1_000_003 + state.global_step) * 4096 + args.process_index
        seed_devices(seed % 2**63)
        np.random.seed(seed % 2**32)  # The time masks of speech models draw from it.

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Save after ten minutes or a signal; at the end of an epoch the evaluation comes first."""
        at_epoch_end = (
            float(state.epoch) == int(state.epoch) or state.global_step >= state.max_steps
        )
        # Signals and clocks differ between processes, which have to stop and save together.
        late = processes.is_first() and time.monotonic() - self.saved_at > SAVE_EVERY_SECONDS
        stopping, saving = processes.largest(self.interruption.requested is not None, late)
        self.stopping = bool(stopping)
        if self.stopping:
            control.should_training_stop = True
            control.should_save = control.should_save or not at_epoch_end
        elif saving and not at_epoch_end:
            control.should_save = True
        if control.should_evaluate:
            control.should_save = True

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Save with every evaluation; an epoch interrupted by a signal is not evaluated."""
        incomplete = float(state.epoch) != int(state.epoch) and state.global_step < state.max_steps
        if self.stopping and incomplete:
            control.should_evaluate = control.should_save = False
        else:
            control.should_save = True

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Restart the clock; stop when val has not improved for too long."""
        self.saved_at = time.monotonic()
        if out_of_patience(state, self.plan.patience) and not control.should_training_stop:
            control.should_training_stop = True
            notes.say(
                f"val has not improved in {counted(self.plan.patience or 0, 'evaluation')}: "
                "training stops"
            )


def out_of_patience(state: Any, patience: int | None) -> bool:
    """Say whether val was scored `patience` times since it was best.

    Computed from the logged evaluations, so that a resumed training knows it too.
    """
    if patience is None or not state.best_global_step:
        return False
    since = sum(
        "eval_runtime" in entry and entry["step"] > state.best_global_step
        for entry in state.log_history
    )
    return bool(since >= patience)
