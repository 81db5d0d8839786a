"""What computes: the processor and the versions of packages."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version


def processor_name() -> str:
    """Return what the processor is called."""
    import torch

    return str(torch.cpu.get_capabilities().get("cpu_name") or platform.processor())


def versions_of(packages: Iterable[str]) -> dict[str, str]:
    """Return the versions of those of some packages that are installed."""
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
