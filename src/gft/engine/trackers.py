"""The trackers of experiments that a training can report to, through `transformers`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from gft.errors import Mistakes, no_such

PACKAGES = {
    "azure_ml": ("azureml",),
    "clearml": ("clearml",),
    "codecarbon": ("codecarbon",),
    "comet_ml": ("comet_ml",),
    "dagshub": ("dagshub",),
    "dvclive": ("dvclive",),
    "flyte": ("flytekit",),
    "kubeflow": ("kubeflow",),
    "mlflow": ("mlflow",),
    "neptune": ("neptune",),
    "swanlab": ("swanlab",),
    "tensorboard": ("tensorboard", "tensorboardX"),
    "trackio": ("trackio",),
    "wandb": ("wandb",),
}
"""The packages of each, of which one will do."""


def check_trackers(names: Sequence[str] | None) -> None:
    """Raise `UserError` for each of `--report_to` that does not exist or is not installed."""
    mistakes = Mistakes()
    for name in names or ():
        if name in ("all", "none"):
            continue
        if name not in PACKAGES:
            mistakes.add(f"--report_to: {no_such('tracker', name, [*PACKAGES, 'all', 'none'])}")
        elif not any(find_spec(package) for package in PACKAGES[name]):
            package = PACKAGES[name][0]
            mistakes.add(
                f"--report_to {name}: the package {package} is not installed: pip install {package}"
            )
    mistakes.raise_any()
