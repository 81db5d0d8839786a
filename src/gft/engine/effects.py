"""The covariates' part of a model in torch: a module inside the net, which stays what it was.

The net is given the covariates of rows beside what it reads, and returns their effects beside its
logits; `gft.tasks.effects` adds them up. So the effects are parameters of the net as any other for
optimizers, checkpoints and processes, and its own class, name and files know nothing of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gft.covariates.covariates import NUMBERS
from gft.covariates.effects import Effects
from gft.covariates.files import WEIGHTS
from gft.tasks.effects import EFFECTS

PART = "covariates_part"
"""The name of the module inside a net."""
LEARNING_RATE = 0.01
WEIGHT_DECAY = 0.01
"""Those of the effects alone: they begin at 0 and have as many steps as a net that knows much."""


class CovariateEffects(torch.nn.Module):
    """What covariates add to logits: a weight for each output and each column of the design.

    The weights of each output are in its unit, so that numbers of thousands are learned as fast.
    """

    def __init__(self, weights: torch.Tensor, units: torch.Tensor) -> None:
        super().__init__()
        self.weights = torch.nn.Parameter(weights)
        self.units: torch.Tensor
        self.register_buffer("units", units, persistent=False)

    def forward(self, covariates: torch.Tensor) -> torch.Tensor:
        """Return what is added to the logits of rows, shape (rows, outputs), in fp32 always."""
        with torch.autocast(covariates.device.type, enabled=False):
            return covariates.float() @ (self.weights * self.units[:, None]).T


class _WithEffects:
    """What the class of a net is mixed with while the net has effects of covariates."""

    def forward(self, *args: Any, covariates: torch.Tensor | None = None, **kwargs: Any) -> Any:
        """Return what the net returns, with the `effects` of rows that have covariates."""
        net: Any = super()
        outputs = net.forward(*args, **kwargs)
        if covariates is None:
            return outputs
        return {**outputs, EFFECTS: getattr(self, PART)(covariates)}


def attach(model: torch.nn.Module, effects: Effects, units: Sequence[float] = ()) -> None:
    """Give a net effects of covariates, in place; `units` are the units they are trained in."""
    count = len(effects.weights)
    each = np.asarray(units or np.ones(count), np.float32)
    part = CovariateEffects(
        torch.from_numpy(effects.weights / each[:, None]), torch.from_numpy(each)
    )
    model.add_module(PART, part)
    _mix(model)


def part_of(model: torch.nn.Module) -> CovariateEffects | None:
    """Return the effects of covariates that a net has, None where it has none."""
    return getattr(model, PART, None)


def effects_of(model: torch.nn.Module) -> Effects | None:
    """Return the effects of covariates that a net has in numpy, None where it has none."""
    part = part_of(model)
    if part is None:
        return None
    return Effects((part.weights * part.units[:, None]).detach().cpu().numpy())


@contextmanager
def apart(model: torch.nn.Module) -> Iterator[None]:
    """Leave a net without its effects within, as `transformers` knows it: to be written."""
    part = part_of(model)
    if part is None:
        yield
        return
    mixed = type(model)
    model.__class__ = mixed.__bases__[1]
    delattr(model, PART)
    try:
        yield
    finally:
        model.add_module(PART, part)
        model.__class__ = mixed


def save_part(model: torch.nn.Module, place: Path) -> None:
    """Write the weights of a net's effects into a checkpoint, if it has any."""
    from safetensors.torch import save_file

    part = part_of(model)
    if part is not None:
        save_file({WEIGHTS: part.weights.detach().cpu().contiguous()}, place / NUMBERS)


def saved_part(model: torch.nn.Module, place: Path) -> dict[str, torch.Tensor]:
    """Return what `save_part` wrote by the names of the net's weights; empty where it has none."""
    from safetensors.torch import load_file

    if part_of(model) is None:
        return {}
    return {f"{PART}.{name}": weight for name, weight in load_file(place / NUMBERS).items()}


def give_own_rate(optimizer: torch.optim.Optimizer, model: torch.nn.Module) -> None:
    """Let an optimizer train a net's effects at their own learning rate and weight decay."""
    part = part_of(model)
    if part is None:
        return
    own = {id(weight) for weight in part.parameters()}
    for group in optimizer.param_groups:
        group["params"] = [weight for weight in group["params"] if id(weight) not in own]
    optimizer.add_param_group(
        {"params": list(part.parameters()), "lr": LEARNING_RATE, "weight_decay": WEIGHT_DECAY}
    )


def _mix(model: torch.nn.Module) -> None:
    """Let a net return effects beside its logits: its class gets a parent, and keeps its name."""
    own = type(model)
    called = {"__module__": own.__module__, "__qualname__": own.__qualname__}
    model.__class__ = type(own.__name__, (_WithEffects, own), called)
