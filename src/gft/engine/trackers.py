"""The experiment trackers that a training can report to, through `transformers`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from gft.errors import Mistakes, no_such

PACKAGES = {
    "azure_ml": ("azureml",),
    "flyte": ("flytekit",),
    "tensorboard": ("tensorboard", "tensorboardX"),
}
"""The packages of a tracker whose name differs from them; one of the packages suffices."""


def check_trackers(names: Sequence[str] | None) -> None:
    """Raise `UserError` for each tracker of `--report_to` that is unknown or not installed."""
    if not names:
        return
    from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK

    known, mistakes = [*INTEGRATION_TO_CALLBACK, "all", "none"], Mistakes()
    for name in names:
        packages = PACKAGES.get(name, (name,))
        if name not in known:
            mistakes.add(f"--report_to: {no_such('tracker', name, known)}")
        elif name not in ("all", "none") and not any(map(find_spec, packages)):
            problem = f"the package {packages[0]} is not installed: pip install {packages[0]}"
            mistakes.add(f"--report_to {name}: {problem}")
    mistakes.raise_any()
