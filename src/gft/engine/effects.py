"""The covariates' part of a model in torch: a module inside a net that is otherwise unchanged.

The net takes the covariates of rows beside its inputs, and returns their effects beside its
logits; `gft.tasks.effects` adds the two. So optimizers, checkpoints and processes treat the
effects as ordinary parameters, and the net's own class, name and files do not know them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from gft.covariates.covariates import NUMBERS
from gft.covariates.effects import Effects
from gft.covariates.files import GAIN, WEIGHTS
from gft.metrics.protocol import Array
from gft.tasks.effects import EFFECTS

PART = "covariates_part"
"""The name of the module inside a net."""
RATES = {WEIGHTS: (3e-3, 0.0), GAIN: (3e-2, 1.0)}
"""Learning rate and weight decay of each part of the effects, as benchmarks/fusion.py found them:
weights begin near their final values, gain begins at 0."""


class CovariateEffects(torch.nn.Module):
    """The effects of covariates on logits: weights that are added, and a gain that multiplies.

    The weights of each output are in its unit, so that an output in thousands is learned as fast.
    The gain multiplies the distance of a logit from its middle.
    """

    def __init__(self, effects: Effects, middles: torch.Tensor, units: torch.Tensor) -> None:
        super().__init__()
        gain = torch.from_numpy(effects.gain)
        weights = torch.from_numpy(effects.weights) + middles[:, None] * gain
        self.weights = torch.nn.Parameter(weights / units[:, None])
        self.gain = torch.nn.Parameter(gain.clone())
        self.middles: torch.Tensor
        self.units: torch.Tensor
        self.register_buffer("middles", middles, persistent=False)
        self.register_buffer("units", units, persistent=False)

    def forward(self, covariates: torch.Tensor) -> torch.Tensor:
        """Return the argument of `with_effects`, shape (rows, outputs + 1), always in fp32."""
        with torch.autocast(covariates.device.type, enabled=False):
            return covariates.float() @ torch.cat([self.added(), self.gain[None]]).T

    def added(self) -> torch.Tensor:
        """Return the weights on the scale of the logits, shape (outputs, columns)."""
        return self.weights * self.units[:, None] - self.middles[:, None] * self.gain


class _WithEffects:
    """The mixin of a net's class while the net has effects of covariates."""

    def forward(self, *args: Any, covariates: torch.Tensor | None = None, **kwargs: Any) -> Any:
        """Return what the net returns, with the `effects` of rows that have covariates."""
        net: Any = super()
        outputs = net.forward(*args, **kwargs)
        if covariates is None:
            return outputs
        return {**outputs, EFFECTS: getattr(self, PART)(covariates)}


def attach(
    model: torch.nn.Module,
    effects: Effects,
    middles: Sequence[float] = (),
    units: Sequence[float] = (),
) -> None:
    """Give a net effects of covariates, in place.

    `middles` and `units` are the means and the standard deviations of the net's outputs, for
    training; 0 and 1 if not given.
    """
    count = len(effects.weights)
    part = CovariateEffects(
        effects,
        torch.tensor(middles or [0.0] * count, dtype=torch.float32),
        torch.tensor(units or [1.0] * count, dtype=torch.float32),
    )
    model.add_module(PART, part)
    _mix(model)


def part_of(model: torch.nn.Module) -> CovariateEffects | None:
    """Return the effects of covariates that a net has, None where it has none."""
    return getattr(model, PART, None)


def effects_of(model: torch.nn.Module) -> Effects | None:
    """Return the effects of covariates of a net in numpy, None where it has none."""
    part = part_of(model)
    if part is None:
        return None
    added, gain = (one.detach().cpu().numpy() for one in (part.added(), part.gain))
    return Effects(added, gain)


def set_weights(model: torch.nn.Module, weights: Array) -> None:
    """Set what a net's effects add, shape (outputs, columns); their gain is 0."""
    part = part_of(model)
    assert part is not None
    with torch.no_grad():
        part.weights.copy_(torch.from_numpy(weights) / part.units.cpu()[:, None])


@contextmanager
def apart(model: torch.nn.Module) -> Iterator[None]:
    """Take a net's effects away within, so that `transformers` can write it."""
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


def save_part(model: torch.nn.Module, folder: Path) -> None:
    """Write the weights of a net's effects into a checkpoint, if it has any."""
    from safetensors.torch import save_file

    part = part_of(model)
    if part is not None:
        save_file(part.state_dict(), folder / NUMBERS)


def saved_part(model: torch.nn.Module, folder: Path) -> dict[str, torch.Tensor]:
    """Return what `save_part` wrote, by the names of the net's weights; empty without effects."""
    from safetensors.torch import load_file

    if part_of(model) is None:
        return {}
    return {f"{PART}.{name}": weight for name, weight in load_file(folder / NUMBERS).items()}


def give_own_rate(optimizer: torch.optim.Optimizer, model: torch.nn.Module) -> None:
    """Give a net's effects a learning rate and weight decay of their own in an optimizer."""
    part = part_of(model)
    if part is None:
        return
    own = {id(weight) for weight in part.parameters()}
    for group in optimizer.param_groups:
        group["params"] = [weight for weight in group["params"] if id(weight) not in own]
    for name, (rate, decay) in RATES.items():
        weights = [part.get_parameter(name)]
        optimizer.add_param_group({"params": weights, "lr": rate, "weight_decay": decay})


def _mix(model: torch.nn.Module) -> None:
    """Make a net return effects beside its logits: its class gets a mixin and keeps its name."""
    own = type(model)
    called = {"__module__": own.__module__, "__qualname__": own.__qualname__}
    model.__class__ = type(own.__name__, (_WithEffects, own), called)
