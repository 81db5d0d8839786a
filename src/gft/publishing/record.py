"""The record of a fit as others may see it: without paths, the machine, or who fitted it."""

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
"""Parts of a record that name nothing but the fit."""
OF_DATA = ("fingerprint", "splits", "rows", "without_label", "truncated",
           "tokens_truncated", "too_long", "repeated", "drawing", "test_is_optimistic",
           "cells")  # fmt: skip
OF_MODEL = ("architecture", "parameters", "trained_parameters", "new_weights", "form", "covariates",
            "how_to_load")  # fmt: skip
OF_NAMES = ("repository", "commit", "config", "revision")
"""What says where something is that others can have too."""
NUMBERS = ("whole", "number", "flag")
"""The kinds of arguments whose values name nothing."""
OWN_DATA, OWN_MODEL = "data of one's own", "a model of one's own"


def public_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a fit's `gft.json` with what others need to use the model, and nothing else.

    It is made of parts that are named here. What is on the machine is called by the last part of
    its path; arguments are those with numbers, flags and choices. So no path, user, host, hardware
    or token is in it.
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
            "model": _spelt(program.get("model")),
            "data": _spelt(program.get("data")),
            "metric": metrics,
            "task": program.get("task"),
            "eqn": program["eqn"],
            "splits": program.get("splits"),
            "arguments": given,
        },
        "identity": {},
        "data": {
            **{name: data[name] for name in OF_DATA if name in data},
            **_place(data),
            "name": _last(str(data.get("name") or OWN_DATA)),
        },
        "model": {
            **{name: model[name] for name in OF_MODEL if name in model},
            **_place(model),
            "spec": _spelt(str(model["spec"])),
            **({"lora": _without_place(model["lora"])} if model.get("lora") else {}),
        },
        "metrics": [one for one in record.get("metrics", ()) if not _of_path(one)],
        "files": [],
    }


def _place(origin: Mapping[str, Any]) -> dict[str, Any]:
    """Return where data or a model came from, if others can have it too; else from memory."""
    if origin.get("repository"):
        names = {name: origin[name] for name in OF_NAMES if name in origin}
        return {"supplier": origin["supplier"], **names}
    return {"supplier": "memory"}


def _without_place(lora: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of an adapter, without a base that is a path."""
    base = str(lora.get("base") or "")
    named = re.fullmatch(r"[\w.-]+(/[\w.-]+)?", base) is not None and not base.startswith(".")
    return {name: one for name, one in lora.items() if name != "base" or named}


def _of_path(text: str) -> bool:
    spec = parse(text) if ":" in text else None
    return spec is not None and spec.supplier == letters().of_paths


def _spelt(text: str | None) -> str | None:
    """Return a specification, of a path the last part alone."""
    if text is None:
        return None
    spec: Spec = parse(text)
    if spec.bare and not spec.is_path:
        return text  # A name without a supplier, or what a model without a net is.
    if spec.supplier != letters().of_paths and not spec.is_path:
        return str(spec)
    return f"{letters().of_paths}:{_last(spec.key)}"


def _last(path: str) -> str:
    """Return the last part of a path of whichever system."""
    return PureWindowsPath(PurePosixPath(path).name).name or OWN_MODEL
