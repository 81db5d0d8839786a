"""Which runtime answers: the fastest for so many rows of those that answer as the model does."""

from __future__ import annotations

import os
import platform
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from gft.graphs.runtimes import ONNX, OPENVINO, TORCH

IMPORTS = {ONNX: 0.05, OPENVINO: 0.15}
"""Seconds that importing a runtime takes. Opening the graph is timed when it is exported: OpenVINO
compiles it, which takes the longer the larger the model is."""
START = {ONNX: 0.2, OPENVINO: 0.6, TORCH: 4.0}
"""Seconds until a runtime can answer where they were not timed: imports, and opening the model."""
STARTS = "seconds_to_start"
"""The field of a runtime's speed that has the seconds until it can answer."""
FULL = ("fp32", "bf16")
FEW = 1024
"""On most machines, a graph predicts so many rows before the model would be loaded."""
_FAST = ("amx_bf16", "avx512_bf16", "avx512_vnni", "avx2", "asimd", "bf16")


def machine() -> str:
    """Return what says how fast runtimes are, beside each other: the processor and its cores."""
    fields = _first_processor()
    flags = set((fields.get("flags") or fields.get("features") or "").split())
    has = [one for one in _FAST if one in flags]
    name = fields.get("model name") or platform.processor() or platform.machine()
    return ", ".join([name, f"{os.cpu_count()} cores", *has])


def _first_processor() -> dict[str, str]:
    """Return what Linux says of the first processor, by lower-case names; nothing elsewhere."""
    fields: dict[str, str] = {}
    with suppress(OSError), Path("/proc/cpuinfo").open(encoding="utf-8") as file:
        for line in file:
            if not line.strip() and fields.keys() & {"flags", "features"}:
                break  # The system takes long to describe all of a hundred processors.
            name, _, value = line.partition(":")
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def fastest(
    graph: Mapping[str, Any], there: Collection[str], rows: int, here: str
) -> tuple[str, str]:
    """Return the runtime for so many rows, and the precision that it computes in.

    `graph` is what was found when it was compared with its model: `speeds`, a list of runtimes
    and precisions with rows a second and the seconds until they start, on a `machine`. On another
    one few rows are the graph's, and many the model's. `there` are the runtimes of graphs that are
    installed.
    """
    if graph.get("machine") != here:
        return (ONNX, "fp32") if rows <= FEW and ONNX in there else (TORCH, "auto")
    seconds = {
        (one["runtime"], one["precision"]): _seconds(one, rows)
        for one in graph["speeds"]
        if one["precision"] in FULL and one["as_the_model"]
        if one["runtime"] == TORCH or one["runtime"] in there
    }
    return min(seconds, key=lambda one: seconds[one], default=(TORCH, "auto"))


def fastest_in_8_bits(
    graph: Mapping[str, Any], there: Collection[str], rows: int, here: str
) -> str:
    """Return the same of a graph in 8 bits: its runtime, as the model itself is no candidate.

    On another machine it is OpenVINO where that is installed, which computes in 8 bits.
    """
    speeds = graph["speeds"] if graph.get("machine") == here else ()
    seconds = {
        one["runtime"]: _seconds(one, rows)
        for one in speeds
        if one["precision"] == "int8" and one["as_the_model"] and one["runtime"] in there
    }
    usual = OPENVINO if OPENVINO in there else ONNX
    return min(seconds, key=lambda one: seconds[one], default=usual)


def _seconds(speed: Mapping[str, Any], rows: int) -> float:
    """Return how long a runtime takes to start and to predict so many rows."""
    start = speed.get(STARTS, START[speed["runtime"]])
    return float(start + rows / speed["rows_per_second"])
