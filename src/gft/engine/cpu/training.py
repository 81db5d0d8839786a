"""What makes training on a CPU faster and changes no expectation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import torch

from gft.engine.cpu.attention import plain_products
from gft.engine.cpu.dropout import cheap_dropout
from gft.engine.cpu.encoder import lean_encoder

if TYPE_CHECKING:
    from gft.engine.cpu.halves import Halves


@contextmanager
def fast_training(
    model: torch.nn.Module, device: torch.device, halves: Halves | None = None
) -> Iterator[None]:
    """Let a model compute nothing that it need not while it trains, on any device.

    With `halves`, both halves of a batch at once.
    """
    apart = nullcontext() if halves is None else halves.at_once()
    with cheap_dropout(device), plain_products(device), lean_encoder(model), apart:
        yield
