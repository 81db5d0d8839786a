"""Seeds of steps and batches, at once and for the devices that gft computes on alone."""

from __future__ import annotations

import torch


def seed_processor(seed: int) -> None:
    """Seed the generator of the CPU, as `torch.manual_seed` does it.

    That function seeds all kinds of devices: those that are not in use keep a trace of the call for
    later, which takes up to a millisecond, and whoever asks twice a step asks often.
    """
    torch.default_generator.manual_seed(seed)


def seed_devices(seed: int) -> None:
    """Seed the generators of the CPU and of the GPUs in use."""
    seed_processor(seed)
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]  # torch's
        torch.cuda.manual_seed_all(seed)
    if torch.backends.mps.is_available():
        torch.mps.manual_seed(seed)
