"""When memory runs out: micro-batches on a GPU, advice before training on a CPU.

A GPU reports that its memory is full, and training continues with fewer rows at a time. On a CPU
the system ends the process instead, so the memory of the longest batch is measured first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from gft import notes, processes
from gft.engine.features import SAMPLED
from gft.engine.placed_model import PlacedModel
from gft.engine.untouched import untouched
from gft.errors import UserError, counted
from gft.inputs.features import rows_of
from gft.inputs.windows import first_windows, windows_in
from gft.storage.memory import SHORTAGES, check_some_left, free_memory
from gft.storage.space import in_words
from gft.tasks.protocol import Batch, Feature, Task

FP32_BYTES = 4
ADAM_MOMENTS = 2

PARTS = "parts"
"""Key of a batch that is a list of batches, each of rows of one length."""
Part = Callable[[Batch], torch.Tensor]
"""Runs the forward and backward pass of some rows; returns their share of the step's loss."""


def is_shortage(problem: BaseException) -> bool:
    """Say whether an exception means that memory ran out."""
    if isinstance(problem, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(problem)
    return isinstance(problem, RuntimeError) and any(words in text for words in SHORTAGES)


class MicroBatches:
    """How many rows of a batch are computed at a time: all, until memory runs out.

    Then their number is halved, and the step is computed again. The gradients of a batch's parts
    are added up, so that each step still learns from the same rows. `rows` is the number that an
    earlier run arrived at, None for whole batches; `shortened_by` is the argument that makes rows
    shorter. `spare` gives back memory that only makes steps faster, and says whether there was any.
    """

    def __init__(
        self,
        rows: int | None,
        forget: Callable[[], None],
        effective_batch: int,
        shortened_by: str,
        spare: Callable[[], bool] = lambda: False,
    ) -> None:
        self.rows = rows
        self.spare = spare
        self.forget = forget
        self.effective_batch = effective_batch
        self.shortened_by = shortened_by
        self._step = -1
        self._batches: list[Batch] = []

    def run(self, batch: Batch, step: int, part: Part) -> torch.Tensor:
        """Return the loss of a batch. Raises what `part` raises, except for memory shortages."""
        if step != self._step:
            self._step, self._batches = step, []
        parts = parts_of(batch)
        self._batches += parts
        todo = parts
        while True:
            try:
                losses = [self._in_parts(one, part) for one in todo][-len(parts) :]
                return losses[0] if len(losses) == 1 else torch.stack(losses).sum()
            except Exception as problem:
                # A backward pass joins the gradients of all processes: none can repeat it alone.
                if not is_shortage(problem) or processes.count() > 1:
                    raise
                if not self.spare():
                    self._halve(max(map(rows_of, self._batches)), problem)
            self.forget()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            torch.manual_seed(torch.initial_seed())  # The step draws the same dropout again.
            todo = self._batches

    def _in_parts(self, batch: Batch, part: Part) -> torch.Tensor:
        count = rows_of(batch)
        size = min(self.rows or count, count)
        if size == count:
            return part(batch)
        losses = [
            part({name: tensor[start : start + size] for name, tensor in batch.items()})
            for start in range(0, count, size)
        ]
        return torch.stack(losses).sum()

    def _halve(self, largest: int, problem: Exception) -> None:
        before = min(self.rows or largest, largest)
        if before == 1:
            raise UserError(
                f"not enough memory for a single row at a time; use a smaller {self.shortened_by}, "
                "--peft lora or a smaller model"
            ) from problem
        self.rows = (before + 1) // 2
        notes.note(
            f"not enough memory for {before} rows at a time: training continues with {self.rows} "
            f"at a time, and each step still learns from {self.effective_batch}"
        )


def parts_of(batch: Batch) -> list[Batch]:
    """Return the parts of a batch, each of rows of one length, or the batch itself."""
    parts: Any = batch.get(PARTS)
    return [batch] if parts is None else parts


def check_longest(
    task: Task, placed: PlacedModel, features: list[Feature], moments: int = ADAM_MOMENTS
) -> None:
    """Test the longest batch of a training on a CPU. Raises `UserError` if it does not fit.

    What one row keeps for its backward pass is counted first, since a system that runs out of
    memory ends the process. The model and the random state stay as they are. `moments` is how many
    numbers the optimizer keeps for each weight.
    """
    check_some_left()
    model, rows = placed.model, len(features)
    length = max(_tokens(feature.get(task.length_of)) for feature in features)
    try:
        with untouched(model):
            model.train()
            weights = sum(w.numel() for w in model.parameters() if w.requires_grad)
            with placed.training():
                # A row may have thousands of windows: to count what some keep is enough.
                few = first_windows(features[0], SAMPLED)
                needed = _kept_bytes(task, placed, [few]) / windows_in([few]) * windows_in(features)
            needed += weights * FP32_BYTES * (1 + moments)
            free = free_memory()
            if free is not None and needed * processes.count_here() > free:
                raise _too_large(task, rows, length, needed, free)
            with placed.training(placed.split_batch(task, features)):
                torch.autograd.backward(_loss(task, placed, features))
    except Exception as problem:
        if not is_shortage(problem):
            raise
        raise _too_large(task, rows, length) from problem


def _tokens(value: Any) -> int:
    return len(value) if hasattr(value, "__len__") else 0


def _kept_bytes(task: Task, placed: PlacedModel, features: list[Feature]) -> int:
    """Return how many bytes a forward pass keeps beside the weights."""
    own = {weight.untyped_storage().data_ptr() for weight in placed.model.parameters()}
    kept: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> None:
        # Held until all are counted: a later tensor could reuse the address of a freed one.
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage

    # No backward pass uses this graph. One that kept its own outputs would never be freed.
    with torch.autograd.graph.saved_tensors_hooks(keep, _nothing):
        loss = _loss(task, placed, features)
    del loss
    return sum(storage.nbytes() for storage in kept.values())


def _nothing(_: None) -> torch.Tensor:
    raise RuntimeError("nothing was kept for a backward pass")


def _loss(task: Task, placed: PlacedModel, features: list[Feature]) -> torch.Tensor:
    with placed.precision.autocast():
        return task.loss(placed.model, placed.batch(task, features, training=True))


def _too_large(
    task: Task, rows: int, length: int, needed: float | None = None, free: float | None = None
) -> UserError:
    of_length = f" of {length:,} tokens" if length else ""
    amounts = ""
    if needed is not None and free is not None:
        amounts = f": it needs about {in_words(needed)}, and {in_words(free)} are free"
    smaller = (
        f"--per_device_train_batch_size {rows // 2} with twice the --gradient_accumulation_steps "
        "(the same steps), "
    )
    return UserError(
        f"not enough memory to train on a batch of {counted(rows, 'row')}{of_length}{amounts}; try "
        f"{smaller if rows > 1 else ''}a smaller {task.shortened_by}, or --peft lora"
    )
