"""From a folder with a graph to what predicts with it."""

from __future__ import annotations

from pathlib import Path

from gft.covariates.effects import Effects
from gft.errors import UserError
from gft.graphs.files import GRAPHS, TOKENIZER, Guide
from gft.graphs.predictor import GraphPredictor
from gft.graphs.runtimes import RUNTIMES, Runtime
from gft.graphs.tokenizing import GraphTokenizer
from gft.graphs.vectors import GraphVectors
from gft.tasks.protocol import Task


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
    return GraphPredictor(
        task,
        GraphTokenizer(folder / TOKENIZER, guide.tokenizer),
        _runtime(folder, use, cores),
        max_length or guide.max_length,
        guide.known,
        effects,
        batch_size,
    )


def open_vectors(
    folder: Path, guide: Guide, use: tuple[str, str], cores: int | None = None
) -> GraphVectors:
    """Return what makes vectors with a graph. Raises what opening a runtime raises."""
    tokenizer = GraphTokenizer(folder / TOKENIZER, guide.tokenizer)
    return GraphVectors(tokenizer, _runtime(folder, use, cores))


def _runtime(folder: Path, use: tuple[str, str], cores: int | None) -> Runtime:
    runtime, precision = use
    file = folder / GRAPHS["int8" if precision == "int8" else "fp32"]
    return RUNTIMES[runtime](file, precision, cores)
