"""A dummy model of a few weights, to try the arguments that transformers may refuse."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from transformers import Trainer, TrainerCallback
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from gft import processes
from gft.engine.fitting import steps_of, training_arguments
from gft.engine.options import HandedOn
from gft.engine.precision import Precision
from gft.language.program import Options
from gft.metrics.protocol import Measure

STEPS = 2


def try_arguments(
    options: Options, precision: Precision, rows: int, scored: bool, merit: Measure
) -> None:
    """Train a model of a few weights for two steps; raise whatever transformers raises."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        quiet = options.but(report_to=None, full_determinism=False)
        requested = training_arguments(Path(folder), merit, quiet, precision, rows, scored)
        if requested.deepspeed:
            return  # It keeps its state for the whole process.
        run = quiet.but(
            max_steps=max(STEPS, steps_of(rows, options.of(HandedOn))[1]),
            per_device_train_batch_size=1,
            gradient_accumulation_steps=1,
            dataloader_drop_last=False,
            eval_strategy="steps" if requested.eval_strategy != "no" else "no",
            eval_steps=1,
            eval_delay=0,
            eval_on_start=False,
            save_strategy="no",
            logging_strategy="no",
            **({"optim_target_modules": ("layer",)} if requested.optim_target_modules else {}),
        )
        arguments = training_arguments(Path(folder), merit, run, precision, rows, scored)
        _Training(
            model=_DummyModel(),
            args=arguments,
            train_dataset=[_ROW] * STEPS * processes.count(),
            eval_dataset=[_ROW],
            callbacks=[_Stop()],
        ).train()


_ROW = {"input_ids": [0, 1], "labels": 1}


class _DummyModel(torch.nn.Module):
    """A classifier of two tokens, with what the trainer needs of a model."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(4, 8)
        self.layer = torch.nn.Linear(8, 2)
        self.again: dict[str, Any] | None = None

    def get_input_embeddings(self) -> torch.nn.Embedding:
        """Return the embedding table of tokens."""
        return self.embedding

    def activation_checkpointing_enable(self, **settings: Any) -> None:
        """Compute the layer again in the backward pass, as models with checkpointing do."""
        names = ("activation_checkpointing_kwargs", "gradient_checkpointing_kwargs")
        kwargs = [settings[name] for name in names if settings.get(name)]
        self.again = {"use_reentrant": False}
        self.again.update(*kwargs)

    gradient_checkpointing_enable = activation_checkpointing_enable

    def forward(self, input_ids: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return the loss."""
        rows = self.embedding(input_ids).mean(1)
        if self.again is None:
            logits = self.layer(rows)
        else:
            logits = torch.utils.checkpoint.checkpoint(self.layer, rows, **self.again)
        return {"loss": torch.nn.functional.cross_entropy(logits, labels)}


class _Training(Trainer):  # type: ignore[misc]  # transformers is untyped
    """The training of transformers, except for the scores."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for unwanted in (PrinterCallback, ProgressCallback):
            self.remove_callback(unwanted)

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """Return the metrics that a schedule may read."""
        return {"eval_loss": 1.0, f"eval_{self.args.metric_for_best_model}": 1.0}


class _Stop(TrainerCallback):  # type: ignore[misc]  # transformers is untyped
    """Ends the training after a few steps."""

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Stop after `STEPS` steps."""
        control.should_training_stop = state.global_step >= STEPS
