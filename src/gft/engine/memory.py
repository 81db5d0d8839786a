"""When memory does not suffice: smaller parts of a batch on a GPU, advice at once on a CPU.

A GPU says when its memory is full, and training can go on with less of a batch at a time. A CPU's
system ends the process instead, so what the longest batch needs is found out before.
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
"""What a batch has instead of tensors where rows of one length alone may go together."""
Part = Callable[[Batch], torch.Tensor]
"""Runs forward and backward pass of some rows; returns their share of the step's loss."""


def is_shortage(problem: BaseException) -> bool:
    """Say whether an exception means that memory did not suffice."""
    if isinstance(problem, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(problem)
    return isinstance(problem, RuntimeError) and any(words in text for words in SHORTAGES)


class MicroBatches:
    """How many rows of a batch are computed at a time: all, until memory does not suffice.

    Then it is half of them, and what the step computed so far is computed again. The gradients
    of a batch's parts are added up, so that each step learns from the same rows as ever.
    `rows` is what a run before came to, None for whole batches; `shortened_by` is
    the argument that makes rows shorter.
    """

    def __init__(
        self, rows: int | None, forget: Callable[[], None], effective_batch: int, shortened_by: str
    ) -> None:
        self.rows = rows
        self.forget = forget
        self.effective_batch = effective_batch
        self.shortened_by = shortened_by
        self._step = -1
        self._batches: list[Batch] = []

    def run(self, batch: Batch, step: int, part: Part) -> torch.Tensor:
        """Return the loss of a batch. Raises what `part` raises, but for shortages of memory."""
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
                # The gradients of processes meet in every backward pass: none can go back alone.
                if not is_shortage(problem) or processes.count() > 1:
                    raise
                self._halve(max(map(rows_of, self._batches)), problem)
            self.forget()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            torch.manual_seed(torch.initial_seed())  # The step's dropout is drawn as before.
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
                f"not enough memory for a single row at a time; a smaller {self.shortened_by}, "
                "--peft lora or a smaller model needs less"
            ) from problem
        self.rows = (before + 1) // 2
        notes.note(
            f"memory does not suffice for {before} rows at a time: it goes on with {self.rows}, "
            f"and each step still learns from {self.effective_batch}"
        )


def parts_of(batch: Batch) -> list[Batch]:
    """Return the batches that a batch consists of, of rows of one length each, or itself."""
    parts: Any = batch.get(PARTS)
    return [batch] if parts is None else parts


def check_longest(
    task: Task, placed: PlacedModel, features: list[Feature], moments: int = ADAM_MOMENTS
) -> None:
    """Try the longest batch of a training on a CPU. Raises `UserError` if it does not fit.

    What one row keeps for its backward pass is counted first, since a system that runs out of
    memory ends the process. The model and chance stay as they are. `moments` are what the
    optimizer keeps of each weight.
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
        # Held until all are counted: another tensor would be given the place of one that is freed.
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage

    # Nothing goes back through this graph. One that kept its own outputs would never be freed.
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
    told = ""
    if needed is not None and free is not None:
        told = f": it takes about {in_words(needed)}, and {in_words(free)} are free"
    smaller = (
        f"--per_device_train_batch_size {rows // 2} with twice the --gradient_accumulation_steps "
        "(the same steps), "
    )
    return UserError(
        f"not enough memory to train on a batch of {counted(rows, 'row')}{of_length}{told}; try "
        f"{smaller if rows > 1 else ''}a smaller {task.shortened_by}, or --peft lora"
    )
