"""`gft.json`: a fit with every default resolved, and what it ran on."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gft import __version__
from gft.adapters.lora import count_parameters, described
from gft.adapters.options import LoraOptions
from gft.engine.circumstances import processor_name, versions_of
from gft.engine.options import HandedOn, TrainingOptions
from gft.language.terms import Interaction
from gft.record_file import FORMAT
from gft.registry import arguments
from gft.tasks.together import repeated_rows

if TYPE_CHECKING:
    from gft.baselines.linear import LinearModel
    from gft.engine.fitting import Trained
    from gft.engine.placed_model import PlacedModel
    from gft.functions.encoding import EncodedSplits
    from gft.functions.preparing import Prepared

PACKAGES = ("torch", "transformers", "datasets", "tokenizers", "accelerate", "numpy",
            "scikit-learn", "peft")  # fmt: skip
"""Those whose versions a fit depends on."""
WITHOUT_NET = ("numpy", "scipy")
"""The same of one without a net."""


def record_of(
    prepared: Prepared, encoded: EncodedSplits, placed: PlacedModel, trained: Trained
) -> dict[str, Any]:
    """Return `gft.json`: the whole program with every default resolved, enough to run it again."""
    loaded, program, source = placed.loaded, prepared.program, prepared.source
    parameters, trained_parameters = count_parameters(loaded.model)
    lora = described(loaded.model)
    if lora is not None:
        lora["merged"] = program.options.of(LoraOptions).merge_lora
    terms = () if prepared.task.covariates is None else prepared.task.covariates.terms
    covariates = [str(Interaction(term)) for term in terms]
    how_to_load = source.how_to_load(type(loaded.model).__name__)
    losses = [row["loss"] for row in trained.history if "loss" in row]
    by_val = program.options.of(TrainingOptions).load_best_model_at_end
    return {
        **_begun(prepared),
        "data": {
            **_data(prepared),
            "truncated": {role: one.rows for role, one in encoded.unread.items()},
            "tokens_truncated": {role: one.share for role, one in encoded.unread.items()},
            "too_long": prepared.task.too_long(encoded.max_length),
        },
        "model": {
            **source.origin,
            "spec": str(source.spec),
            "architecture": type(loaded.model).__name__,
            "parameters": parameters,
            "trained_parameters": trained_parameters,
            "new_weights": list(loaded.new_weights),
            **({"lora": lora} if lora else {}),
            **({"covariates": covariates} if covariates else {}),
            **({"how_to_load": how_to_load} if how_to_load else {}),
        },
        "max_length": encoded.max_length,
        "training": {
            "steps": trained.step,
            "epochs": trained.epochs,
            "effective_batch": trained.effective_batch,
            "micro_batch": trained.micro_batch,
            **({"cuda_graphs": trained.cuda_graphs} if trained.cuda_graphs else {}),
            "last_loss": losses[-1] if losses else None,
            "best_step": trained.best_step,
            "best_epoch": trained.best_epoch,
            "chosen_by": "val" if by_val and trained.best_merit is not None else "the last step",
        },
        **placed.precision.saved(),
        "fast_path": placed.verdict,
        "hardware": hardware(),
        "versions": versions(PACKAGES),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def record_without_net(
    prepared: Prepared, model: LinearModel, size: int, unread: Mapping[str, int]
) -> dict[str, Any]:
    """Return `gft.json` of a fit without a net, of `size` coefficients.

    `unread` are how many rows of each role are not read whole.
    """
    return {
        **_begun(prepared),
        "data": {**_data(prepared), "truncated": dict(unread), "tokens_truncated": {}},
        "model": {
            "spec": model.what,
            "architecture": model.method,
            "parameters": size,
            "trained_parameters": size,
            "new_weights": [],
        },
        "max_length": 0,
        "training": {"rows": model.rows},
        "hardware": machine(),
        "versions": versions(WITHOUT_NET),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def _begun(prepared: Prepared) -> dict[str, Any]:
    """Return what a record says of the program, the task and the metrics."""
    program = prepared.program
    return {
        "gft_format": FORMAT,
        "program": {**program.saved(arguments()), "eqn": str(prepared.equation)},
        "identity": program.identity(arguments()),
        "task": {"name": prepared.task.name, **prepared.task.saved()},
        "metrics": [metric.name for metric in prepared.metrics],
        "figure_of_merit": prepared.merit.name,
        "greater_is_better": prepared.merit.greater_is_better,
        "seed": program.options.of(HandedOn).seed,
    }


def _data(prepared: Prepared) -> dict[str, Any]:
    """Return what a record says of the data, but for what is not read of it."""
    data, partition = prepared.data, prepared.partition
    return {
        **data.origin,
        "name": data.name,
        "fingerprint": data.fingerprint(),
        "splits": partition.names(),
        "rows": {role: len(some) for role, some in prepared.rows.items()},
        "without_label": partition.without_label(),
        "repeated": {
            role: repeated_rows(prepared.task, some) for role, some in prepared.rows.items()
        },
        "drawing": partition.drawing and asdict(partition.drawing),
        "test_is_optimistic": partition.optimistic,
        "cells": dict(prepared.cells),
        **({"corrections": prepared.corrected.saved()} if prepared.corrected else {}),
    }


def hardware() -> dict[str, Any]:
    """Return what this machine is, with its GPUs."""
    import torch

    gpus = [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())]
    return {**machine(processor_name()), "gpus": gpus}


def machine(processor: str | None = None) -> dict[str, Any]:
    """Return what this machine is, with a better name of its processor; GPUs are not looked for."""
    return {
        "processor": processor or platform.processor(),
        "cores": os.cpu_count(),
        "gpus": [],
        "system": platform.platform(),
    }


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Return the versions of what computed."""
    own = {"python": platform.python_version(), "gft": __version__}
    return {**own, **versions_of(packages)}
