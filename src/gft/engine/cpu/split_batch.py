"""Split batches: the two halves of a training batch are computed at once, on half the cores each.

Cores that share a small batch wait for each other at the end of every operation; cores with rows
of their own do not. The loss is still that of the whole batch: the model's outputs are joined
for it, and its gradient is split again. Weights are cast once for both halves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import torch
from torch.func import functional_call

from gft import processes
from gft.engine.cpu.cores import Cores
from gft.engine.cpu.dropout import drawing_from
from gft.engine.cpu.tables import Table, update_few_rows
from gft.engine.precision import last_layers
from gft.engine.untouched import random_state, random_state_kept
from gft.inputs.features import COVARIATES
from gft.tasks.effects import EFFECTS

PARTS = 2
"""The halves of a batch. More parts would each keep a gradient of every weight."""
ROWS_TO_TRY = 3
"""Rows of the forward pass that tests whether batches can be split: more than there are parts."""
LEAST_WEIGHTS = 2_000_000
"""A smaller model has so little to compute that splitting a batch costs more than it saves."""

Gradients = Sequence[torch.Tensor | None]


class SplitBatch:
    """Computes the two halves of a model's batches at once; see `split_batch_of`."""

    def __init__(self, model: Any, cores: Cores) -> None:
        self.model = model
        self.borrower = _Borrower(model, cores)
        self.weights = dict(self.borrower.named_parameters())
        self.in_products = _in_products(model)
        self.tables = {
            id(module.weight): Table(module) for module in model.modules() if _looks_up(module)
        }

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Split batches within; the backward pass adds the halves' gradients in a fixed order."""
        before = vars(self.model).get("forward")
        whole = self.model.forward
        self.model.forward = partial(self._run, whole)
        for table in self.tables.values():
            table.module.sparse = True
        try:
            yield
        finally:
            for table in self.tables.values():
                table.module.sparse = False
            if before is None:
                del self.model.forward
            else:
                self.model.forward = before

    def _run(self, whole: Callable[..., Any], **batch: Any) -> Any:
        """Return the outputs for all rows, where `whole` is the model's own forward pass."""
        parts = min(PARTS, len(next(iter(batch.values()))))  # A last batch may have one row.
        lent = {name: self._lent(weight) for name, weight in self.weights.items()}
        seeds = torch.randint(2**63 - 1, (parts,)).tolist()

        def run(part: int) -> Any:
            rows = {name: tensor[part::parts] for name, tensor in batch.items()}
            with drawing_from(torch.Generator().manual_seed(seeds[part])):
                return whole(**rows)

        outputs = functional_call(self.borrower, lent, (run, parts))
        names = [name for name, value in outputs[0].items() if value is not None]
        joined = _OfParts.apply(  # type: ignore[no-untyped-call]  # torch's
            torch.zeros((), requires_grad=True),
            [[one[name] for name in names] for one in outputs],
            [lent[name] for name, weight in self.weights.items() if weight.requires_grad],
            self.borrower.cores,
            self._add,
        )
        return type(outputs[0])(zip(names, joined, strict=True))

    def _lent(self, weight: torch.nn.Parameter) -> torch.Tensor:
        """Return a weight for both halves, cast if only matrix products use it."""
        lent = weight.detach()
        if id(weight) in self.in_products and torch.is_autocast_enabled("cpu"):
            lent = lent.to(torch.get_autocast_dtype("cpu"))
        return lent.requires_grad_(weight.requires_grad)

    def _add(self, of_parts: Sequence[Gradients]) -> None:
        """Add the gradients of each part to those of the trained weights."""
        trained = (weight for weight in self.weights.values() if weight.requires_grad)
        for weight, *parts in zip(trained, *of_parts, strict=True):
            for part in parts:
                if part is None:
                    continue
                if part.is_sparse:
                    self.tables[id(weight)].add(part)
                elif weight.grad is None:
                    weight.grad = part.to(weight.dtype)
                else:
                    weight.grad.add_(part)

    def speed_up(self, optimizer: torch.optim.Optimizer) -> None:
        """Let AdamW skip the rows of embedding tables that no batch has had so far."""
        update_few_rows(optimizer, self.tables)

    def clip(self, largest: float) -> torch.Tensor:
        """Clip the gradients to the norm `largest`; return the norm that they had together.

        The same as `torch.nn.utils.clip_grad_norm_`, without the rows of tables that are 0.
        """
        tables = [table for table in self.tables.values() if table.is_in_use()]
        apart = {id(table.module.weight) for table in tables}
        weights = [weight for weight in self.weights.values() if id(weight) not in apart]
        touched = [table.touched_rows() for table in tables]
        dense = [weight.grad for weight in weights if weight.grad is not None]
        norm = torch.nn.utils.get_total_norm([*dense, *(gradient for _, gradient in touched)])
        torch.nn.utils.clip_grads_with_norm_(weights, largest, norm)
        scale = (largest / (norm + 1e-6)).clamp(max=1.0)
        for table, (rows, gradient) in zip(tables, touched, strict=True):
            table.gradient().index_copy_(0, rows, gradient * scale)
        return norm


