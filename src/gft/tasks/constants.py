"""Numbers of a loss that are the same in every step, kept on the device that computes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@cache
def constant(values: tuple[float, ...], device: torch.device) -> torch.Tensor:
    """Return numbers as a float32 tensor on a device, which is made once and kept.

    To copy them there for every batch would make the CPU wait for a GPU.
    """
    import torch

    with torch.inference_mode(False):
        return torch.tensor(values, dtype=torch.float32, device=device)
