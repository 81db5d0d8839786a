"""The environment of a computation: the processor and the versions of packages."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version


def processor_name() -> str:
    """Return the name of the processor."""
    import torch

    return str(torch.cpu.get_capabilities().get("cpu_name") or platform.processor())


def versions_of(packages: Iterable[str]) -> dict[str, str]:
    """Return the versions of the packages that are installed, by name."""
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
