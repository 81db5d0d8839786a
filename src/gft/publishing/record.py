"""The public record of a fit: without paths, the machine, or the user."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from gft.language.spec import Spec
from gft.registry import arguments
from gft.suppliers.installed import letters, parse

WHOLE = ("gft_format", "task", "figure_of_merit", "greater_is_better", "max_length", "training",
         "seed", "precision", "versions")  # fmt: skip
"""Parts of a record that describe only the fit."""
OF_DATA = ("fingerprint", "splits", "rows", "without_label", "truncated",
           "tokens_truncated", "too_long", "repeated", "drawing", "test_is_optimistic",
           "cells")  # fmt: skip
OF_MODEL = ("architecture", "parameters", "trained_parameters", "new_weights", "form", "covariates",
            "how_to_load")  # fmt: skip
OF_NAMES = ("repository", "commit", "config", "revision")
"""Keys that locate something on a hub."""
NUMBERS = ("whole", "number", "flag")
"""The types of arguments whose values cannot name anything private."""
OWN_DATA, OWN_MODEL = "data of one's own", "a model of one's own"


def public_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a fit's `gft.json` with what others need to use the model, and nothing else.

    It has only the parts listed here. Of a path only the last part is kept, and of the arguments
    only numbers, flags and choices. So it has no path, user, host, hardware or token.
    """
    found = {name: record[name] for name in WHOLE if name in record}
    program, data, model = record["program"], record["data"], record["model"]
    table = arguments()
    given = {
        name: value
        for name, value in program["arguments"].items()
        if name in table and table[name].identity and value != table[name].default
        if table[name].kind in NUMBERS or table[name].choices
    }
    metrics = [one for one in program.get("metric", ()) if not _of_path(one)]
    return {
        **found,
        "program": {
            "function": program["function"],
            "model": _public_spec(program.get("model")),
            "data": _public_spec(program.get("data")),
            "metric": metrics,
            "task": program.get("task"),
            "eqn": program["eqn"],
            "splits": program.get("splits"),
            "arguments": given,
        },
        "identity": {},
        "data": {
            **{name: data[name] for name in OF_DATA if name in data},
            **_origin(data),
            "name": _last(str(data.get("name") or OWN_DATA)),
        },
        "model": {
            **{name: model[name] for name in OF_MODEL if name in model},
            **_origin(model),
            "spec": _public_spec(str(model["spec"])),
            **({"lora": _without_path(model["lora"])} if model.get("lora") else {}),
        },
        "metrics": [one for one in record.get("metrics", ()) if not _of_path(one)],
        "files": [],
    }


def _origin(origin: Mapping[str, Any]) -> dict[str, Any]:
    """Return where data or a model came from: its repository on a hub, or `memory`."""
    if origin.get("repository"):
        names = {name: origin[name] for name in OF_NAMES if name in origin}
        return {"supplier": origin["supplier"], **names}
    return {"supplier": "memory"}


def _without_path(lora: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an adapter, without a base that is a path."""
    base = str(lora.get("base") or "")
    named = re.fullmatch(r"[\w.-]+(/[\w.-]+)?", base) is not None and not base.startswith(".")
    return {name: one for name, one in lora.items() if name != "base" or named}


def _of_path(text: str) -> bool:
    spec = parse(text) if ":" in text else None
    return spec is not None and spec.supplier == letters().of_paths


def _public_spec(text: str | None) -> str | None:
    """Return a specification; of a path only the last part."""
    if text is None:
        return None
    spec: Spec = parse(text)
    if spec.bare and not spec.is_path:
        return text  # A name without a supplier, or that of a model without a net.
    if spec.supplier != letters().of_paths and not spec.is_path:
        return str(spec)
    return f"{letters().of_paths}:{_last(spec.key)}"


def _last(path: str) -> str:
    """Return the last part of a path, of Windows or of another system."""
    return PureWindowsPath(PurePosixPath(path).name).name or OWN_MODEL
