"""Random seeds of steps and batches, set only on the devices that gft computes on."""

from __future__ import annotations

import torch


def seed_processor(seed: int) -> None:
    """Seed the generator of the CPU, as `torch.manual_seed` does it.

    That function seeds every type of device. A device that is not in use records the call for
    later, which takes up to a millisecond: too long for a call made twice a step.
    """
    torch.default_generator.manual_seed(seed)


def seed_devices(seed: int) -> None:
    """Seed the generators of the CPU and of the GPUs in use."""
    seed_processor(seed)
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]  # torch's
        torch.cuda.manual_seed_all(seed)
    if torch.backends.mps.is_available():
        torch.mps.manual_seed(seed)
