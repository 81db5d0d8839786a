"""Weights that are cast once for predictions, in the memory layout of matrix products.

On a CPU a cast costs as much as the computation for a few short rows. The model's own weights do
not change, so that it can still be trained.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from gft.engine.precision import last_layers


class Casts:
    """The cast weights of a model's layers except the last, kept from one context to the next."""

    def __init__(self, model: torch.nn.Module, dtype: torch.dtype) -> None:
        last = {id(layer) for layer in last_layers(model)}
        self.casts = [
            _Cast(layer, dtype)
            for layer in model.modules()
            if type(layer) is torch.nn.Linear and id(layer) not in last
        ]

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Let the layers compute with the cast weights."""
        for cast in self.casts:
            # An instance's own forward pass is a hook of torch that its types do not know.
            cast.layer.forward = cast  # type: ignore[assignment,method-assign]  # see above
        try:
            yield
        finally:
            for cast in self.casts:
                vars(cast.layer).pop("forward", None)  # Another thread may have removed it.


class _Cast:
    """A layer's forward pass in another precision, with weights that are cast when they change.

    It is the layer's own forward pass outside of autocast (a model called directly computes in
    fp32), with gradients, or if the weights are not in fp32.
    """

    def __init__(self, layer: torch.nn.Linear, dtype: torch.dtype) -> None:
        self.layer = layer
        self.dtype = dtype
        self.own = layer.forward
        self.cast: tuple[tuple[int, int], torch.Tensor, torch.Tensor | None] | None = None

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the layer's outputs, in this precision."""
        weight, bias = self.layer.weight, self.layer.bias
        if not torch.is_autocast_enabled(inputs.device.type) or torch.is_grad_enabled():
            return self.own(inputs)
        if weight.is_inference() or weight.dtype != torch.float32:
            return self.own(inputs)
        seen = (id(weight), weight._version)
        cast = self.cast  # Read and written as one object, because of other threads.
        if cast is None or cast[0] != seen:
            added = None if bias is None else bias.to(self.dtype)
            cast = self.cast = seen, _arranged(weight.to(self.dtype)), added
        if not cast[1].is_mkldnn:
            return torch.nn.functional.linear(inputs.to(self.dtype), *cast[1:])
        product: torch.Tensor = torch.ops.mkldnn._linear_pointwise(
            inputs.to(self.dtype), *cast[1:], "none", [], ""
        )
        return product


def _arranged(weight: torch.Tensor) -> torch.Tensor:
    """Return weights in oneDNN's memory layout, where it supports their precision.

    Otherwise it reorders them for every batch, which takes a fifteenth of the time.
    """
    if weight.device.type != "cpu" or weight.dtype != torch.bfloat16:
        return weight
    if not torch.backends.mkldnn.enabled or not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return weight
    arranged: torch.Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), None)
    return arranged
