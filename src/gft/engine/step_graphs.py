"""Training steps on a GPU as CUDA graphs: recorded once for each shape of a batch, then replayed.

The forward and backward pass of a small batch are a thousand kernels of a few microseconds each.
Python takes several times as long to launch them as the GPU takes to compute them. A graph
launches them all at once, and computes the same.

The first recording is compared with an ordinary step. A model that reads numbers back from the
GPU, or draws random numbers on the CPU, cannot be recorded, and trains as before.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import torch
from transformers import TrainingArguments
from transformers.utils import import_utils

from gft.engine.features import FeatureStore
from gft.engine.memory import ADAM_MOMENTS
from gft.engine.placed_model import PlacedModel
from gft.engine.rounding import Rounding, round_up
from gft.engine.untouched import random_state, untouched
from gft.inputs.features import Batch

STEPS_PER_SHAPE = 6
"""To record a shape takes as long as some two ordinary steps: fewer steps would not gain."""
OPTIMIZERS = ("adafactor", "adagrad", "adamw_torch", "adamw_torch_fused", "rmsprop", "sgd")
"""Optimizers that change weights in place, after the backward pass. Others may not: LOMO and
layerwise GaLore change them within it, and GaLore in 8 bits gives them other memory."""
SAME = 1e-2
"""Largest relative difference of a gradient of the first step, recorded and not."""
SMALL = 1e-3
"""Gradients that are a smaller share of all are compared with that share."""
COMPARED = 2**22
"""Numbers of gradients that are compared at once."""
MOST_SHAPES = 64
"""Each graph takes a few MB. Batches of further shapes are computed without one."""

Part = Callable[[Batch, torch.Tensor], torch.Tensor]
"""Runs the forward and backward pass of a batch, given the divisor; returns its loss."""
Gradients = list[torch.Tensor | None]


def can_gain(placed: PlacedModel, args: TrainingArguments, store: FeatureStore) -> bool:
    """Say whether a training may be faster with graphs: it is, where a GPU has ordinary steps."""
    alone = args.world_size == args.n_gpu == args.gradient_accumulation_steps == 1
    optimizer = str(getattr(args.optim, "value", args.optim))
    ordinary = optimizer in OPTIMIZERS and not (
        args.gradient_checkpointing or args.torch_empty_cache_steps or args.deepspeed or args.fsdp
        or placed.by_length or placed.changes
    )  # fmt: skip
    if not (placed.fast and placed.precision.device.type == "cuda" and alone and ordinary):
        return False
    steps = len(store) // args.train_batch_size * args.num_train_epochs
    shapes = {round_up(int(length)) for length in np.unique(store.lengths())}
    return bool((args.max_steps if args.max_steps > 0 else steps) >= STEPS_PER_SHAPE * len(shapes))


@dataclass(frozen=True)
class _Recorded:
    """A graph with its inputs, and the gradients that it leaves in the weights' order.

    The gradients do not own their memory: the next graph uses it too. `kept` are tensors of the
    model that are neither weights nor buffers, such as tables of positions: the model may replace
    them, but the graph reads those that it was recorded with.
    """

    graph: torch.cuda.CUDAGraph
    inputs: Batch
    divisor: torch.Tensor
    gradients: Gradients
    kept: list[torch.Tensor]


class StepGraphs:
    """The recorded steps of a training, one for each shape of a batch.

    Each replaces the gradients of the weights. `working` turns false for good once a step cannot
    be recorded, or memory runs out; `reason` says why.
    """

    def __init__(self, model: torch.nn.Module, device: torch.device, rounding: Rounding) -> None:
        self.model = model
        self.device = device
        self.rounding = rounding
        self.working = True
        self.reason = ""
        self.weights = [weight for weight in model.parameters() if weight.requires_grad]
        self._tensors = [*model.parameters(), *model.buffers()]
        self._addresses = self._now()
        self._recorded: dict[Any, _Recorded] = {}
        self._shapes: set[Any] = set()
        self._loss = torch.zeros((), device=device)
        self._pool: Any = None
        self._stream: Any = None

    def run(self, batch: Batch, divisor: torch.Tensor, part: Part) -> torch.Tensor | None:
        """Return the loss of a batch, its gradients in the weights; None if there is no graph.

        Then the step has to be computed without one, from weights, gradients and random numbers
        that are as they were.
        """
        if not self.rounding.covers(batch):
            return None
        if self._recorded and self._now() != self._addresses:
            self._stop("the model's weights have other memory, or others are trained, than before")
        with _RECORDING:
            if self.working and not self._recorded:
                # The widest needs most memory, which the others then share.
                self._record(self.rounding.widest(batch), divisor, part)
            shape = _shape(batch)
            if self.working and shape not in self._recorded and len(self) < MOST_SHAPES:
                self._record(batch, divisor, part)
        if shape not in self._recorded:
            return None
        self._replay(self._recorded[shape], batch, divisor)
        return self._loss.clone()

    def __len__(self) -> int:
        """Return how many shapes are recorded."""
        return len(self._recorded)

    def spare(self) -> bool:
        """Give the graphs' memory back if there are any, and say whether there were."""
        if not self._recorded:
            return False
        self.release()
        return True

    def make_room(self) -> None:
        """Give the graphs' memory back if others need it; they are recorded anew."""
        free, _ = torch.cuda.mem_get_info(self.device)
        if free < torch.cuda.memory_reserved(self.device):
            self.release()

    def closed(self) -> dict[str, Any]:
        """Give the graphs' memory back; return how many shapes were recorded, and why no more."""
        found = {"shapes": len(self._shapes), "why_not": self.reason or None}
        self.release()
        return found

    def _stop(self, reason: str) -> None:
        self.working, self.reason = False, reason
        self.release()

    def release(self) -> None:
        """Give the graphs' memory back, and forget the gradients in it."""
        self.model.zero_grad()
        self._recorded.clear()
        self._pool = None
        torch.cuda.empty_cache()

    def _record(self, batch: Batch, divisor: torch.Tensor, part: Part) -> None:
        """Record a step; stop, if that fails or the first one computes something else."""
        try:
            if self._recorded:
                self._capture(batch, divisor, part)
                return
            self._addresses = self._now()
            with untouched(self.model):
                expected = self._ordinary(batch, divisor, part)
                recorded = self._capture(batch, divisor, part)
                torch.cuda.manual_seed(0)
                self._replay(recorded, batch, divisor)
                apart = _difference(self._gradients(), expected)
            self._check_memory()
        except Exception as problem:
            self._stop(f"{type(problem).__name__}: {problem}".partition("\n")[0])
            return
        if not apart <= SAME:
            self._stop(f"its gradients differ by {apart:.1g}")

    def _ordinary(self, batch: Batch, divisor: torch.Tensor, part: Part) -> Gradients:
        """Return the gradients of a step that is not recorded. Raises what forbids to record it."""
        before, versions = random_state(), [weight._version for weight in self.weights]
        part(batch, divisor)  # What is made once, at the first use, is there from now on.
        torch.cuda.manual_seed(0)
        self.model.zero_grad()
        with _as_if_recorded():
            part(batch, divisor)
        if random_state() != before:
            raise RuntimeError("the model draws random numbers on the CPU")
        if versions != [weight._version for weight in self.weights]:
            raise RuntimeError("a backward pass changes weights")
        # Kept on the CPU: on the GPU each would hold a block of memory that activations had.
        gradients = [None if one is None else one.cpu() for one in self._gradients()]
        self.model.zero_grad()
        return gradients

    def _capture(self, batch: Batch, divisor: torch.Tensor, part: Part) -> _Recorded:
        if self._pool is None:
            self._pool = torch.cuda.graph_pool_handle()
            self._stream = torch.cuda.Stream(self.device)  # type: ignore[no-untyped-call]  # torch's
        inputs = {name: tensor.clone() for name, tensor in batch.items()}
        divided = divisor.clone()
        graph = torch.cuda.CUDAGraph()
        self.model.zero_grad()
        with (
            _closed(self.device, self._pool),
            torch.cuda.graph(graph, self._pool, self._stream, capture_error_mode="thread_local"),
        ):
            self._loss.copy_(part(inputs, divided))
        gradients = [*map(_borrowed, self._gradients())]
        recorded = _Recorded(graph, inputs, divided, gradients, _kept_tensors(self.model))
        self.model.zero_grad()
        self._recorded[_shape(batch)] = recorded
        self._shapes.add(_shape(batch))
        return recorded

    def _replay(self, recorded: _Recorded, batch: Batch, divisor: torch.Tensor) -> None:
        for name, tensor in recorded.inputs.items():
            tensor.copy_(batch[name], non_blocking=True)
        recorded.divisor.copy_(divisor, non_blocking=True)
        recorded.graph.replay()
        for weight, gradient in zip(self.weights, recorded.gradients, strict=True):
            weight.grad = gradient

    def _check_memory(self) -> None:
        """Raise if the optimizer's moments, which the first step makes, no longer fit."""
        free, _ = torch.cuda.mem_get_info(self.device)
        if free < ADAM_MOMENTS * sum(weight.nbytes for weight in self.weights):
            raise torch.OutOfMemoryError("not enough memory for graphs beside the optimizer")

    def _now(self) -> list[tuple[int, bool]]:
        """Return where weights and buffers lie, and which are trained."""
        return [(tensor.data_ptr(), tensor.requires_grad) for tensor in self._tensors]

    def _gradients(self) -> Gradients:
        return [weight.grad for weight in self.weights]


