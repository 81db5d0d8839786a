"""The training loop: `transformers.Trainer` with gft's batches, losses, scores and checkpoints.

Every override of something private in transformers is in this file.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from torch.nn.utils import clip_grad_norm_
from transformers import Trainer, TrainerState, TrainingArguments
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from gft import processes
from gft.adapters.lora import adapted, load_trained, save_trained
from gft.engine import checkpoints
from gft.engine.collate import FILLER, Collate, Training
from gft.engine.effects import apart, give_own_rate, save_part, saved_part
from gft.engine.features import FeatureStore
from gft.engine.finite import Watch
from gft.engine.interruption import Interruption
from gft.engine.memory import PARTS, MicroBatches, parts_of
from gft.engine.output_units import in_data_units
from gft.engine.placed_model import PlacedModel, SplitBatch
from gft.engine.progress import Progress
from gft.engine.rounding import Rounding
from gft.engine.sampler import EpochSampler
from gft.engine.steering import Steering, TrainingPlan, out_of_patience
from gft.engine.step_graphs import StepGraphs, can_gain
from gft.errors import Damaged, NoSpace
from gft.inputs.features import rows_of
from gft.storage.space import is_full
from gft.tasks.protocol import Batch, Task


class GftTrainer(Trainer):  # type: ignore[misc]  # transformers is untyped
    """Trains epoch by epoch on the train split; scores on val decide which weights are kept."""

    def __init__(
        self,
        *,
        plan: TrainingPlan,
        task: Task,
        placed: PlacedModel,
        arguments: TrainingArguments,
        train: FeatureStore,
        score: Callable[[], Mapping[str, float]] | None,
        interruption: Interruption,
        split_batch: SplitBatch | None,
    ) -> None:
        training = Training(train, arguments.dataloader_num_workers > 0)
        rounding = None
        if can_gain(placed, arguments, train):
            rounding = Rounding(placed.loaded.processor, int(train.lengths().max()))
        super().__init__(
            model=placed.model,
            args=arguments,
            train_dataset=training,
            eval_dataset=training if score else None,
            data_collator=Collate(
                task,
                placed.loaded.processor,
                training,
                plan.seed,
                bool(placed.by_length),
                rounding,
            ),
            # A subscriber of the progress may request a stop, so steering comes after it.
            callbacks=[Progress(effective_batch(arguments)), Steering(plan, interruption)],
        )
        for unwanted in (PrinterCallback, ProgressCallback):
            self.remove_callback(unwanted)
        # The loss is divided by the weight of the step's rows, and by nothing else.
        self.model_accepts_loss_kwargs = True
        self.plan = plan
        self.task = task
        self.score = score
        self.placed = placed
        self.split_batch = split_batch
        self.graphs = (
            StepGraphs(self.model, placed.precision.device, rounding) if rounding else None
        )
        self.started = time.perf_counter()
        before = checkpoints.program_of(plan.saved) if plan.saved else {}
        self.seconds_before = float(before.get("train_seconds", 0))
        self.operations: int | None = None
        self.watch = Watch(task, placed, train, arguments)
        self.micro_batches = MicroBatches(
            before.get("micro_batch"),
            self.model.zero_grad,
            effective_batch(self.args),
            task.shortened_by,
            self.graphs.spare if self.graphs is not None else lambda: False,
        )

    def seconds_now(self) -> float:
        """Return the seconds of this process's share of the training."""
        return time.perf_counter() - self.started

    def _get_train_sampler(self, train_dataset: Any = None) -> EpochSampler:
        store = self.train_dataset.store
        return EpochSampler(
            len(store),
            self.plan.seed,
            effective_batch(self.args),
            store.lengths() if self.plan.group_by_length else None,
            self.plan.shuffle,
            whole_steps=self.args.dataloader_drop_last,
            multiple_of=self.args.train_batch_size * self.args.world_size
            if self.args.world_size > 1
            else 1,
        )

    def _get_num_items_in_batch(self, batch_samples: list[Batch], device: Any) -> torch.Tensor:
        """Return the divisor of the losses of a step's batches, over all processes."""
        total = torch.zeros((), device=device)
        for batch in chain.from_iterable(map(parts_of, batch_samples)):
            weight = self._weight(batch)
            if weight is not None:
                total += weight.to(device)
        if self.args.world_size > 1:
            total = self.accelerator.reduce(total, reduction="sum")
        return total.clamp(min=torch.finfo(total.dtype).tiny)

    def _weight(self, batch: Batch) -> torch.Tensor | None:
        """Return the weight of a batch in a step, None where its loss is a sum."""
        weight = self.task.weight(batch)
        return torch.zeros(()) if FILLER in batch else weight

    def training_step(
        self, model: torch.nn.Module, inputs: dict[str, Any], num_items_in_batch: Any = None
    ) -> torch.Tensor:
        """Return the loss of a step, computed in micro-batches if memory is short."""

        def part(rows: Batch, divisor: torch.Tensor = num_items_in_batch) -> torch.Tensor:
            self.placed.restore()
            loss: torch.Tensor = super(GftTrainer, self).training_step(model, rows, divisor)
            return loss

        batch = self._as_many_parts(inputs)
        with self.placed.training(self.split_batch):
            loss = None
            if self.graphs is not None and self._is_whole(batch):
                loss = self.graphs.run(batch, num_items_in_batch, part)
            if loss is None:
                loss = self.micro_batches.run(batch, self.state.global_step, part)
        self.watch.loss(loss, self.state.global_step + 1)
        return loss

    def _is_whole(self, batch: Batch) -> bool:
        """Say whether a batch has all the rows of a step, and is computed at once."""
        return self.micro_batches.rows is None and rows_of(batch) == self.args.train_batch_size

    def _as_many_parts(self, batch: Batch) -> Batch:
        """Return the batch with as many parts as those of other processes.

        A backward pass joins the gradients of all processes. The parts added do not count.
        """
        if self.args.world_size == 1 or PARTS not in batch:
            return batch
        parts = parts_of(batch)
        [most] = processes.largest(len(parts))
        more: Any = [*parts, *[parts[0] | {FILLER: torch.ones(1)}] * (most - len(parts))]
        return {PARTS: more}

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Return the task's loss, weighted by the share of these rows in their step."""
        weight = self._weight(inputs)
        rows = {name: tensor for name, tensor in inputs.items() if name != FILLER}
        loss = self.task.loss(model, rows)
        if weight is not None:
            loss = loss * (weight / num_items_in_batch)
        if self.args.world_size > 1:
            loss = loss * self.args.world_size  # Processes average their gradients.
        return (loss, None) if return_outputs else loss

    def floating_point_ops(self, inputs: dict[str, Any]) -> int:
        """Return the count of transformers, without its pass over all weights for every batch."""
        name = getattr(self.model, "main_input_name", "input_ids")
        numbers = inputs[name].numel() if name in inputs else 0
        if numbers and self.operations is None:
            self.operations = int(super().floating_point_ops(inputs)) // numbers
        return (self.operations or 0) * numbers

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """Return the optimizer; effects of covariates have a learning rate of their own."""
        there = self.optimizer is not None
        optimizer: torch.optim.Optimizer = super().create_optimizer(model)
        if not there:
            give_own_rate(optimizer, self.model)
            if self.split_batch is not None:
                self.split_batch.speed_up(optimizer)
        return optimizer

    def _clip_grad_norm(self, model: torch.nn.Module) -> torch.Tensor:
        if self.split_batch is not None:
            return self.split_batch.clip(self.args.max_grad_norm)
        if self.graphs is not None and not self.args.fp16:
            # transformers collects all weights of the model for this, which takes milliseconds.
            return clip_grad_norm_(self.graphs.weights, self.args.max_grad_norm)
        norm: torch.Tensor = super()._clip_grad_norm(model)
        return norm

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """Score the val split in gft's prediction loop, and call the callbacks."""
        assert self.score is not None
        self.watch.weights(self.state.global_step)
        if self.graphs is not None:
            self.graphs.make_room()
        started = time.perf_counter()
        self.model.eval()
        metrics = {f"eval_{name}": value for name, value in self.score().items()}
        metrics["eval_runtime"] = time.perf_counter() - started
        self.model.train()
        self.log(dict(metrics))
        before: Any = self.__dict__["control"]
        after = self.callback_handler.on_evaluate(self.args, self.state, before, metrics)
        self.control: Any = after
        return metrics

    def _save_checkpoint(self, model: torch.nn.Module, trial: Any) -> None:
        folder, step = self.plan.folder, self.state.global_step
        self.watch.weights(step)
        staged = folder / f".checkpoint-{step}.partial"
        try:
            if self.args.should_save:
                staged = checkpoints.staging(folder, step)
            self.accelerator.wait_for_everyone()
            self._write_checkpoint(staged)
            self.accelerator.wait_for_everyone()  # Each has written its part.
            if self.args.should_save:
                checkpoints.publish(folder, staged, step, self._checkpointed())
        except Exception as problem:
            full = is_full(problem, folder)
            if self.args.should_save:
                shutil.rmtree(staged, ignore_errors=True)
            if not full:
                raise
            raise NoSpace(f"no space left in {folder} for the checkpoint of step {step}") from None
        self.accelerator.wait_for_everyone()

    def _write_checkpoint(self, staged: Path) -> None:
        """Write what a training resumes from into a folder."""
        with in_data_units(self.model):
            if not adapted(self.model):
                with apart(self.model):
                    self.save_model(str(staged), _internal_call=True)
                if self.args.should_save:
                    save_part(self.model, staged)
            elif self.args.should_save:
                save_trained(self.model, staged)
        self._save_optimizer_and_scheduler(str(staged))
        self._save_scaler(str(staged))
        best = self.state.best_global_step
        if best:
            self.state.best_model_checkpoint = str(self.plan.folder / f"checkpoint-{best}")
        if self.args.should_save:
            self.state.save_to_json(str(staged / "trainer_state.json"))

    def _checkpointed(self) -> dict[str, Any]:
        """Return what a checkpoint records of the program and of the training so far."""
        return {
            **self.plan.program,
            "best_step": (self.state.best_global_step or None) if self.plan.keep_best else None,
            "train_seconds": self.seconds_before + self.seconds_now(),
            "micro_batch": self.micro_batches.rows,
        }

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        if self.is_fsdp_enabled and not adapted(self.model):
            super()._load_from_checkpoint(resume_from_checkpoint, model)
        else:
            self._load(Path(resume_from_checkpoint))

    def go_on(self, saved: Path | None) -> None:
        """Train, from a checkpoint if there is one; a training stopped early stays stopped."""
        if saved is not None:
            state = TrainerState.load_from_json(str(saved / "trainer_state.json"))
            if out_of_patience(state, self.plan.patience):
                self.state = state
                self._load(saved)
                return
        self.train(resume_from_checkpoint=str(saved) if saved else None)

    def load_best(self) -> int:
        """Put the weights of the best evaluation into the model; return their step."""
        best = self.state.best_global_step
        if not (self.plan.keep_best and best and best != self.state.global_step):
            return int(self.state.global_step)
        path = self.plan.folder / f"checkpoint-{best}"
        if problem := checkpoints.damage(path):
            raise Damaged(
                f"{path}, the best on val, is damaged: {problem}; start again with "
                "--overwrite_output_dir"
            )
        self._load(path)
        return int(best)

    def _load(self, path: Path) -> None:
        with in_data_units(self.model):
            self._load_weights(path)

    def _load_weights(self, path: Path) -> None:
        if adapted(self.model):
            load_trained(self.model, path)
            return
        # transformers writes the weights of some models (ViT) under older names, which only
        # `from_pretrained` knows: the Trainer would leave such weights as they are.
        unwrapped: Any = self.accelerator.unwrap_model(self.model)
        read, info = type(unwrapped).from_pretrained(
            path,
            config=unwrapped.config,
            dtype=torch.float32,
            local_files_only=True,
            output_loading_info=True,
        )
        if info["missing_keys"] or info["unexpected_keys"]:
            raise RuntimeError(f"{path} does not hold this model: {info}")
        unwrapped.load_state_dict(read.state_dict() | saved_part(unwrapped, path))


def effective_batch(args: TrainingArguments) -> int:
    """Return how many rows each step learns from, over all devices."""
    return int(args.train_batch_size * args.gradient_accumulation_steps * args.world_size)