class _Borrower(torch.nn.Module):
    """Holds a model's weights and computes both halves, so that other weights can be lent to it."""

    def __init__(self, model: torch.nn.Module, cores: Cores) -> None:
        super().__init__()
        self.model = model
        self.cores = cores

    def forward(self, run: Callable[[int], Any], parts: int) -> list[Any]:
        """Return the outputs of each part."""
        return self.cores.side_by_side(run, range(parts), _same_autocast(), PARTS)


class _OfParts(torch.autograd.Function):
    """Joins the outputs of the parts to those of all rows, and splits their gradients again."""

    @staticmethod
    def forward(
        ctx: Any,
        _anchor: torch.Tensor,
        parts: list[list[torch.Tensor]],
        lent: list[torch.Tensor],
        cores: Cores,
        add: Callable[[Sequence[Gradients]], None],
    ) -> tuple[torch.Tensor, ...]:
        """Return the outputs; the first argument is there because it requires a gradient."""
        ctx.parts, ctx.lent, ctx.cores, ctx.add = parts, lent, cores, add
        return tuple(_interleaved(outputs) for outputs in zip(*parts, strict=True))

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[None, ...]:
        """Add the gradients of both halves."""
        parts = len(ctx.parts)

        def run(part: int) -> Gradients:
            of_part = [gradient[part::parts] for gradient in gradients]
            found: Gradients = torch.autograd.grad(
                ctx.parts[part], ctx.lent, of_part, allow_unused=True
            )
            return found

        ctx.add(ctx.cores.side_by_side(run, range(parts), nullcontext, PARTS))
        ctx.parts = None
        return None, None, None, None, None


def split_batch_of(
    model: torch.nn.Module, cores: Cores, rows: int, loss: Callable[[int], object]
) -> SplitBatch | None:
    """Return what splits a model's batches, None where that would change a result.

    `loss` computes the training loss of so many of the `rows` available. From that pass follows
    whether batches can be split: the loss is the task's, not the model's; each row has its own
    output; no random number is drawn except for dropout; no buffer (a running mean) changes.
    """
    if cores.count < PARTS or processes.count() > 1 or rows < ROWS_TO_TRY:
        return None
    if sum(weight.numel() for weight in model.parameters()) < LEAST_WEIGHTS:
        return None
    if any(getattr(module, "gradient_checkpointing", False) for module in model.modules()):
        return None  # A layer that is computed again would draw another mask.
    calls: list[tuple[Any, ...]] = []
    handle = model.register_forward_hook(lambda _, *call: calls.append(call), with_kwargs=True)
    buffers = [(buffer, buffer._version) for buffer in model.buffers()]
    with handle, random_state_kept(), drawing_from(torch.Generator()):
        before = random_state()
        loss(ROWS_TO_TRY)
        drawn = random_state() != before
    changed = any(buffer._version != version for buffer, version in buffers)
    if drawn or changed or len(calls) != 1:
        return None
    [(positional, named, outputs)] = calls
    if positional or not isinstance(outputs, dict) or "loss" in outputs:
        return None
    # Texts may be read in windows, each of them a row for the model; covariates are a row's.
    tensors = {**named, **outputs}
    apart = (COVARIATES, EFFECTS)
    sizes = {
        _rows_of(one) for name, one in tensors.items() if one is not None and name not in apart
    }
    able = len(sizes) == 1 and sizes.pop() >= ROWS_TO_TRY
    return SplitBatch(model, cores) if able else None


def _rows_of(value: Any) -> int:
    return len(value) if isinstance(value, torch.Tensor) and value.dim() > 0 else 0


def _interleaved(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return the rows of all parts in their order: the inverse of `[part::parts]`."""
    out = parts[0].new_empty((sum(map(len, parts)), *parts[0].shape[1:]))
    for number, part in enumerate(parts):
        out[number :: len(parts)] = part.detach()
    return out


def _same_autocast() -> Callable[[], torch.autocast]:
    """Return what gives another thread the autocast settings of this one."""
    dtype, enabled = torch.get_autocast_dtype("cpu"), torch.is_autocast_enabled("cpu")
    return lambda: torch.autocast("cpu", dtype=dtype, enabled=enabled)


def _looks_up(module: torch.nn.Module) -> bool:
    """Say whether a module is an embedding table whose gradient may be sparse."""
    return type(module) is torch.nn.Embedding and not (module.sparse or module.scale_grad_by_freq)


def _in_products(model: torch.nn.Module) -> set[int]:
    """Return the ids of weights that only matrix products use, in the precision of the step."""
    exact = {id(layer) for layer in last_layers(model)}
    inside: set[int] = set()
    outside: set[int] = set()
    for module in model.modules():
        product = type(module) is torch.nn.Linear and id(module) not in exact
        numbers = {id(weight) for weight in module.parameters(recurse=False)}
        (inside if product else outside).update(numbers)
    return inside - outside