_RECORDING = Lock()
"""Held while a step is recorded: what says so is the same for all threads."""


def _kept_tensors(model: torch.nn.Module) -> list[torch.Tensor]:
    """Return the tensors that the modules of a model have as attributes, and their buffers."""
    values = [value for module in model.modules() for value in vars(module).values()]
    return [*(one for one in values if isinstance(one, torch.Tensor)), *model.buffers()]


def _shape(batch: Batch) -> Any:
    return tuple((name, tensor.shape, tensor.dtype) for name, tensor in batch.items())


@contextmanager
def _as_if_recorded() -> Iterator[None]:
    """Compute as in a recording: transformers reads no mask, and waiting for the GPU raises."""
    is_recorded, mode = import_utils.is_cuda_stream_capturing, torch.cuda.get_sync_debug_mode()
    import_utils.is_cuda_stream_capturing = lambda: True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # This way to look for what waits may miss some.
            torch.cuda.set_sync_debug_mode("error")
        yield
    finally:
        torch.cuda.set_sync_debug_mode(mode)
        import_utils.is_cuda_stream_capturing = is_recorded


@contextmanager
def _closed(device: torch.device, pool: Any) -> Iterator[None]:
    """Restore stream, random generator and allocator after a recording that fails.

    torch leaves them as if it still recorded.
    """
    generator = torch.cuda.default_generators[device.index or 0]
    before, stream = generator.clone_state(), torch.cuda.current_stream(device)
    try:
        yield
    except BaseException:
        torch.cuda.set_stream(stream)
        generator.graphsafe_set_state(before)
        with suppress(RuntimeError):  # It has ended if memory ran out, and only then.
            torch._C._cuda_endAllocateToPool(device.index or 0, pool)
            torch._C._cuda_releasePool(device.index or 0, pool)
        raise


