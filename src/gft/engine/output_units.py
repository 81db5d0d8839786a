"""The last layer of a regression, trained in the units of what it predicts.

A new layer gives numbers near 0, of size 1 or below. Prices are far from there: a net would spend
its few epochs on the way to their mean, and with the steps of AdamW never reach their spread. So
the layer starts at the mean of train, and what it computes is multiplied by a unit near the
standard deviation of train. The units are powers of two, so that the weights on disk, which need
no units, are those of the training to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

import torch

from gft.engine.precision import last_layers

LARGEST_EXPONENT = 100
"""Units and their reciprocals are far from the ends of float32."""
_UNITS = "output_units"
"""The buffer of a layer whose outputs are multiplied, shape (outputs,)."""


def begin_in_units(
    model: torch.nn.Module,
    new_weights: Collection[str],
    means: Sequence[float],
    spreads: Sequence[float],
) -> None:
    """Let the last layer of a net learn numbers of these means and standard deviations, in place.

    A layer whose bias is among `new_weights` starts at the means. Numbers of mean 0 and standard
    deviation 1 need nothing, as logits do. A net without a single last layer is left as it is.
    """
    if not any(means) and all(one == 1 for one in spreads):
        return
    layers = last_layers(model)
    if len(layers) != 1 or layers[0].out_features != len(means):
        return
    [layer] = layers
    [name] = [name for name, module in model.named_modules() if module is layer]
    units = torch.tensor([_power_of_two(one) for one in spreads], dtype=layer.weight.dtype)
    with torch.no_grad():
        if f"{name}.weight" in new_weights:
            layer.weight.mul_(units[:, None])
        if layer.bias is not None and f"{name}.bias" in new_weights:
            layer.bias.copy_(torch.tensor(means, dtype=torch.float64))
    layer.register_buffer(_UNITS, units, persistent=False)
    layer.register_forward_hook(_in_data_units)
    to_own_units(model)


def to_own_units(model: torch.nn.Module) -> None:
    """Turn weights as they are on disk into those of the training, in place."""
    _multiply(model, torch.reciprocal)


@contextmanager
def in_data_units(model: torch.nn.Module) -> Iterator[None]:
    """Give a net the weights that are written to disk, within."""
    _multiply(model)
    try:
        yield
    finally:
        to_own_units(model)


def end_units(model: torch.nn.Module) -> None:
    """Give a net the weights that are written to disk for good: all its units are 1 from now on."""
    _multiply(model)
    for layer in _with_units(model):
        layer.get_buffer(_UNITS).fill_(1)


def _in_data_units(layer: torch.nn.Module, _: object, outputs: torch.Tensor) -> torch.Tensor:
    return outputs * layer.get_buffer(_UNITS)


def _power_of_two(spread: float) -> float:
    return 2.0 ** min(max(round(math.log2(spread)), -LARGEST_EXPONENT), LARGEST_EXPONENT)


def _with_units(model: torch.nn.Module) -> list[torch.nn.Module]:
    """Return the layers that have units: one, or with LoRA its untrained original too."""
    return [
        module for module in model.modules() if _UNITS in dict(module.named_buffers(recurse=False))
    ]


def _multiply(
    model: torch.nn.Module, by: Callable[[torch.Tensor], torch.Tensor] = torch.Tensor.clone
) -> None:
    with torch.no_grad():
        for layer in _with_units(model):
            units = by(layer.get_buffer(_UNITS))
            for weight in layer.parameters(recurse=False):
                weight.mul_(units.view(-1, *[1] * (weight.dim() - 1)).to(weight.dtype))
