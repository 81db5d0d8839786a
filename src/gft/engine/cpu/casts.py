"""Weights that are cast once where a model only predicts, and laid out as products read them.

On a CPU a cast costs as much as what is computed for a few short rows. The weights stay what and
where they are, for whoever goes on training the model.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from gft.engine.precision import last_layers


class Casts:
    """The cast weights of a model's layers but for the last, kept from one context to the next."""

    def __init__(self, model: torch.nn.Module, dtype: torch.dtype) -> None:
        last = {id(layer) for layer in last_layers(model)}
        self.casts = [
            _Cast(layer, dtype)
            for layer in model.modules()
            if type(layer) is torch.nn.Linear and id(layer) not in last
        ]

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Let the layers compute with them."""
        for cast in self.casts:
            # A forward pass of one's own is a hook of torch's that its types do not know.
            cast.layer.forward = cast  # type: ignore[assignment,method-assign]  # see above
        try:
            yield
        finally:
            for cast in self.casts:
                vars(cast.layer).pop("forward", None)  # Another thread may have been faster.


class _Cast:
    """A layer's forward pass in another format, with weights that are cast when they change.

    Where nobody asks for that format (a model that is called by itself computes in fp32),
    gradients are wanted, or the weights are not in fp32, it is the layer's own.
    """

    def __init__(self, layer: torch.nn.Linear, dtype: torch.dtype) -> None:
        self.layer = layer
        self.dtype = dtype
        self.own = layer.forward
        self.cast: tuple[tuple[int, int], torch.Tensor, torch.Tensor | None] | None = None

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return what the layer does, in its format."""
        weight, bias = self.layer.weight, self.layer.bias
        if not torch.is_autocast_enabled(inputs.device.type) or torch.is_grad_enabled():
            return self.own(inputs)
        if weight.is_inference() or weight.dtype != torch.float32:
            return self.own(inputs)
        seen = (id(weight), weight._version)
        cast = self.cast  # Read and written whole: other threads do so too.
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
    """Return weights laid out as oneDNN reads them, where it has products for their format.

    Otherwise it lays them out anew for every batch, which takes a fifteenth of the time.
    """
    if weight.device.type != "cpu" or weight.dtype != torch.bfloat16:
        return weight
    if not torch.backends.mkldnn.enabled or not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return weight
    arranged: torch.Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), None)
    return arranged