class _Address:
    """A tensor's memory in the form that torch makes a tensor of without owning it."""

    def __init__(self, tensor: torch.Tensor) -> None:
        size = tensor.element_size()
        self.__cuda_array_interface__ = {
            "shape": tuple(tensor.shape),
            "typestr": f"<f{size}",
            "data": (tensor.data_ptr(), False),
            "strides": tuple(size * stride for stride in tensor.stride()),
            "version": 3,
        }


def _borrowed(gradient: torch.Tensor | None) -> torch.Tensor | None:
    """Return a tensor with the memory of a gradient, which it does not keep."""
    if gradient is None:
        return None
    return torch.as_tensor(_Address(gradient), device=gradient.device)


def _difference(found: Gradients, expected: Gradients) -> float:
    """Return the largest norm of a gradient's difference, relative to the gradient expected.

    Infinity where one is missing, or all are. In fp16 some overflow, and must do so in both.
    """
    norms, apart = [], []
    for one, other in zip(found, expected, strict=True):
        if (one is None) != (other is None):
            return float("inf")
        if one is None or other is None:
            continue
        squares, squares_apart = 0.0, 0.0
        # In parts, for the table of a vocabulary may be a large share of the memory.
        mine_in_parts, theirs_in_parts = (
            torch.split(gradient.flatten(), COMPARED) for gradient in (one, other)
        )
        for mine, theirs in zip(mine_in_parts, theirs_in_parts, strict=True):
            exact, finite = theirs.to(mine.device, torch.float64), mine.isfinite()
            if not torch.equal(finite, exact.isfinite()):
                return float("inf")
            squares += float(exact.where(finite, 0.0).square().sum())
            squares_apart += float((mine - exact).where(finite, 0.0).square().sum())
        norms.append(squares**0.5)
        apart.append(squares_apart**0.5)
    least = SMALL * float(np.linalg.norm(norms))
    shares = [off / max(norm, least) for norm, off in zip(norms, apart, strict=True) if off]
    return max(shares, default=0.0 if norms else float("inf"))
