"""Whether a graph answers as its model does: on made rows to rounding, on real ones by metrics."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft import notes
from gft.engine.options import Computing
from gft.errors import GftError, UserError, counted
from gft.functions.inputs import Chosen
from gft.functions.options import Folder
from gft.graphs.choice import IMPORTS, STARTS, machine
from gft.graphs.files import RECOMPUTATION, Guide
from gft.graphs.options import Exporting
from gft.graphs.runtimes import ONNX, OPENVINO, PACKAGES, TORCH, installed
from gft.language.program import Options
from gft.metrics.positive import about
from gft.metrics.table import choose_metrics, merit
from gft.model.opened import Opened, effects_of
from gft.model.predictors import net_predictor

if TYPE_CHECKING:
    from gft.data.table import Rows
    from gft.engine.inference import Predicting, Predictor
    from gft.graphs.comparison import Answered
    from gft.graphs.predictor import GraphPredictor

MOST = 2000
"""Rows of a split that a graph is compared on."""
WARM = 64
"""Rows that are predicted before the time counts."""


@dataclass(frozen=True)
class Candidate:
    """A graph in a folder, in a precision, beside its model in fp32; it is not kept yet.

    `fp32` is the folder of the model's graph in fp32, where there is one.
    """

    opened: Opened
    model: Predictor
    guide: Guide
    precision: str
    folder: Path
    options: Options
    fp32: Path | None = None

    def in_runtime(self, runtime: str, precision: str) -> GraphPredictor:
        """Return what predicts with the graph. Raises what `open_graph` does."""
        from gft.graphs.opening import open_graph

        effects, cores = effects_of(self.opened), self.options.of(Computing).cores
        use = (runtime, precision)
        return open_graph(self.folder, self.guide, self.model.task, use, effects, cores=cores)


def checked(graph: Candidate, chosen: Chosen | None) -> dict[str, Any]:
    """Compare a graph with its model; return what was found, as JSON.

    It answers as it will: where there is a graph in fp32, rows close to a tie are that one's.

    Raises `GftError` where one in fp32 is no graph of the model, and `UserError` where one in 8
    bits answers otherwise, or worse, and that is not accepted.
    """
    gap, of_model = _gaps(graph)
    if not of_model:
        graph = replace(graph, fp32=None)
    rows = None if chosen is None else _some(chosen.rows)
    found: dict[str, Any] = {
        "machine": machine(),
        "largest_difference": gap,
        "rows": 0 if rows is None else len(rows),
    }
    if chosen is not None and rows is not None:
        found |= {"data": chosen.data.name}
        found |= _on_rows(graph, rows)
    else:
        found |= {"speeds": [], "metrics": []}
    return found | _verdict(found, graph.precision, graph.options)


def _gaps(candidate: Candidate) -> tuple[float, bool]:
    """Return the largest difference of outputs for random tokens; whether `fp32` is the model's.

    Raises `GftError`.
    """
    import torch

    from gft.graphs.comparison import SAME, apart, made_features
    from gft.graphs.making import end_token

    task, placed, guide = candidate.model.task, candidate.model.placed, candidate.guide
    precision = candidate.precision
    config = placed.model.config
    features = made_features(
        guide.tokenizer.parts, int(config.vocab_size), guide.limit, end_token(config.to_dict())
    )
    with torch.inference_mode():
        theirs = task.run(placed.model, placed.batch(task, features))
    lengths = [len(feature["input_ids"]) for feature in features]

    def apart_from_model(graph: Candidate, precision: str) -> float:
        outputs = graph.in_runtime(ONNX, precision).outputs(features)
        return apart(outputs, theirs, task.head, lengths)

    gap = apart_from_model(candidate, precision)
    if precision == "fp32" and not gap <= SAME:
        raise GftError(
            f"the graph's outputs differ from the model's by {gap:.2g}, more than rounding "
            f"({SAME:g}): nothing was kept"
        )
    beside = candidate.fp32
    if beside is None or beside == candidate.folder:
        return gap, beside is not None
    try:
        return gap, apart_from_model(replace(candidate, folder=beside), "fp32") <= SAME
    except Exception:  # A graph of another model: other inputs, another number of labels.
        return gap, False


def _some(rows: Rows) -> Rows:
    import numpy as np

    return rows if len(rows) <= MOST else rows.select(np.arange(MOST))


def _on_rows(candidate: Candidate, rows: Rows) -> dict[str, Any]:
    from gft.graphs.comparison import AS_THE_MODEL, agreement, differences

    model, precision = candidate.model, candidate.precision
    exact = _answered(model, TORCH, "fp32", rows)
    ways = list(_ways(candidate, rows, exact))
    alike = [agreement(one.values, exact.values) for one in ways]
    usual = [one.share for one, way in zip(alike, ways, strict=True) if way.runtime == TORCH]
    enough = min([AS_THE_MODEL, *usual])
    speeds = [
        {
            "runtime": way.runtime,
            "precision": way.precision,
            "rows_per_second": round(way.rows_per_second, 1),
            **({} if way.start is None else {STARTS: round(way.start, 2)}),
            **one.saved(),
            "as_the_model": way.runtime == TORCH or one.share >= enough,
        }
        for way, one in zip((exact, *ways), (agreement(exact.values, exact.values), *alike),
                            strict=True)
    ]  # fmt: skip
    graphs = [n for n, way in enumerate(ways) if way.runtime != TORCH]
    # Of runtimes of 8 bits the one counts that is used; of fp32 they are the same but for rounding.
    used = graphs[-1] if precision == "int8" else graphs[0]
    measures: list[dict[str, Any]] = []
    golds = _golds(model, rows)
    if golds is not None:
        task = model.task
        metrics = about(choose_metrics((), task.metrics, task.target), task.about)
        known, values = golds
        ours, theirs = (_known(one, known) for one in (ways[used], exact))
        measures = differences(task, metrics, values, ours, theirs)
        best = merit(metrics, task.labels)
        for one in measures:
            one["greater_is_better"] = next(
                (measure.greater_is_better for metric in metrics
                 for measure in metric.measures(task.labels) if measure.name == one["name"]), True
            )  # fmt: skip
            one["figure_of_merit"] = one["name"] == best.name
    again = [
        {"runtime": way.runtime, "precision": way.precision, "margin": way.margin,
         "share": way.recomputed}
        for way in ways if way.margin is not None
    ]  # fmt: skip
    return {**alike[used].saved(), "metrics": measures, "speeds": speeds, RECOMPUTATION: again}


def _ways(candidate: Candidate, rows: Rows, exact: Answered) -> Iterator[Answered]:
    """Yield what the model answers in its usual precision, and the graph in each runtime.

    `exact` is what the model answers in fp32.
    """
    usual = net_predictor(candidate.opened, candidate.options.but(precision="auto"))
    if usual.placed.precision.name != "fp32":
        yield _answered(usual, TORCH, usual.placed.precision.name, rows)
    precision = candidate.precision
    possible: dict[str, tuple[str, ...]] = {ONNX: (precision,), OPENVINO: (precision,)}
    if precision == "fp32":
        possible[OPENVINO] = ("fp32", "bf16")
    for runtime in installed():
        for one in possible[runtime]:
            try:
                yield _of_graph(candidate, (runtime, one), rows, exact)
            except GftError as problem:
                notes.warn(f"{runtime} is left out: {problem}")


def _of_graph(candidate: Candidate, use: tuple[str, str], rows: Rows, exact: Answered) -> Answered:
    """Return what a graph answers, its rows close to a tie computed again in fp32.

    In lower precision it answers twice: the first time shows which rows are close.
    """
    from gft.graphs.comparison import close_margin
    from gft.graphs.opening import full_precision

    graph, start = _started(candidate, use, rows)
    alone = replace(_answered(graph, *use, rows), start=start)
    if use[1] == "fp32" or candidate.fp32 is None:
        return alone
    found = close_margin(graph.task, alone, exact)
    if found is None:
        return alone
    margin, share = found
    again = full_precision(candidate.fp32, margin, use[0], graph.runtime.cores)
    again.opened()  # before the time counts
    both = _answered(replace(graph, full_precision=again), *use, rows)
    return replace(both, margin=margin, recomputed=share, start=start)


def _started(
    candidate: Candidate, use: tuple[str, str], rows: Rows
) -> tuple[GraphPredictor, float]:
    """Return what predicts with a graph, and the seconds until it answers the first row.

    The runtime may be imported already, so what that takes is added as it usually is.
    """
    first = next(iter(rows.batches(candidate.model.task.inputs, 1)))
    import_module(PACKAGES[use[0]])
    started = time.perf_counter()
    graph = candidate.in_runtime(*use)
    graph.rows(first)
    return graph, IMPORTS[use[0]] + time.perf_counter() - started


def _answered(predictor: Predicting, runtime: str, precision: str, rows: Rows) -> Answered:
    """Return what a predictor answers to rows, and how fast, once it is warm."""
    from gft.engine.features import WINDOW
    from gft.engine.inference import joined
    from gft.graphs.comparison import Answered

    parts = list(rows.batches(predictor.task.inputs, WINDOW))
    predictor.rows({name: cells[:WARM] for name, cells in parts[0].items()})
    started = time.perf_counter()
    found = [predictor.rows(part) for part in parts]
    seconds = time.perf_counter() - started
    scores = [one.scores for one in found if one.scores is not None]
    return Answered(
        runtime,
        precision,
        joined([one.values for one in found]),
        joined(scores) if scores else None,
        len(rows) / max(seconds, 1e-9),
    )


def _golds(model: Predictor, rows: Rows) -> tuple[Any, Sequence[Any]] | None:
    """Return which rows have a gold value, and the values; None where there are none."""
    task = model.task
    if not all(name in rows.columns for name in task.gold_columns):
        return None
    try:
        golds = task.golds_of(rows)
    except (UserError, ValueError, KeyError):
        return None
    return (golds.known, golds.values) if len(golds.values) else None


def _known(answers: Answered, known: Any) -> Answered:
    """Return the answers to rows that have a gold value."""
    import numpy as np

    numbers = np.flatnonzero(known)

    def some(values: Any) -> Any:
        return values[numbers] if isinstance(values, np.ndarray) else [values[n] for n in numbers]

    scores = None if answers.scores is None else some(answers.scores)
    return replace(answers, values=some(answers.values), scores=scores)


def _verdict(found: dict[str, Any], precision: str, options: Options) -> dict[str, Any]:
    """Return whether the graph is `verified`, and whether it is kept though it is not good.

    Raises `UserError` where it is refused.
    """
    from gft.graphs.comparison import ALIKE, ENOUGH, is_worse

    measure = "equal_labels" if "equal_labels" in found else "correlation"
    share = float(found.get(measure, 1.0))
    worse = [
        one
        for one in found["metrics"]
        if one["figure_of_merit"] and is_worse(one, one["greater_is_better"])
    ]
    wrong = []
    if share < ALIKE and measure == "equal_labels":
        wrong.append(
            f"{share:.2%} of the labels agree with the model, expected {ALIKE:.1%} or more"
        )
    elif share < ALIKE:
        wrong.append(f"its correlation with the model is {share:.4f}, expected {ALIKE} or more")
    for one in worse:
        wrong.append(
            f"{one['name']} is significantly worse than the model's, by {abs(one['value']):.4f} "
            f"(95 % interval of the difference {one['low']:+.4f} to {one['high']:+.4f})"
        )
    few = found["rows"] < ENOUGH
    accepted = bool(wrong) and precision == "int8" and options.of(Exporting).accept
    if wrong and not accepted:
        hint = "; --accept keeps it" if precision == "int8" else ""
        raise UserError(
            f"the graph in {precision} is not kept: on {counted(found['rows'], 'row')} "
            f"{' and '.join(wrong)}{hint}"
        )
    if accepted:
        notes.note(f"the graph is kept although {' and '.join(wrong)}: --accept")
    if few:
        alone = options.of(Folder).output_dir is not None
        use = "" if alone else ", so it is used only with --runtime"
        notes.note(
            f"the graph was compared on {counted(found['rows'], 'row')}: fewer than {ENOUGH} rows "
            f"are too few to verify it{use}; --data names more rows"
        )
    return {"verified": not few and not wrong, "accepted": accepted}
