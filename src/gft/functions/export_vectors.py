"""`export` for vectors of texts: a graph of the encoder, compared with it by cosine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gft import notes
from gft.errors import GftError, UserError, counted
from gft.functions.apply import columns_read, head_of, loaded_model
from gft.functions.inputs import Chosen, chosen_split
from gft.graphs.choice import machine
from gft.graphs.files import GRAPHS, TOKENIZER, Guide
from gft.graphs.options import Exporting
from gft.graphs.runtimes import ONNX, OPENVINO, RUNTIMES, TORCH, installed
from gft.inputs.text import as_text, encode_texts
from gft.language.program import Program
from gft.metrics.protocol import Array
from gft.model.predictors import longest
from gft.opening import open_source
from gft.predict_only.embeddings import FeatureExtraction, vectors
from gft.predict_only.protocol import Applied
from gft.suppliers.protocol import ModelSource

if TYPE_CHECKING:
    from gft.inputs.features import Feature

MOST = 2000
"""Rows of a split that a graph is compared on."""
NO_LIMIT = 1 << 30


def made_vectors(program: Program, precision: str, folder: Path) -> dict[str, Any]:
    """Write the graph of an encoder with its guide and tokenizer; return what was found of it.

    Raises `UserError` where it is refused, and `GftError` where it is no graph of the model.
    """
    from gft.engine.precision import choose_precision
    from gft.graphs.comparison import ENOUGH
    from gft.graphs.making import write_graph
    from gft.graphs.tokenizing import settings_of, write_tokenizer

    source = open_source(program)
    head = head_of(FeatureExtraction, source)
    chosen = chosen_split(program)
    settings = settings_of(source.processor(), str(source.spec))
    exact = choose_precision("fp32", use_cpu=True)
    applied = loaded_model(FeatureExtraction, source, head, exact, program.options)
    made = write_graph(
        applied.model, head, settings.parts, precision == "int8", folder, str(source.spec)
    )
    write_tokenizer(applied.processor, folder / TOKENIZER)
    limit = longest(None, applied.processor, source.config, NO_LIMIT)
    name = {"name": FeatureExtraction.name}
    guide = Guide(name, None, applied.longest, limit, None, settings, {})
    features, data = _features(program, source, applied, chosen)
    found = _compared(applied, guide, folder, precision, features)
    found |= {"data": data, "rows": len(features) if chosen else 0}
    accepted = _accepted(found, precision, program)
    file = GRAPHS[precision]
    size = sum(path.stat().st_size for path in folder.glob(f"{file}*"))
    verdict = {"verified": found["rows"] >= ENOUGH and not accepted, "accepted": accepted}
    found = {"file": file, "bytes": size, "made": made, **found, **verdict}
    replace(guide, graphs={precision: found}).write(folder)
    return found


def _features(
    program: Program, source: ModelSource, applied: Applied, chosen: Chosen | None
) -> tuple[Sequence[Feature], str]:
    """Return what to compare on: rows of `--data`, or random tokens; and the data's name."""
    from gft.graphs.comparison import made_features

    if chosen is None:
        parts = tuple(applied.processor("a"))
        return made_features(parts, int(source.config["vocab_size"]), applied.longest), ""
    names = columns_read(FeatureExtraction, program, chosen.data)
    part = next(iter(chosen.rows.batches(list(names), MOST)))
    texts = [[as_text(cell) for cell in part[name]] for name in names]
    return encode_texts(applied.processor, texts, applied.longest).features, chosen.data.name


def _compared(
    applied: Applied, guide: Guide, folder: Path, precision: str, features: Sequence[Feature]
) -> dict[str, Any]:
    """Return how far the vectors of a graph are from the model's, in each runtime, and how fast."""
    from gft.graphs.comparison import SAME
    from gft.graphs.opening import open_vectors

    exact, speed = _timed(lambda: vectors(applied, features))
    found: dict[str, Any] = {"machine": machine(), "metrics": []}
    speeds = [_speed(TORCH, "fp32", speed, 1.0)]
    ways = {ONNX: (precision,), OPENVINO: ("fp32", "bf16") if precision == "fp32" else ("int8",)}
    for runtime in sorted(installed(), key=list(RUNTIMES).index):
        for one in ways[runtime]:
            graph = open_vectors(folder, guide, (runtime, one))
            ours, speed = _timed(lambda graph=graph: graph(features))  # type: ignore[misc]
            speeds.append(_speed(runtime, one, speed, _cosine(ours, exact)))
            if "largest_difference" not in found:
                gap = float(np.abs(ours - exact).max() / max(1.0, np.abs(exact).max()))
                found |= {"largest_difference": gap, "cosine": speeds[-1]["cosine"]}
                if precision == "fp32" and not gap <= SAME:
                    raise GftError(
                        f"the graph's vectors differ from the model's by {gap:.2g}, more than "
                        f"rounding ({SAME:g}): nothing was kept"
                    )
    if precision == "int8":  # What is used counts: the last runtime.
        found["cosine"] = speeds[-1]["cosine"]
    return {**found, "speeds": speeds}


def _speed(runtime: str, precision: str, speed: float, cosine: float) -> dict[str, Any]:
    from gft.graphs.comparison import AS_THE_MODEL

    return {
        "runtime": runtime,
        "precision": precision,
        "rows_per_second": round(speed, 1),
        "cosine": cosine,
        "as_the_model": cosine >= AS_THE_MODEL,
    }


def _timed(compute: Callable[[], Array]) -> tuple[Array, float]:
    """Return vectors, and how many a second."""
    started = time.perf_counter()
    found = compute()
    return found, len(found) / max(time.perf_counter() - started, 1e-9)


def _cosine(ours: Array, theirs: Array) -> float:
    """Return the mean cosine between the vectors of the same texts."""
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    return float(((ours * theirs).sum(axis=1) / np.where(lengths == 0, 1, lengths)).mean())


def _accepted(found: dict[str, Any], precision: str, program: Program) -> bool:
    """Return whether a graph in 8 bits is kept though it is not alike. Raises `UserError`."""
    from gft.graphs.comparison import ALIKE, ENOUGH

    if found["rows"] < ENOUGH:
        notes.note(
            f"the vectors were compared on {counted(found['rows'], 'row')}: fewer than {ENOUGH} "
            "rows are too few to verify them; --data names texts to compare on"
        )
    if found["cosine"] >= ALIKE:
        return False
    if precision == "int8" and program.options.of(Exporting).accept:
        return True
    raise UserError(
        f"the graph in {precision} is not kept: the mean cosine between its vectors and the "
        f"model's is {found['cosine']:.4f}, expected {ALIKE} or more; --accept keeps it"
    )
