"""`gft.json`: a fit with every default resolved, and what it ran on."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from gft.adapters import lora as adapters
from gft.folder import FORMAT
from gft.functions.preparing import Encoded, Prepared

if TYPE_CHECKING:
    from gft.engine.fitting import Trained
    from gft.engine.precision import Precision
    from gft.suppliers.protocol import Loaded


def describe(
    prepared: Prepared,
    encoded: Encoded,
    loaded: Loaded,
    precision: Precision,
    trained: Trained,
) -> dict[str, Any]:
    """Return `gft.json`: the whole program with every default resolved, enough to run it again."""
    parameters, trained_parameters = adapters.count_parameters(loaded.model)
    lora = adapters.described(loaded.model)
    if lora is not None:
        lora["merged"] = prepared.program.options.merge_lora
    saved = prepared.program.saved()
    saved["eqn"] = str(prepared.equation)
    return {
        "gft_format": FORMAT,
        "program": saved,
        "identity": prepared.program.identity(),
        "data": {
            **prepared.data.origin,
            "name": prepared.data.name,
            "fingerprint": prepared.data.fingerprint(),
            "splits": prepared.roles.names(),
            "rows": {role: len(rows) for role, rows in prepared.splits.rows.items()},
            "without_label": prepared.splits.left_out,
            "cut": encoded.cut,
            "test_is_optimistic": prepared.roles.optimistic,
        },
        "model": {
            **prepared.source.origin,
            "spec": str(prepared.source.spec),
            "architecture": type(loaded.model).__name__,
            "parameters": parameters,
            "trained_parameters": trained_parameters,
            "new_weights": list(loaded.new_weights),
            **({"lora": lora} if lora else {}),
        },
        "task": {"name": prepared.task.name, **prepared.task.saved()},
        "metrics": [m.name for m in prepared.metrics],
        "figure_of_merit": prepared.merit.name,
        "greater_is_better": prepared.merit.greater_is_better,
        "max_length": encoded.max_length,
        "training": {
            "steps": trained.step,
            "epochs": trained.epochs,
            "effective_batch": trained.effective_batch,
            "micro_batch": trained.micro_batch,
            "last_loss": next(
                (row["loss"] for row in reversed(trained.history) if "loss" in row), None
            ),
            "best_step": trained.best_step,
            "best_epoch": trained.best_epoch,
            "chosen_by": "val"
            if prepared.program.options.load_best_model_at_end and trained.best_merit is not None
            else "the last step",
        },
        "seed": prepared.program.options.seed,
        **precision.saved(),
        "hardware": hardware(),
        "versions": versions(),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def hardware() -> dict[str, Any]:
    """Return what this machine is."""
    import torch

    gpus = [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())]
    processor = torch.cpu.get_capabilities().get("cpu_name") or platform.processor()
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "gpus": gpus,
        "system": platform.platform(),
    }


def versions() -> dict[str, str]:
    """Return the versions of what computed."""
    found = {"python": platform.python_version()}
    for name in (
        "gft",
        "torch",
        "transformers",
        "datasets",
        "tokenizers",
        "accelerate",
        "numpy",
        "scikit-learn",
        "peft",
    ):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
