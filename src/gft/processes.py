"""One program in several processes, as `torchrun` and `accelerate launch` start them.

A launcher says in the environment how many there are and which one this is. The first one speaks
and writes; what is computed is shared. Importing this module imports no torch.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

_LAUNCHED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
LONGEST_WAIT = timedelta(days=1)
"""The others wait while the first one reads data; a process that ends wakes them at once."""

T = TypeVar("T")
_group: Any = None


def count() -> int:
    """Return how many processes run this program: 1 without a launcher."""
    return int(os.environ["WORLD_SIZE"]) if all(map(os.environ.get, _LAUNCHED)) else 1


def number() -> int:
    """Return which of them this one is, from 0."""
    return int(os.environ["RANK"]) if count() > 1 else 0


def count_here() -> int:
    """Return how many of them run on this machine."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1")) if count() > 1 else 1


def is_first() -> bool:
    """Say whether this is the process that speaks and writes."""
    return number() == 0


def join(use_cpu: bool) -> None:
    """Meet the other processes, each on a GPU of its own where there are any."""
    global _group  # noqa: PLW0603  (a process joins once)
    if count() == 1 or _group is not None:
        return
    # torch warns, in each process, that it looks for weights without gradients in vain.
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    import torch
    import torch.distributed as together

    on_gpu = torch.cuda.is_available() and not use_cpu
    if on_gpu:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    if not together.is_initialized():
        together.init_process_group("nccl" if on_gpu else "gloo", timeout=LONGEST_WAIT)
    # What processes exchange are small objects, which need no GPU.
    _group = together.new_group(backend="gloo", timeout=LONGEST_WAIT)
    atexit.register(together.destroy_process_group)


def wait() -> None:
    """Wait for all processes to come here."""
    if _group is not None:
        import torch.distributed as together

        together.barrier(group=_group)


@contextmanager
def first_before_others() -> Iterator[None]:
    """Let the first process go through the block before the others do: it fills the caches."""
    if not is_first():
        wait()
    try:
        yield
    finally:
        if is_first():
            wait()


def of_first(value: T) -> T:
    """Return what the first process gives, in every process."""
    if _group is None:
        return value
    import torch.distributed as together

    box = [value]
    together.broadcast_object_list(box, src=0, group=_group)
    return box[0]


def of_each(value: T) -> list[T]:
    """Return what each process gives, in their order."""
    if _group is None:
        return [value]
    import torch.distributed as together

    found: list[Any] = [None] * count()
    together.all_gather_object(found, value, group=_group)
    return found


def largest(*values: int) -> list[int]:
    """Return the largest of what the processes give, for each of the numbers."""
    if _group is None:
        return list(values)
    import torch
    import torch.distributed as together

    tensor = torch.tensor(values, dtype=torch.int64)
    together.all_reduce(tensor, op=together.ReduceOp.MAX, group=_group)
    return [int(value) for value in tensor]
