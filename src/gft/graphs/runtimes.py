"""What computes a graph: ONNX Runtime, or OpenVINO, with a core for each batch."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from threading import local
from typing import Any, ClassVar, TypeVar

from gft.errors import GftError, UserError, first_line, listed
from gft.graphs.outputs import NAMES
from gft.metrics.protocol import Array

TORCH, ONNX, OPENVINO = "torch", "onnx", "openvino"
PACKAGES: Mapping[str, str] = {ONNX: "onnxruntime", OPENVINO: "openvino"}
"""The package of each runtime of graphs; the extra of gft that brings it has the runtime's name."""
PREPARED = 64
"""How many operators OpenVINO keeps prepared for a shape of a batch, for each core. Its own 5,000
let the memory of a server grow by the hour, and are no faster: preparing one is cheap."""
T = TypeVar("T")
R = TypeVar("R")


def installed() -> tuple[str, ...]:
    """Return the runtimes of graphs that are installed; none is imported."""
    specs = {name: find_spec(package) for name, package in PACKAGES.items()}
    # What an uninstalled package leaves behind has no file of its own.
    return tuple(name for name, spec in specs.items() if spec is not None and spec.origin)


class Runtime(ABC):
    """A graph ready to be run; several threads may run it at once.

    `precision` is what it computes in: fp32, bf16 or int8. Raises `UserError` where the runtime
    is not installed, and `GftError` for a graph that it does not take.
    """

    name: ClassVar[str]
    batch_tokens: ClassVar[int]
    """The tokens of a batch, padding too, with which it is fastest."""

    def __init__(self, file: Path, precision: str, cores: int | None) -> None:
        self.file = file
        self.precision = precision
        self.cores = cores or _cores()
        if self.name not in installed():
            raise UserError(
                f"--runtime {self.name} needs {PACKAGES[self.name]}, which is not installed: "
                f"pip install 'gft[{self.name}]'"
            )
        if not file.is_file():
            raise UserError(f"{file} is missing: export the model again")
        try:
            self.outputs: Sequence[str] = self._open()
        except ImportError as problem:
            raise UserError(f"{PACKAGES[self.name]} cannot be imported: {problem}") from None
        except Exception as problem:
            raise GftError(
                f"{file}: {PACKAGES[self.name]} {self.version} cannot run it: {first_line(problem)}"
            ) from problem

    @cached_property
    def version(self) -> str:
        """The version of its package."""
        package = PACKAGES[self.name]
        try:
            return version(package)
        except PackageNotFoundError:  # Another distribution of it, such as onnxruntime-gpu.
            return str(import_module(package).__version__)

    @abstractmethod
    def _open(self) -> Sequence[str]:
        """Read the graph and return the names of its outputs."""

    @abstractmethod
    def _run(self, inputs: Mapping[str, Array]) -> list[Array]:
        """Return the outputs of a batch, in their order."""

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Return the outputs of a batch by their names."""
        return dict(zip(self.outputs, self._run(inputs), strict=True))

    def each(self, compute: Callable[[T], R], batches: Sequence[T]) -> list[R]:
        """Return what `compute` returns for each batch, in their order, a core for each."""
        if self.cores == 1 or len(batches) == 1:
            return [compute(batch) for batch in batches]
        with ThreadPoolExecutor(self.cores) as pool:
            return list(pool.map(compute, batches))

    def saved(self) -> dict[str, str]:
        """Return what an evaluation records of it."""
        return {"name": self.name, "version": self.version, "precision": self.precision}


class OnnxRuntime(Runtime):
    """ONNX Runtime on a CPU: small, and there at once."""

    name = ONNX
    batch_tokens = 512

    def _open(self) -> Sequence[str]:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # A core has a batch of its own.
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(self.file), options, providers=["CPUExecutionProvider"]
        )
        return [one.name for one in self._session.get_outputs()]

    def _run(self, inputs: Mapping[str, Array]) -> list[Array]:
        found: list[Array] = self._session.run(None, dict(inputs))
        return found


class OpenVino(Runtime):
    """OpenVINO on a CPU: the fastest where it is installed, and larger."""

    name = OPENVINO
    batch_tokens = 1024

    def _open(self) -> Sequence[str]:
        import numpy as np
        import openvino

        settings: dict[str, Any] = {
            "PERFORMANCE_HINT": "THROUGHPUT",
            "NUM_STREAMS": self.cores,
            "INFERENCE_NUM_THREADS": self.cores,
            "INFERENCE_PRECISION_HINT": "f32" if self.precision == "fp32" else "bf16",
            "CPU_RUNTIME_CACHE_CAPACITY": PREPARED,
        }
        if self.precision == "int8":
            from gft.graphs.nodes import GROUP

            settings["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = GROUP  # as the weights have it
        self._model = openvino.Core().compile_model(str(self.file), "CPU", settings)
        self._own = local()
        # OpenVINO's bindings look numpy up at the first tensor. Two threads that do so at once wait
        # for each other forever: one holds the interpreter's lock, the other the lookup.
        openvino.Tensor(np.zeros(1, np.float32)).data[:] = 0
        # What the graph calls an output may be called otherwise too, after what was computed last.
        return [next(iter(one.get_names() & NAMES)) for one in self._model.outputs]

    def _run(self, inputs: Mapping[str, Array]) -> list[Array]:
        if not hasattr(self._own, "request"):
            self._own.request = self._model.create_infer_request()
        found = self._own.request.infer(dict(inputs))
        return [found[number].copy() for number in range(len(self.outputs))]


RUNTIMES: Mapping[str, type[Runtime]] = {ONNX: OnnxRuntime, OPENVINO: OpenVino}


def _cores() -> int:
    """Return how many cores this process may use."""
    of_process = getattr(os, "sched_getaffinity", None)
    return len(of_process(0)) if of_process else os.cpu_count() or 1


def check_runtimes(wanted: Sequence[str]) -> None:
    """Raise `UserError` unless one of some runtimes is installed."""
    there = installed()
    if not any(name in there for name in wanted):
        raise UserError(
            f"a graph is run by {listed(PACKAGES[name] for name in wanted)}, and none is "
            f"installed: pip install 'gft[{wanted[0]}]'"
        )
