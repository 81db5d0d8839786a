"""From a folder with a graph to what predicts with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING

from gft import notes
from gft.covariates.effects import Effects
from gft.errors import UserError
from gft.graphs.files import GRAPHS, RECOMPUTATION, TOKENIZER, Guide
from gft.graphs.full_precision import FullPrecision
from gft.graphs.predictor import GraphPredictor
from gft.graphs.runtimes import ONNX, RUNTIMES, Runtime, installed
from gft.graphs.tokenizing import GraphTokenizer
from gft.tasks.protocol import Task

if TYPE_CHECKING:
    from gft.graphs.vectors import GraphVectors


def open_graph(
    folder: Path,
    guide: Guide,
    task: Task,
    use: tuple[str, str],
    effects: Effects | None = None,
    max_length: int | None = None,
    batch_size: int | None = None,
    cores: int | None = None,
) -> GraphPredictor:
    """Return what predicts the rows of a task with a graph in the folder `onnx` of a fit's.

    `use` is a runtime and its precision, `effects` what covariates add to the logits. Raises
    `UserError` if texts are to be longer than the model takes, and what opening a runtime raises.
    """
    if max_length is not None and max_length > guide.limit:
        raise UserError(f"--max_length {max_length}: the model takes at most {guide.limit} tokens")
    # The runtime holds no lock of Python's while it prepares the graph.
    with ThreadPoolExecutor(1) as beside:
        runtime = beside.submit(copy_context().run, _runtime, folder, use, cores)
        tokenizer = GraphTokenizer(folder / TOKENIZER, guide.tokenizer)
        return GraphPredictor(
            task,
            tokenizer,
            runtime.result(),
            max_length or guide.max_length,
            guide.known,
            effects,
            batch_size,
            _recorded(folder, guide, use, cores),
        )


def full_precision(
    folder: Path, margin: float, runtime: str, cores: int | None = None
) -> FullPrecision:
    """Return what computes rows with a smaller margin by the graph in fp32 in a folder.

    In ONNX Runtime where it is installed, which opens a graph sooner and in less memory; else in
    the `runtime` of other rows.
    """
    used = ONNX if ONNX in installed() else runtime
    return FullPrecision(margin, lambda: _runtime(folder, (used, "fp32"), cores))


def _recorded(
    folder: Path, guide: Guide, use: tuple[str, str], cores: int | None
) -> FullPrecision | None:
    """Return what the comparison with the model recorded for a runtime and precision, if it did."""
    graph = guide.graphs.get(_graph_in(use[1]), {})
    margins = [
        float(one["margin"])
        for one in graph.get(RECOMPUTATION, ())
        if (one["runtime"], one["precision"]) == use
    ]
    if not margins:
        return None
    if not (folder / GRAPHS["fp32"]).is_file():
        notes.warn(
            f"{folder / GRAPHS['fp32']} is missing: rows close to a tie are not computed again in "
            "fp32, so fewer labels are the model's"
        )
        return None
    return full_precision(folder, margins[0], use[0], cores)


def open_vectors(
    folder: Path, guide: Guide, use: tuple[str, str], cores: int | None = None
) -> GraphVectors:
    """Return what makes vectors with a graph. Raises what opening a runtime raises."""
    from gft.graphs.vectors import GraphVectors

    tokenizer = GraphTokenizer(folder / TOKENIZER, guide.tokenizer)
    return GraphVectors(tokenizer, _runtime(folder, use, cores))


def _runtime(folder: Path, use: tuple[str, str], cores: int | None) -> Runtime:
    runtime, precision = use
    return RUNTIMES[runtime](folder / GRAPHS[_graph_in(precision)], precision, cores)


def _graph_in(precision: str) -> str:
    """Return which of the graphs computes in a precision."""
    return "int8" if precision == "int8" else "fp32"
